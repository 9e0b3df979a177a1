"""Whole renders through the deployed definition: the zip, the runtime interface, S3 and both Maps."""

import subprocess
import sys
from pathlib import Path

import pytest

from hf_lambda.deploy.handler_zip import BuiltZip
from hf_lambda.settings import Settings
from hf_lambda.toolchain import Toolchain, locate_toolchain
from tests.emulator.runs import CHECKOUT, Runs, frame_digests
from tests.functional.projects import write_numbered_project
from tests.functional.renders import render
from tests.functional.webgl import WAVES, fragment_shader, write_webgl_project


@pytest.fixture(scope="session")
def toolchain() -> Toolchain:
    """The toolchain that `make setup` built."""
    return locate_toolchain(Settings.from_environment())


def test_video_is_the_one_that_a_laptop_makes(runs: Runs, tmp_path: Path, toolchain: Toolchain) -> None:
    """Every decoded frame of plan, Map and assemble equals the frame of the same render in one process."""
    project = write_numbered_project(tmp_path / "project", fps=30, duration=2)
    execution = runs.execute(runs.request(project, chunkSize=20))
    render(project, tmp_path / "laptop", Settings.from_environment(), chunkSize=20)
    frames = frame_digests(toolchain, runs.video(execution))
    assert frames == frame_digests(toolchain, tmp_path / "laptop" / "out.mp4")
    assert len(frames) == 60
    assert len(set(frames)) == 60
    assert execution.failures() == {}
    chunks = [entry.result.payload for entry in runs.emulated.pool.log if entry.payload["Action"] == "render-chunk"]
    assert sorted(chunk["ChunkIndex"] for chunk in chunks) == [0, 1, 2]
    parts = {"Fetch", "Unpack", "Launch", "PageReady", "Capture", "Encode", "Join", "Upload"}
    assert [set(chunk["Timings"]) for chunk in chunks] == [parts] * 3


def test_webgl_is_drawn_by_the_driver_of_the_zip(runs: Runs, tmp_path: Path, toolchain: Toolchain) -> None:
    """By Mesa, as on a laptop, which is not what SwiftShader draws."""
    if not toolchain.has_mesa:
        pytest.skip("this toolchain was built without Mesa")
    project = write_webgl_project(tmp_path / "project", fragment_shader(WAVES))
    execution = runs.execute(runs.request(project, chunkSize=5))
    frames = frame_digests(toolchain, runs.video(execution))
    for driver, is_equal in (("auto", True), ("swiftshader", False)):
        render(project, tmp_path / driver, Settings.from_environment(), chunkSize=5, webglDriver=driver)
        assert (frames == frame_digests(toolchain, tmp_path / driver / "out.mp4")) is is_equal


def test_more_chunks_than_an_inline_map_takes(runs: Runs, tmp_path: Path, toolchain: Toolchain) -> None:
    """With 41 chunks the Distributed Map renders them, and the video is whole."""
    project = write_numbered_project(tmp_path / "project", fps=30, duration=41 / 30)
    execution = runs.execute(runs.request(project, chunkSize=1, maxParallelChunks=50))
    assert len(set(frame_digests(toolchain, runs.video(execution)))) == 41
    states = {event.get("stateEnteredEventDetails", {}).get("name") for event in execution.history}
    assert "RenderManyChunks" in states
    assert "RenderChunks" not in states


@pytest.mark.parametrize("hole", [0, 1, 2])
def test_chunk_list_with_a_hole_is_refused(runs: Runs, tmp_path: Path, hole: int) -> None:
    """assemble takes every chunk of the plan or nothing, whichever is missing."""
    project = write_numbered_project(tmp_path / "project", fps=30, duration=0.1)
    plan = runs.plan(project, chunkSize=1)
    uris = [
        runs.invoke(
            Action="render-chunk",
            PlanS3Uri=plan["PlanS3Uri"],
            PlanHash=plan["PlanHash"],
            ChunkIndex=index,
            ChunkOutputS3Prefix=plan["PlanS3Uri"].rpartition("/")[0],
            Format="mp4",
        ).payload["ChunkS3Uri"]
        for index in plan["ChunkIndexes"]
    ]
    del uris[hole]
    result = runs.invoke(
        Action="assemble",
        PlanS3Uri=plan["PlanS3Uri"],
        PlanHash=plan["PlanHash"],
        ChunkS3Uris=uris,
        AudioS3Uri=None,
        OutputS3Uri=plan["PlanS3Uri"].replace("plan.tar.gz", "out.mp4"),
        Format="mp4",
    )
    assert result.is_error
    assert result.payload["errorType"] == "CHUNK_LIST_INVALID"


def test_example_by_the_command_line(built: BuiltZip, tmp_path: Path, toolchain: Toolchain) -> None:
    """`hf-lambda emulate` renders an example and says where the time went."""
    output = tmp_path / "explainer.mp4"
    argv = [
        *(sys.executable, "-m", "hf_lambda.cli.main", "emulate", str(CHECKOUT / "examples" / "explainer")),
        *("-o", str(output), "--zip", str(built.path), "--config", '{"chunkSize": 120, "quality": "draft"}'),
    ]
    done = subprocess.run(argv, capture_output=True, text=True, check=False, cwd=CHECKOUT)
    assert done.returncode == 0, done.stderr
    assert "SUCCEEDED after" in done.stdout
    assert len(frame_digests(toolchain, output)) >= 180
