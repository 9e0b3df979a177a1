from dataclasses import replace
from pathlib import Path

from bench.outputs import OutputRecord, OutputsRecord, write_outputs
from bench.records import save_record

from tests.benchmark.figures import HERE, a_run


def a_record(output: str, case: str = "flat") -> OutputRecord:
    """A case with an output of which the original takes three times as long."""
    return OutputRecord([a_run(4), a_run(5)], [a_run(12), a_run(15)], case, output, HERE)


def test_section_has_the_ratios_of_each_output(tmp_path: Path) -> None:
    """A row for each, with medians and ratios."""
    assert write_outputs(tmp_path) is None
    save_record(OutputsRecord([a_record("draft")]), tmp_path / "outputs.json")
    row = "| flat | draft | x264 ultrafast, CRF 28 | 4.5 | 13.5 | **3.00** | 9.0 | 27.0 | **3.00** | 1.50 | 1.50 |"
    assert row in str(write_outputs(tmp_path))


def test_what_is_measured_anew_replaces_what_was() -> None:
    """Cases by name, outputs in their own order."""
    record = OutputsRecord([])
    for output, case in (("mov", "text"), ("draft", "text"), ("draft", "flat"), ("mov", "text")):
        record = record.with_record(a_record(output, case))
    again = replace(a_record("draft", "text"), ours=[a_run(1)])
    record = record.with_record(again)
    assert [(each.case, each.output) for each in record.measured] == [
        ("flat", "draft"),
        ("text", "draft"),
        ("text", "mov"),
    ]
    assert record.measured[1] == again
