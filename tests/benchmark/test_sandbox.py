from pathlib import Path

from bench.records import save_record
from bench.sandbox import SandboxRecord, SandboxRun, write_sandbox


def test_seconds_are_billed_at_the_memory_of_their_cores(tmp_path: Path) -> None:
    """Medians, and how many times as much the original would bill."""
    run = SandboxRun(2, cold=[9.0, 10.0, 30.0], warm=[8.0, 7.0, 8.0], original=[20.0, 16.0, 24.0])
    record = SandboxRecord("flat", 180, 1, [run])
    assert write_sandbox(tmp_path) is None
    save_record(record, tmp_path / "sandbox.json")
    section = str(write_sandbox(tmp_path))
    assert "| 2 | 3538 | 1 | 3 | 10.0 | 8.0 | 20.0 | 27.6 | 69.1 | **2.00** | **2.50** | 0.0006 |" in section
    save_record(SandboxRecord("flat", 1800, 8, [run]), tmp_path / "sandbox-long.json")
    assert "of 1800 frames" in str(write_sandbox(tmp_path))
