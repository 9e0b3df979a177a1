from pathlib import Path

import numpy as np
import pytest

from hf_lambda.errors import ENCODER_FAILED
from hf_lambda.media.h264.holding import hold_pictures
from hf_lambda.toolchain import Toolchain
from tests.decoding import decode_yuv420p
from tests.unit.media.h264.conftest import MakeStream

SHOWN = [1, 3, 1, 1, 40, 2, 1, 300, 1, 17, 16, 5]
"""Longer and shorter than the sixteen that x264 counts to."""


@pytest.mark.parametrize(
    "params",
    [
        "subme=5",
        "subme=6",
        "subme=2:ref=3",
        "ref=16",
        "ref=1:weightp=0",
        "cabac=0:weightp=0",
        "cabac=0:ref=4",
        "qp=0",
        "crf=40",
        "8x8dct=0",
    ],
)
def test_each_picture_is_shown_as_long_as_it_should_be(
    toolchain: Toolchain, make_stream: MakeStream, tmp_path: Path, params: str
) -> None:
    """Frames that were added equal their picture to the last bit, and so do all pictures that come after them."""
    stream, output = make_stream(f"bframes=0:weightp=1:{params}"), tmp_path / "held.h264"
    assert hold_pictures(stream, output, SHOWN) == sum(SHOWN)
    pictures = decode_yuv420p(toolchain, stream, 64, 48)
    assert len(pictures) == len(SHOWN)
    assert np.array_equal(decode_yuv420p(toolchain, output, 64, 48), np.repeat(pictures, SHOWN, axis=0))


@pytest.mark.parametrize("size", [(16, 16), (1920, 1080), (3840, 2160)])
@pytest.mark.parametrize("params", ["weightp=1", "cabac=0:weightp=0"])
def test_every_size_can_be_held(
    toolchain: Toolchain, make_stream: MakeStream, tmp_path: Path, size: tuple[int, int], params: str
) -> None:
    """From one macroblock to 32,400, in a few dozen bytes a frame."""
    stream, output = make_stream(f"bframes=0:{params}", size=f"{size[0]}x{size[1]}", pictures=3), tmp_path / "h.h264"
    assert hold_pictures(stream, output, [4, 1, 20]) == 25
    pictures = decode_yuv420p(toolchain, stream, *size)
    assert np.array_equal(decode_yuv420p(toolchain, output, *size), np.repeat(pictures, [4, 1, 20], axis=0))
    assert output.stat().st_size - stream.stat().st_size < 22 * 300


def test_pictures_of_one_frame_each_stay_as_they_are(
    toolchain: Toolchain, make_stream: MakeStream, tmp_path: Path
) -> None:
    """Nothing is added, and each slice grows by the byte that its number got."""
    stream, output = make_stream("bframes=0:weightp=1"), tmp_path / "held.h264"
    assert hold_pictures(stream, output, [1] * len(SHOWN)) == len(SHOWN)
    assert np.array_equal(decode_yuv420p(toolchain, output, 64, 48), decode_yuv420p(toolchain, stream, 64, 48))
    assert abs(output.stat().st_size - stream.stat().st_size) < 3 * len(SHOWN)


def test_the_longest_segment_can_be_held(toolchain: Toolchain, make_stream: MakeStream, tmp_path: Path) -> None:
    """A chunk of 3600 frames may be one picture; numbers reach 4096."""
    stream, output = make_stream("bframes=0:weightp=1", pictures=2), tmp_path / "held.h264"
    assert hold_pictures(stream, output, [3599, 1]) == 3600
    pictures = decode_yuv420p(toolchain, stream, 64, 48)
    assert np.array_equal(decode_yuv420p(toolchain, output, 64, 48), np.repeat(pictures, [3599, 1], axis=0))


@pytest.mark.parametrize(
    ("params", "shown", "message"),
    [
        ("bframes=0:weightp=1", [1] * 11, "more than 11 pictures"),
        ("bframes=0:weightp=1", [1] * 13, "12 of 13 pictures"),
        ("bframes=0:weightp=1:keyint=6:min-keyint=6", SHOWN, "only key frame"),
        ("bframes=0:weightp=1:slices=2", SHOWN, "only key frame"),
        ("bframes=2", SHOWN, "reordered"),
    ],
)
def test_what_cannot_be_held_is_told(
    make_stream: MakeStream, tmp_path: Path, params: str, shown: list[int], message: str
) -> None:
    """Another stream than ours, or another number of pictures, is an error and no video with a fault in it."""
    with pytest.raises(ENCODER_FAILED, match=message):
        hold_pictures(make_stream(params), tmp_path / "held.h264", shown)


def test_references_by_number_are_told(make_stream: MakeStream, tmp_path: Path) -> None:
    """x264's finer weights list a reference twice, by its number."""
    fading = make_stream("bframes=0:weightp=2:ref=4", "-vf", "fade=out:0:12", "-preset", "slow")
    with pytest.raises(ENCODER_FAILED, match="in a way to which no frames"):
        hold_pictures(fading, tmp_path / "held.h264", SHOWN)


def test_a_stream_that_is_cut_off_is_told(make_stream: MakeStream, tmp_path: Path) -> None:
    """The head of a slice without the rest of it is no picture."""
    whole, cut = make_stream("bframes=0:weightp=1").read_bytes(), tmp_path / "cut.h264"
    cut.write_bytes(whole[: whole.rindex(b"\0\0\1") + 4])
    with pytest.raises(ENCODER_FAILED, match="cut off"):
        hold_pictures(cut, tmp_path / "held.h264", SHOWN)
