import pytest
from bench.command_line import add_cases, chosen_cases, measuring_parser
from bench.places import CORPUS, SUITE


def test_cases_are_chosen_by_name() -> None:
    """In the suite's own order; all of them where none is named."""
    assert [case.name for case in chosen_cases(SUITE, ["text", "flat"])] == ["flat", "text"]
    assert len(chosen_cases(SUITE, None)) == 16
    assert len(chosen_cases(CORPUS, None)) > 80


def test_name_that_there_is_not_ends_the_program() -> None:
    """A misspelt name would otherwise measure nothing, and say nothing."""
    with pytest.raises(SystemExit, match="there is no case flt"):
        chosen_cases(SUITE, ["flt", "text"])


@pytest.mark.parametrize("runs", ["0", "-1", "many"])
def test_number_of_runs_is_checked(runs: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing can be said of no runs."""
    with pytest.raises(SystemExit):
        measuring_parser("Measures.", runs=3, runs_of="of each").parse_args([f"--runs={runs}"])
    assert f"{runs} is not a number from 1 on" in capsys.readouterr().err


def test_defaults_measure_all_and_keep_the_figures_in_docs() -> None:
    """Without options a measurement is the one that the page shows."""
    parser = measuring_parser("Measures.", runs=3, runs_of="of each")
    add_cases(parser)
    arguments = parser.parse_args([])
    assert (arguments.runs, arguments.case, arguments.folder.name) == (3, None, "measurements")
