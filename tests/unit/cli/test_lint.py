import json
from pathlib import Path

import pytest

from hf_lambda.cli.lint import rules_markdown
from hf_lambda.cli.main import main
from hf_lambda.composition.lint.linting import rules_by_area
from tests.unit.composition.lint.projects import page, write


@pytest.fixture
def clean(tmp_path: Path) -> str:
    """A project without a finding."""
    return str(write(tmp_path / "clean", {"index.html": page("<p>a</p>")}))


@pytest.fixture
def faulty(tmp_path: Path) -> str:
    """A project with two findings."""
    return str(write(tmp_path / "faulty", {"index.html": page("<p>a</p>\n<i data-start='3s'></i>\n<img src='x.png'>")}))


@pytest.mark.parametrize("options", [[], ["--strict"]])
def test_clean_project_says_nothing(capsys: pytest.CaptureFixture[str], clean: str, options: list[str]) -> None:
    """Without findings there is no output, and the exit code is 0."""
    assert main(["lint", clean, *options]) == 0
    assert capsys.readouterr() == ("", "")


def test_findings_are_printed_by_rule_on_stderr(capsys: pytest.CaptureFixture[str], faulty: str) -> None:
    """Each rule that is broken is named with places, reason and cure, and stdout stays empty."""
    assert main(["lint", faulty]) == 0
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "warning: missing_local_file\n  index.html:3: x.png is not in the project\n" in captured.err
    assert 'warning: unknown_start_reference\n  index.html:2: data-start="3s"' in captured.err


def test_strict_fails_where_there_is_a_finding(faulty: str) -> None:
    """With --strict the exit code is 1."""
    assert main(["lint", faulty, "--strict"]) == 1


def test_json_is_for_programs(capsys: pytest.CaptureFixture[str], clean: str, faulty: str) -> None:
    """With --json stdout has the findings, or an empty list, and stderr nothing."""
    assert main(["lint", clean, "--json"]) == main(["lint", faulty, "--json"]) == 0
    captured = capsys.readouterr()
    assert captured.err == ""
    decoder = json.JSONDecoder()
    empty, end = decoder.raw_decode(captured.out)
    assert empty == []
    found = json.loads(captured.out[end:])
    assert [(item["File"], item["Line"], item["Code"]) for item in found] == [
        ("index.html", 2, "unknown_start_reference"),
        ("index.html", 3, "missing_local_file"),
    ]


def test_missing_project_is_an_error(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """A folder without an entry document fails and says so; no folder at all is wrong usage."""
    assert main(["lint", str(tmp_path)]) == 1
    assert "ENTRY_FILE_NOT_FOUND" in capsys.readouterr().err
    assert main(["lint"]) == 2


def test_markdown_has_a_row_for_each_rule() -> None:
    """Every rule is a row with three cells."""
    rows = [line for line in rules_markdown().splitlines() if line.startswith("| `")]
    assert [row.split("`")[1] for row in rows] == [rule.code for _, rules in rules_by_area() for rule in rules]
    assert {row.replace("\\|", "").count("|") for row in rows} == {4}
