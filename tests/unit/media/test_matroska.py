import json
import subprocess
from fractions import Fraction
from pathlib import Path

import pytest

from hf_lambda.media.matroska import file_head, picture_head
from hf_lambda.toolchain import Toolchain
from tests.unit.media.conftest import PICTURES, SIZE, decode

COLOURS = {0: (250, 0, 0), 2: (0, 250, 0), 5: (0, 0, 250)}
"""By the frame that a picture is shown from."""


def write_file(path: Path, codec: str, fps: Fraction) -> Path:
    """A file of three pictures with gaps between them."""
    parts = [file_head(codec, SIZE, fps)]
    for frame, colour in COLOURS.items():
        picture = PICTURES[codec](colour)
        parts += [picture_head(frame, fps, len(picture)), picture]
    path.write_bytes(b"".join(parts))
    return path


@pytest.mark.parametrize("fps", [Fraction(24), Fraction(30000, 1001), Fraction(60)])
@pytest.mark.parametrize("codec", ["rawvideo", "mjpeg"])
def test_pictures_have_their_times(toolchain: Toolchain, tmp_path: Path, codec: str, fps: Fraction) -> None:
    """A reader finds size, kind and rate, and each picture less than a microsecond after its frame begins."""
    path = write_file(tmp_path / "pictures.mkv", codec, fps)
    argv = [toolchain.ffprobe, "-v", "error", "-show_streams", "-show_packets", "-of", "json", path]
    said = json.loads(subprocess.run([*map(str, argv)], capture_output=True, check=True).stdout)
    stream = said["streams"][0]
    assert (stream["codec_name"], stream["width"], stream["height"]) == (codec, *SIZE)
    times = [float(packet["pts_time"]) for packet in said["packets"]]
    late = [time - frame / fps for time, frame in zip(times, COLOURS, strict=True)]
    assert all(-1e-6 <= seconds < 1e-6 for seconds in late)


@pytest.mark.parametrize("codec", ["rawvideo", "mjpeg"])
def test_pictures_come_back(toolchain: Toolchain, tmp_path: Path, codec: str) -> None:
    """Plain pixels are read as they lie in Chromium's memory: blue, green, red."""
    path = write_file(tmp_path / "pictures.mkv", codec, Fraction(30))
    shown = decode(toolchain, path)
    assert {tuple(round(value / 50) * 50 for value in colour) for colour in shown} == set(COLOURS.values())


def test_long_videos_and_large_pictures_fit() -> None:
    """A day at 60 frames a second, and 8K, are numbers like any other."""
    head = picture_head(24 * 3600 * 60, Fraction(60), 7680 * 7680 * 4)
    assert (24 * 3600 * 10**9 + 1).to_bytes(8, "big") in head
