from dataclasses import replace
from pathlib import Path

from bench.qualities import QualitiesRecord, QualityRecord, write_qualities
from bench.records import save_record

from tests.benchmark.figures import a_run


def a_record(quality: str, case: str = "flat") -> QualityRecord:
    """A case at a quality in which the original takes three times as long."""
    return QualityRecord([a_run(4), a_run(5)], [a_run(12), a_run(15)], case, quality)


def test_section_has_the_ratios_of_each_quality(tmp_path: Path) -> None:
    """A row for each, with medians and ratios."""
    assert write_qualities(tmp_path) is None
    save_record(QualitiesRecord([a_record("draft")]), tmp_path / "qualities.json")
    row = "| flat | draft | ultrafast, 28 | 4.5 | 13.5 | **3.00** | 9.0 | 27.0 | **3.00** | 1.50 | 1.50 |"
    assert row in str(write_qualities(tmp_path))


def test_what_is_measured_anew_replaces_what_was() -> None:
    """Cases by name, the cheapest quality first."""
    record = QualitiesRecord([])
    for quality, case in (("high", "text"), ("draft", "text"), ("draft", "flat"), ("high", "text")):
        record = record.with_record(a_record(quality, case))
    again = replace(a_record("draft", "text"), ours=[a_run(1)])
    record = record.with_record(again)
    assert [(each.case, each.quality) for each in record.measured] == [
        ("flat", "draft"),
        ("text", "draft"),
        ("text", "high"),
    ]
    assert record.measured[1] == again
