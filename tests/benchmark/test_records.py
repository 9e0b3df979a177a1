from pathlib import Path

import pytest
from bench.records import SuiteRecord, load_record, median_parts, save_record

from tests.benchmark.figures import a_case, a_suite


def test_record_comes_back_as_it_was_saved(tmp_path: Path) -> None:
    """What was measured can be read again, and nothing is read where nothing was measured."""
    path = tmp_path / "new" / "suite.json"
    assert load_record(SuiteRecord, path) is None
    save_record(a_suite(a_case()), path)
    assert load_record(SuiteRecord, path) == SuiteRecord(a_suite().subject, "checked", [a_case()])


@pytest.mark.parametrize("text", ['{"cases": []}', '{"cases": [', ""])
def test_record_of_another_shape_is_left_out(text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What an older benchmark measured, or did not finish, is no reason to fail, but is said to be missing."""
    (tmp_path / "suite.json").write_text(text)
    assert load_record(SuiteRecord, tmp_path / "suite.json") is None
    assert "suite.json is of another time" in capsys.readouterr().err


def test_ratio_is_taken_pair_by_pair() -> None:
    """The ratio is the median of the pairs' ratios, not the ratio of the medians."""
    assert a_case().ratio(lambda run: run.wall_seconds) == 3
    assert a_case().medians(lambda run: run.wall_seconds) == (4, 12)


def test_parts_are_medians() -> None:
    """A part's time is the median of our runs."""
    assert median_parts(a_case().ours) == {"Plan": 1, "Capture": 5}


def test_case_measured_again_replaces_its_figures() -> None:
    """One case measured anew leaves the others' figures as they are, in the order of their names."""
    old, new = a_case("text"), a_case("flat")
    again = a_suite(old, a_case("still")).with_case(new).with_case(old)
    assert [case.name for case in again.cases] == ["flat", "still", "text"]
