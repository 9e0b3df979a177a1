"""Extraction gives, from anywhere in a file, the very frames that the whole file has there."""

import json
import math
import subprocess
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from hf_lambda.deadline import Deadline
from hf_lambda.media.extraction import Extraction
from hf_lambda.media.probing import probe_media
from hf_lambda.media.source_frames import FrameRun, FrameSource, describe_source
from hf_lambda.toolchain import Toolchain
from tests.functional.source_videos import read_number, write_video

VARIABLE = "settb=1/90000,setpts='(N*3003+if(eq(mod(N\\,7)\\,3)\\,1400\\,0)+gt(N\\,60)*45000)'"
CASES = {
    "23.976": ("a.mp4", "24000/1001", "h264-b", "null", ()),
    "24": ("a.mp4", "24", "h264-b", "null", ()),
    "25": ("a.mp4", "25", "h264-b", "null", ()),
    "29.97": ("a.mov", "30000/1001", "h264-b", "null", ()),
    "50": ("a.mp4", "50", "h264", "null", ()),
    "60": ("a.mp4", "60", "hevc", "null", ()),
    "open gop": ("a.mp4", "25", "open-gop", "null", ()),
    "open gop in ts": ("a.ts", "25", "open-gop", "null", ()),
    "variable": ("a.mp4", "30", "h264-b", VARIABLE, ("-video_track_timescale", "90000")),
    "late start": ("a.mp4", "30", "h264-b", "setpts=PTS+0.4/TB", ()),
    "mpegts": ("a.ts", "30", "h264-b", "null", ("-muxdelay", "1.4")),
    "mpeg2": ("a.ts", "25", "mpeg2", "null", ()),
    "matroska": ("a.mkv", "60", "h264-b", "null", ()),
    "vp8": ("a.webm", "30", "vp8", "null", ()),
    "vp9": ("a.webm", "30", "vp9", "null", ()),
    "prores": ("a.mov", "25", "prores", "null", ()),
}


def frame_times(toolchain: Toolchain, path: Path) -> list[Fraction]:
    """When each frame of a file is shown, on the file's own clock."""
    argv = [
        *("env", "GCONV_PATH=/nonexistent"),  # or it crashes on transport streams
        *(str(toolchain.ffprobe), "-v", "error", "-of", "json", "-select_streams", "v:0"),
        *("-show_entries", "packet=pts:stream=time_base", str(path)),
    ]
    found = json.loads(subprocess.run(argv, capture_output=True, check=True).stdout)
    time_base = Fraction(found["streams"][0]["time_base"])
    return sorted(packet["pts"] * time_base for packet in found["packets"])


def describe(toolchain: Toolchain, path: Path) -> FrameSource:
    """The source that a file is."""
    source = describe_source(probe_media(toolchain.ffprobe, path, deadline=Deadline(10)))
    assert source is not None
    return source


def extract(toolchain: Toolchain, path: Path, run: FrameRun, folder: Path) -> list[Path]:
    """The files of the frames of a run."""
    extraction = Extraction(toolchain.ffmpeg, lambda: path, run, folder, deadline=Deadline(10))
    extraction.work()
    return [extraction.frame(number) for number in range(run.start, run.stop)]


def numbers(files: list[Path]) -> list[int]:
    """The numbers that frames carry."""
    return [read_number(np.asarray(Image.open(file).convert("RGB"))) for file in files]


@pytest.mark.parametrize("name", CASES)
def test_frames_are_those_of_the_whole_file(name: str, tmp_path: Path, toolchain: Toolchain) -> None:
    """Frame k is the last one before (k + 1/2) / fps after the trim point, wherever the extraction begins."""
    file, rate, encoder, filters, options = CASES[name]
    path = write_video(toolchain, tmp_path / file, 100, rate=rate, encoder=encoder, filters=filters, options=options)
    source = describe(toolchain, path)
    times = frame_times(toolchain, path)
    for fps, media_start, start in ((Fraction(30), 0.0, 0), (Fraction(30000, 1001), 0.37, 41), (Fraction(24), 1.0, 55)):
        run = FrameRun(source, media_start, fps, start, start + 9)
        trim = source.zero + Fraction(round(media_start * 1000), 1000)
        # The last frame is the one that the last slot shows; it is held.
        slots = math.floor((Fraction(source.length) - (trim - source.zero)) * fps + Fraction(1, 2))
        middles = [min(k, slots - 1) + Fraction(1, 2) for k in range(run.start, run.stop)]
        expected = [max(0, sum((time - trim) * fps < middle for time in times) - 1) for middle in middles]
        assert numbers(extract(toolchain, path, run, tmp_path / f"{start}")) == expected, (fps, media_start, start)
