from pathlib import Path

import pytest

from hf_lambda.composition.asset_paths import AssetPaths, is_local_reference, project_path


@pytest.fixture
def paths(tmp_path: Path) -> AssetPaths:
    """The rule for scenes/a.html, which has two files beside it."""
    (tmp_path / "scenes" / "img").mkdir(parents=True)
    (tmp_path / "scenes" / "near.png").touch()
    (tmp_path / "scenes" / "img" / "two words.png").touch()
    return AssetPaths(tmp_path, "scenes/a.html")


@pytest.mark.parametrize(
    ("url", "rewritten"),
    [
        ("near.png", "scenes/near.png"),
        ("./near.png?v=2#top", "scenes/near.png?v=2#top"),
        ("img/two%20words.png", "scenes/img/two%20words.png"),
        ("logo.png", "logo.png"),
        ("../logo.png", "logo.png"),
        ("../../../logo.png", "logo.png"),
        ("/near.png", "/near.png"),
        ("//host/near.png", "//host/near.png"),
        ("https://host/near.png", "https://host/near.png"),
        ("data:image/png;base64,AA", "data:image/png;base64,AA"),
        ("#near.png", "#near.png"),
        ("x" * 300, "x" * 300),
        ("", ""),
    ],
)
def test_url_leads_to_the_same_file_from_the_top(paths: AssetPaths, url: str, rewritten: str) -> None:
    """A file beside the sub-composition wins, other plain paths start at the top, and no path leaves the project."""
    assert paths.rewrite(url) == rewritten


def test_file_at_the_top_needs_no_rewriting(tmp_path: Path) -> None:
    """Beside a file at the top means at the top."""
    (tmp_path / "near.png").touch()
    assert AssetPaths(tmp_path, "a.html").rewrite("near.png") == "near.png"


@pytest.mark.parametrize("reference", ["a/b.html", "/a/b.html", "a/%62.html", "./a/x/../b.html?x#y", "../../a/b.html"])
def test_reference_is_read_from_the_top(reference: str) -> None:
    """Sub-compositions are found from the project's top, which no reference leaves."""
    assert project_path(reference) == "a/b.html"


@pytest.mark.parametrize(
    "reference", ["", " ", "https://host/a.html", "//host/a.html", "__SCENE__", "{{scene}}", "${scene}.html", "<<x>>"]
)
def test_placeholder_and_remote_file_are_not_local(reference: str) -> None:
    """What is no path yet, or of another server, is not looked for."""
    assert not is_local_reference(reference)
    assert is_local_reference("scenes/__a.html")
