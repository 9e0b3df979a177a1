from dataclasses import replace
from pathlib import Path

import pytest
from bench.assembling import Assembly
from bench.cold_start import ColdStartRecord, ColdStartRun
from bench.records import Run, save_record
from bench.scaling import fit, write_scaling
from bench.startup import StartupRecord

from tests.benchmark.figures import HERE, a_case, a_suite


def a_short_run(wall_seconds: float, cpu_seconds: float) -> Run:
    """A run of the short page."""
    return Run(wall_seconds, cpu_seconds, 200_000_000, 5_000, {"Plan": 0.5})


STARTUP = StartupRecord(
    frames=3,
    our_plan=[a_short_run(1.0, 1.2)],
    original_plan=[a_short_run(0.6, 0.7)],
    our_probed_plan=[],
    original_probed_plan=[],
    ours=[a_short_run(2.0, 2.46)],
    original=[a_short_run(5.0, 6.0)],
    ours_cold=[],
    original_cold=[],
    assemblies={"tiny": Assembly(300, 300, 0.6, 0.5, {"Join": 0.2}, 400_000, 300_000, 0.01)},
    provenance=replace(HERE, revision="def5678"),
)
COLD_START = ColdStartRecord(
    "title-card",
    frames=60,
    runs=[ColdStartRun(1, [{"Total": 6.0}], [{"Total": 4.0}]), ColdStartRun(2, [{"Total": 3.25}], [{"Total": 2.0}])],
    provenance=HERE,
)


def test_frames_and_start_are_told_apart_by_two_renders() -> None:
    """A short and a long render give CPU of the start and of each frame; the plan is no part of a chunk."""
    fitted = fit([a_case("flat")], STARTUP, COLD_START)
    per_frame = (8 - 2.46) / (180 - 3)
    assert fitted.cpu[0].per_frame == pytest.approx(per_frame)
    assert fitted.pages[0].chunk.start == pytest.approx(2.46 - 3 * per_frame - 1.2)
    assert fitted.join_seconds == pytest.approx(0.002)


def test_new_sandboxes_cost_what_they_did_where_they_were_measured() -> None:
    """By their vCPUs; larger ones as much as the largest that was measured."""
    sandboxes = fit([a_case("flat")], STARTUP, COLD_START).sandboxes
    assert [(sandbox.vcpus, sandbox.cold_seconds) for sandbox in sandboxes] == [
        (1, 2.0),
        (2, 1.25),
        (4, 1.25),
        (6, 1.25),
    ]


def test_page_plans_each_video_for_each_size(tmp_path: Path) -> None:
    """Three videos at four sizes for each page, marked as a model; nothing without the figures it is fitted to."""
    save_record(a_suite(a_case("flat"), replace(a_case("text"), frames=90)), tmp_path / "suite.json")
    save_record(STARTUP, tmp_path / "startup.json")
    assert write_scaling(tmp_path) is None
    save_record(COLD_START, tmp_path / "cold-start.json")
    section = write_scaling(tmp_path)
    assert section is not None
    assert "measured at abc1234, def5678 on 2 cores of a processor: a line" in section
    assert "c = 2.00, 1.25, 1.25, 1.25 s for a new sandbox with 1, 2, 4, 6 vCPUs" in section
    assert section.count("| 2 hours |") == 8
    assert "| 1 minute | 2 | 3538 | 8 | 225 |" in section
