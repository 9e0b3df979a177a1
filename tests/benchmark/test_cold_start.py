from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from bench.cold_start import ColdStartRecord, ColdStartRun, render_cold_and_warm, write_cold_start
from bench.records import save_record

from hf_lambda.emulator.worker import FunctionResult, Worker
from hf_lambda.errors import RENDER_FAILED
from tests.benchmark.figures import HERE

PLANNED = {"PlanS3Uri": "s3://b/renders/bench/plan", "PlanHash": "0f", "Format": "mp4"}


class AnsweringSandbox(Worker):
    """A sandbox that is cold once, and answers without any program."""

    def __init__(self, answer: Mapping[str, Any], *, is_error: bool = False) -> None:
        self.asked: list[dict[str, Any]] = []
        self._answer = answer
        self._is_error = is_error

    def invoke(self, payload: object) -> FunctionResult:
        """Remember what was asked."""
        assert isinstance(payload, dict)
        self.asked.append(payload)
        return FunctionResult(dict(self._answer), self._is_error, seconds=1.0, is_cold=len(self.asked) == 1)


def test_cold_sandbox_made_no_plan() -> None:
    """A sandbox that plans has unpacked Chromium already, so chunks go to another one, and are never found stored."""
    planner, renderer = AnsweringSandbox(PLANNED), AnsweringSandbox({"FramesEncoded": 60})
    cold, warm = render_cold_and_warm(planner, renderer, {"PlanOutputS3Prefix": "s3://b/renders/bench"})
    assert [asked["Action"] for asked in planner.asked] == ["plan"]
    assert [asked["Action"] for asked in renderer.asked] == ["render-chunk", "render-chunk"]
    assert (cold.is_cold, warm.is_cold) == (True, False)
    assert renderer.asked[0]["ChunkOutputS3Prefix"] != renderer.asked[1]["ChunkOutputS3Prefix"]


def test_invocation_that_fails_is_not_counted() -> None:
    """What the function says is told."""
    planner = AnsweringSandbox({"errorType": "INVALID_CONFIG"}, is_error=True)
    with pytest.raises(RENDER_FAILED, match="INVALID_CONFIG"):
        render_cold_and_warm(planner, AnsweringSandbox({}), {"PlanOutputS3Prefix": "s3://b/renders/bench"})


def test_section_has_cold_and_warm_by_vcpus(tmp_path: Path) -> None:
    """Medians by part, parts that there were none of as nothing, and by how much a new sandbox takes longer."""
    one = ColdStartRun(1, [{"Unpack": 1.5, "Total": total} for total in (6.0, 5.5, 9.0)], [{"Total": 3.5}])
    two = ColdStartRun(2, [{"Unpack": 0.75, "Total": 3.25}], [{"Total": 2.0}])
    assert write_cold_start(tmp_path) is None
    save_record(ColdStartRecord("title-card", 60, [one, two], HERE), tmp_path / "cold-start.json")
    section = str(write_cold_start(tmp_path))
    assert "| part | what | 1 vCPU, cold | warm | 2 vCPU, cold | warm |" in section
    assert "| Unpack | Chromium, ffmpeg and ffprobe to /tmp, side by side | 1.50 | 0.00 | 0.75 | 0.00 |" in section
    assert "| Total | as the caller sees it | 6.00 | 3.50 | 3.25 | 2.00 |" in section
    assert "longer by 2.50 s on 1, 1.25 s on 2 vCPUs." in section
    assert "medians of 3 runs" in section
