from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from hf_lambda.config import parse_config
from hf_lambda.deadline import Deadline
from hf_lambda.errors import ENCODER_FAILED
from hf_lambda.media.containers import Container, open_container
from hf_lambda.media.encoding import encoder_recipe
from hf_lambda.media.probing import probe_packets, probe_video
from hf_lambda.toolchain import Toolchain
from tests.unit.media.conftest import PICTURES, SIZE, decode

LEVELS = (40, 40, *[200] * 50, 90, 90, 90, 120, *[160] * 20)
FPS = Fraction(30000, 1001)


def container(toolchain: Toolchain, pictures: Any, **config: Any) -> Container:
    """The container of an mp4."""
    recipe = encoder_recipe(parse_config(config), pictures)
    return open_container(recipe, SIZE, FPS, ffmpeg=toolchain.ffmpeg, ffprobe=toolchain.ffprobe)


def write(target: Container, path: Path, codec: str, *, frames: int = len(LEVELS)) -> Path:
    """A segment of `LEVELS`, each of them sent once."""
    with target.write_segment(path, range(frames), deadline=Deadline(60)) as writer:
        last = None
        for level in LEVELS:
            if level == last:
                writer.repeat()
            else:
                writer.write(memoryview(bytearray(PICTURES[codec]((level,) * 3))))
            last = level
        writer.end()
        writer.finish()
        assert writer.frames == len(LEVELS)
    return path


@pytest.mark.parametrize(
    "config",
    [
        {},
        {"quality": "draft"},
        {"quality": "high"},
        {"bitrate": "4M"},
        *[{"encoderPreset": preset} for preset in ("superfast", "veryfast", "medium", "slower", "veryslow")],
    ],
    ids=lambda config: "-".join(config.values()) or "standard",
)
@pytest.mark.parametrize(("pictures", "codec"), [("pixels", "rawvideo"), ("jpeg", "mjpeg")])
def test_each_picture_is_encoded_once_and_shown_until_the_next(
    toolchain: Toolchain, tmp_path: Path, config: dict[str, Any], pictures: str, codec: str
) -> None:
    """With every preset: all frames are there, in their order and at their rate, and nothing else is left."""
    target = container(toolchain, pictures, **config)
    segment, output = write(target, tmp_path / "segment.h264", codec), tmp_path / "chunk.mp4"
    assert list(tmp_path.iterdir()) == [segment]
    target.join([segment, segment], output, deadline=Deadline(60))
    facts = probe_video(toolchain.ffprobe, output, deadline=Deadline(60))
    assert (facts.frame_count, facts.fps, facts.average_fps) == (2 * len(LEVELS), FPS, FPS)
    packets = probe_packets(toolchain.ffprobe, output, deadline=Deadline(60))
    assert {packet.duration_seconds for packet in packets} == {1 / FPS}
    assert [round(red / 10) * 10 for red, _, _ in decode(toolchain, output)] == [*LEVELS, *LEVELS]


def test_equal_pictures_give_equal_bytes(toolchain: Toolchain, tmp_path: Path) -> None:
    """A retry writes the very same segment."""
    target = container(toolchain, "pixels")
    first, second = (write(target, tmp_path / f"{name}.h264", "rawvideo") for name in ("first", "second"))
    assert first.read_bytes() == second.read_bytes()


def test_a_picture_that_was_not_encoded_is_told(toolchain: Toolchain, tmp_path: Path) -> None:
    """x264 stops at the frames that it was told of; what is missing is not made up for."""
    with pytest.raises(ENCODER_FAILED, match="x264 wrote 3 of 6 pictures"):
        write(container(toolchain, "pixels"), tmp_path / "segment.h264", "rawvideo", frames=3)
