import math
import threading
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from hf_lambda.deadline import Deadline
from hf_lambda.errors import CHUNK_DEADLINE_EXCEEDED, MISSING_PLAN_ARTIFACT, RENDER_CANCELLED, VIDEO_EXTRACTION_FAILED
from hf_lambda.media.extraction import Extraction
from hf_lambda.media.probing import probe_media
from hf_lambda.media.source_frames import FrameRun, describe_source
from hf_lambda.toolchain import Toolchain
from tests.unit.doubles import write_program
from tests.unit.media.conftest import MakeClip

UNLIMITED = Deadline(math.inf)


@pytest.fixture
def run(toolchain: Toolchain, make_clip: MakeClip) -> FrameRun:
    """Frames 2 to 4 of a short clip."""
    clip = make_clip("a.mp4", "-c:v", "libx264")
    source = describe_source(probe_media(toolchain.ffprobe, clip, deadline=Deadline(10)))
    assert source is not None
    return FrameRun(source, 0, Fraction(30), 2, 5)


def test_frames_have_their_numbers(toolchain: Toolchain, make_clip: MakeClip, run: FrameRun, tmp_path: Path) -> None:
    """Each frame of the run is a file, and no other is written."""
    clip = make_clip("a.mp4", "-c:v", "libx264")
    extraction = Extraction(toolchain.ffmpeg, lambda: clip, run, tmp_path / "f", deadline=Deadline(10))
    extraction.work()
    files = [extraction.frame(number, UNLIMITED) for number in range(2, 5)]
    assert sorted((tmp_path / "f").iterdir()) == files
    assert [number in extraction for number in (1, 2, 4, 5)] == [False, True, True, False]


def test_frame_is_waited_for(toolchain: Toolchain, make_clip: MakeClip, run: FrameRun, tmp_path: Path) -> None:
    """A frame that is asked for before the work has begun arrives."""
    clip = make_clip("a.mp4", "-c:v", "libx264")
    extraction = Extraction(toolchain.ffmpeg, lambda: clip, run, tmp_path / "f", deadline=Deadline(10))
    worker = threading.Timer(0.05, extraction.work)
    worker.start()
    assert extraction.frame(3, UNLIMITED).is_file()
    worker.join()


def test_failure_names_what_ffmpeg_said(run: FrameRun, tmp_path: Path) -> None:
    """A broken tool or file is an error of the table, with its last words."""
    ffmpeg = write_program(tmp_path / "ffmpeg", "echo 'moov atom not found' >&2; exit 1")
    extraction = Extraction(ffmpeg, lambda: tmp_path / "a.mp4", run, tmp_path / "f", deadline=Deadline(10))
    extraction.work()
    with pytest.raises(VIDEO_EXTRACTION_FAILED, match="moov atom not found"):
        extraction.frame(2, UNLIMITED)


def test_frame_that_ffmpeg_left_out_is_missed(run: FrameRun, tmp_path: Path) -> None:
    """Success without the frame is no success."""
    ffmpeg = write_program(tmp_path / "ffmpeg", "exit 0")
    extraction = Extraction(ffmpeg, lambda: tmp_path / "a.mp4", run, tmp_path / "f", deadline=Deadline(10))
    extraction.work()
    with pytest.raises(VIDEO_EXTRACTION_FAILED, match="no frame 4"):
        extraction.frame(4, UNLIMITED)


def test_run_whose_first_frame_is_missing_is_decoded_from_farther_back(run: FrameRun, tmp_path: Path) -> None:
    """Where a seek ended behind it, the next one goes ten times as far back, and the last one to the beginning."""
    seeks, frame = tmp_path / "seeks", tmp_path / "f" / "00000600.jpg"
    find_seek = 'while [ $# -gt 0 ] && [ "$1" != -ss ]; do shift; done'
    ffmpeg = write_program(tmp_path / "ffmpeg", f"{find_seek}; echo $2 >> '{seeks}'; [ $# -gt 0 ] || touch '{frame}'")
    late = replace(run, start=600, stop=603)
    extraction = Extraction(ffmpeg, lambda: tmp_path / "a.mp4", late, tmp_path / "f", deadline=Deadline(10))
    extraction.work()
    assert extraction.frame(600, UNLIMITED) == frame
    assert seeks.read_text().splitlines() == ["19.000000", "10.000000", ""]


def test_file_that_cannot_be_fetched_is_the_cause(toolchain: Toolchain, run: FrameRun, tmp_path: Path) -> None:
    """An error of the fetch is the error of the frame."""

    def fetch() -> Path:
        raise MISSING_PLAN_ARTIFACT("the blob of a.mp4 is not in storage")

    extraction = Extraction(toolchain.ffmpeg, fetch, run, tmp_path / "f", deadline=Deadline(10))
    extraction.work()
    with pytest.raises(MISSING_PLAN_ARTIFACT):
        extraction.frame(2, UNLIMITED)


def test_failure_of_any_kind_is_told(toolchain: Toolchain, run: FrameRun, tmp_path: Path) -> None:
    """What no table foresees does not look like a video without frames."""

    def fetch() -> Path:
        raise RuntimeError("can't start new thread")

    extraction = Extraction(toolchain.ffmpeg, fetch, run, tmp_path / "f", deadline=Deadline(10))
    extraction.work()
    with pytest.raises(VIDEO_EXTRACTION_FAILED, match="can't start new thread"):
        extraction.frame(2, UNLIMITED)


def test_waiting_ends_with_its_own_deadline(run: FrameRun, tmp_path: Path) -> None:
    """Nobody waits longer than there is time, or than the lane that waits lives, while the extraction goes on."""
    extraction = Extraction(tmp_path / "ffmpeg", lambda: tmp_path, run, tmp_path / "f", deadline=Deadline(10))
    deadline = Deadline(0.05)
    with pytest.raises(CHUNK_DEADLINE_EXCEEDED):
        extraction.frame(2, deadline)
    deadline.cancel()
    with pytest.raises(RENDER_CANCELLED):
        extraction.frame(2, deadline)
