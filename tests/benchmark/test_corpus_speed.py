from pathlib import Path

from bench.parity.speed import CorpusRecord, write_corpus
from bench.records import Run, save_record


def a_run(wall_seconds: float) -> Run:
    """A run of half as much CPU."""
    return Run(wall_seconds, wall_seconds / 2, 0, 0, 0, {})


def test_the_slowest_cases_are_named(tmp_path: Path) -> None:
    """The smallest ratio first, and what is slower than the original by name."""
    record = CorpusRecord(
        {"fast": [a_run(2.0)], "slow": [a_run(5.0), a_run(4.0), a_run(9.0)]},
        {"fast": [a_run(6.0)], "slow": [a_run(4.0), a_run(4.0), a_run(4.0)]},
    )
    assert write_corpus(tmp_path) is None
    save_record(record, tmp_path / "corpus.json")
    section = str(write_corpus(tmp_path))
    assert "ours: 0.80 to 3.00, median 1.90" in section
    assert "Slower than the original: slow." in section
    assert section.index("| slow | 5.00 | 4.00 | 0.80 |") < section.index("| fast | 2.00 | 6.00 | 3.00 |")
