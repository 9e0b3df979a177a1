from pathlib import Path

from bench.records import save_record
from bench.sandbox import SandboxRecord, SandboxRun, Usage, write_sandbox

from tests.benchmark.figures import HERE


def uses(*seconds: float, peak_bytes: int = 500_000_000) -> list[Usage]:
    """Renders that took so long, with one and a half times that CPU time."""
    return [Usage(each, 1.5 * each, peak_bytes) for each in seconds]


def test_seconds_are_billed_at_the_memory_of_their_cores(tmp_path: Path) -> None:
    """Medians, and how many times as much the original would bill, and used."""
    original = uses(20.0, 16.0, 24.0, peak_bytes=1_000_000_000)
    run = SandboxRun(2, cold=uses(9.0, 10.0, 30.0), warm=uses(8.0, 7.0, 8.0), original=original)
    record = SandboxRecord("flat", 180, 1, [run], HERE)
    assert write_sandbox(tmp_path) is None
    save_record(record, tmp_path / "sandbox.json")
    section = str(write_sandbox(tmp_path))
    assert "| 2 | 3538 | 1 | 3 | 10.0 | 8.0 | 20.0 | 27.6 | 69.1 | **2.00** | **2.50** | 0.0006 |" in section
    assert "| 180 | 2 | 12.0 | 30.0 | 500 | 1000 | 6.0 | 30.0 | **5.00** |" in section
    save_record(SandboxRecord("flat", 1800, 8, [run], HERE), tmp_path / "sandbox-long.json")
    section = str(write_sandbox(tmp_path))
    assert "of 1800 frames" in section
    assert "| 1800 | 2 | 12.0" in section
