from pathlib import Path

from bench.parity.speed import CorpusCase, CorpusRecord, write_corpus
from bench.records import save_record

from tests.benchmark.figures import HERE, a_run


def a_corpus_case(name: str, ours: list[float], original: list[float]) -> CorpusCase:
    """A case that takes both so long."""
    return CorpusCase([*map(a_run, ours)], [*map(a_run, original)], name, HERE)


def test_the_slowest_cases_are_named(tmp_path: Path) -> None:
    """The smallest ratio first, and what is slower than the original by name."""
    assert write_corpus(tmp_path) is None
    record = CorpusRecord([]).with_case(a_corpus_case("slow", [5.0, 4.0, 9.0], [4.0, 4.0, 4.0]))
    save_record(record.with_case(a_corpus_case("fast", [2.0], [6.0])), tmp_path / "corpus.json")
    section = str(write_corpus(tmp_path))
    assert "ours: 0.80 to 3.00, median 1.90" in section
    assert "Slower than the original: slow." in section
    assert section.index("| slow | 5.00 | 4.00 | **0.80** |") < section.index("| fast | 2.00 | 6.00 | **3.00** |")
