from dataclasses import replace
from pathlib import Path

from bench.records import save_record
from bench.report import write_page

from tests.benchmark.figures import HERE, a_case, a_suite


def write(folder: Path) -> str:
    """The page of two cases."""
    save_record(a_suite(a_case("flat"), a_case("text")), folder / "suite.json")
    return write_page(folder).read_text("utf-8")


def test_page_shows_every_case(tmp_path: Path) -> None:
    """The tables hold medians, ratios, qualities, and the original's trials with what failed."""
    page = write(tmp_path / "measurements")
    for name in ("flat", "text"):
        assert f"| {name} | 4.0 | 12.0 | **3.00** | 8.0 | 24.0 | **3.00** | 500 | 500 | 1.50 | 1.50 | 100 | 0 |" in page
        assert f"| {name} | Flat shapes | 1920x1080 | 30 | 180 | 41.3 | 41.0 | 38.0 | 37.5 |" in page
        assert f"| {name} | 13.0 | 12.0 | 2 | beginframe, 2 workers |" in page


def test_setting_that_failed_is_named(tmp_path: Path) -> None:
    """Where the original fails with a setting that others can do, the table says so."""
    folder = tmp_path / "measurements"
    failing = replace(a_case("flat"), trial_seconds={"2": 12.0})
    save_record(a_suite(failing, a_case("text")), folder / "suite.json")
    assert "| flat | 12.0 | fails | 2 |" in write_page(folder).read_text("utf-8")


def test_machines_are_told_apart(tmp_path: Path) -> None:
    """Each case has the machine that it was measured on; those of fewer cases are named with theirs."""
    folder = tmp_path / "measurements"
    elsewhere = replace(a_case("glow"), provenance=replace(HERE, processor="another"))
    save_record(a_suite(a_case("flat"), elsewhere, a_case("text")), folder / "suite.json")
    assert "- **Machine**: 2 cores of a processor or 2 cores of another (glow), no GPU;" in write_page(
        folder
    ).read_text("utf-8")


def test_same_figures_give_the_same_bytes(tmp_path: Path) -> None:
    """Neither page nor plots change when they are written again."""
    written = []
    for folder in (tmp_path / "one" / "measurements", tmp_path / "other" / "measurements"):
        write(folder)
        written.append(
            [path.read_bytes() for path in sorted(folder.iterdir())] + [folder.with_suffix(".md").read_bytes()]
        )
    assert written[0] == written[1]
    assert len(written[0]) == 4


def test_parts_that_were_not_measured_are_left_out(tmp_path: Path) -> None:
    """Each part of the page has figures of its own; the others are there without it."""
    page = write_page(tmp_path / "measurements", [lambda _: None, lambda folder: f"## From {folder.name}"])
    assert page.read_text("utf-8").endswith("## From measurements\n")
    assert page == tmp_path / "measurements.md"
