from pathlib import Path

from bench.assembling import Assembly
from bench.records import Run, save_record
from bench.startup import StartupRecord, write_startup

from tests.benchmark.figures import HERE


def a_run(wall_seconds: float, **parts: float) -> Run:
    """A run with as much CPU as wall clock."""
    return Run(wall_seconds, wall_seconds, 200_000_000, 5_000, parts)


def test_start_is_shown_beside_the_original(tmp_path: Path) -> None:
    """Medians of whole renders, the plan with its parts, the original's stages, and assembled chunks."""
    record = StartupRecord(
        frames=3,
        our_plan=[a_run(1.0), a_run(3.0), a_run(1.2)],
        original_plan=[a_run(0.5), a_run(0.6), a_run(0.7)],
        our_probed_plan=[a_run(1.1)],
        original_probed_plan=[a_run(2.5)],
        ours=[a_run(2.0, **{"Plan": 0.5, "Plan: Launch": 0.1})],
        original=[a_run(5.0, compile=0.3, probe=0.4, capture=2.0)],
        ours_cold=[a_run(4.0)],
        original_cold=[a_run(9.0)],
        assemblies={"tiny": Assembly(300, 300, 0.6, 0.5, {"Join": 0.2}, 400_000, 300_000, 0.01)},
        provenance=HERE,
    )
    assert write_startup(tmp_path) is None
    save_record(record, tmp_path / "startup.json")
    section = str(write_startup(tmp_path))
    assert "| plan alone, ours | 1.20 | 1.20 | 200 |" in section
    assert "| plan alone, the original | 0.60 | 0.60 | 200 |" in section
    assert "| plan alone, of a page that says no length, the original | 2.50 | 2.50 | 200 |" in section
    assert "| whole render, cold, ours | 4.00 | 4.00 | 200 |" in section
    assert "| whole render, cold, the original | 9.00 | 9.00 | 200 |" in section
    assert "our plan 0.50 s, of which Launch 0.10 s" in section
    assert "compile and probe together 0.70 s" in section
    assert "| tiny | 300 | 0.60 | 0.50 | 0.20 | 0.40 | 0.30 | 0.01 |" in section
