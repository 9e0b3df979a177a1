"""Frames do not depend on how a render is split, or on how many browsers share the work."""

import dataclasses
import hashlib
import subprocess
from pathlib import Path

import pytest

from hf_lambda.deadline import Deadline
from hf_lambda.handler import browser_pool, handler
from hf_lambda.local.context import LocalContext
from hf_lambda.settings import Settings
from hf_lambda.storage.folder import folder_uri
from hf_lambda.toolchain import Toolchain
from tests.functional.conftest import EXAMPLES
from tests.functional.projects import write_numbered_project
from tests.functional.renders import FrameDigests, chunk_files, render

pytestmark = pytest.mark.browser


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.parametrize("example", ["title-card", "explainer", "data-story"])
def test_pictures_are_equal_for_every_chunk_size(example: str, tmp_path: Path, session_settings: Settings) -> None:
    """Chunks of 60, 15 and 240 frames hand the same pictures to the encoder, one by one, whatever it makes of them."""

    def pictures_of(size: int) -> list[str]:
        work = tmp_path / str(size)
        return render(EXAMPLES / example, work, session_settings, chunkSize=size, quality="draft").pictures

    pictures = {size: pictures_of(size) for size in (60, 15, 240)}
    assert len(pictures[60]) >= 180
    for size in (15, 240):
        differing = [
            frame for frame, pair in enumerate(zip(pictures[60], pictures[size], strict=True)) if len(set(pair)) > 1
        ]
        assert differing == [], f"chunks of {size}"


def test_chunks_are_equal_for_every_number_of_lanes(tmp_path: Path, session_settings: Settings) -> None:
    """One, two and three browsers render byte-identical chunk files."""
    digests = []
    for lanes in (1, 2, 3):
        settings = dataclasses.replace(session_settings, lanes=lanes)
        work = tmp_path / str(lanes)
        render(EXAMPLES / "title-card", work, settings, chunkSize=90, segmentFrames=30)
        browser_pool(settings).close()
        digests.append([_digest(path) for path in chunk_files(work)])
    assert len(digests[0]) == 3
    assert digests[0] == digests[1] == digests[2]


def test_a_lost_chunk_is_rendered_again_to_the_same_bytes(tmp_path: Path, session_settings: Settings) -> None:
    """A chunk that was deleted comes back with the same bytes; one that is still there is not rendered again."""
    project = write_numbered_project(tmp_path / "project", fps=30, duration=2)
    work = tmp_path / "work"
    summary = render(project, work, session_settings, chunkSize=30, segmentFrames=10).summary
    lost, kept = chunk_files(work)
    before = _digest(lost), _digest(kept)
    lost.unlink()
    observer = FrameDigests()
    results = [
        handler(
            {
                "Action": "render-chunk",
                "PlanS3Uri": summary.plan["PlanS3Uri"],
                "PlanHash": summary.plan["PlanHash"],
                "ChunkIndex": index,
                "ChunkOutputS3Prefix": folder_uri(work / "kept"),
                "Format": "mp4",
            },
            LocalContext(session_settings, Deadline(120), observer),
        )
        for index in (0, 1)
    ]
    assert (_digest(lost), _digest(kept)) == before
    assert sorted(observer.digests) == list(range(30))
    assert [result["Sha256"] for result in results] == list(before)
    assert [result["FramesEncoded"] for result in results] == [30, 30]


def test_chunks_concatenate_by_copy_and_decode_without_a_warning(
    tmp_path: Path, session_settings: Settings, toolchain: Toolchain
) -> None:
    """Chunk files join without encoding again, and decode to every frame without a word from ffmpeg."""
    project = write_numbered_project(tmp_path / "project", fps=30, duration=2)
    render(project, tmp_path / "work", session_settings, chunkSize=13, segmentFrames=5)
    listing = tmp_path / "list.txt"
    listing.write_text("".join(f"file '{path}'\n" for path in chunk_files(tmp_path / "work")))
    for source in (["-f", "concat", "-safe", "0", "-i", str(listing)], ["-i", str(tmp_path / "work" / "out.mp4")]):
        argv = [str(toolchain.ffmpeg), "-v", "warning", *source, "-fps_mode", "passthrough", "-f", "framemd5", "-"]
        done = subprocess.run(argv, capture_output=True, check=True, text=True)
        assert done.stderr == ""
        assert len([line for line in done.stdout.splitlines() if not line.startswith("#")]) == 60
