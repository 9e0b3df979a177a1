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
from hf_lambda.media.recipes.recipe import EncoderRecipe
from hf_lambda.toolchain import Toolchain
from tests.unit.media.conftest import PICTURES, SIZE, decode

LEVELS = (40, 40, *[200] * 50, 90, 90, 90, 120, *[160] * 20)
FPS = Fraction(30000, 1001)
PRESETS = ("superfast", "veryfast", "medium", "slower", "veryslow")
CASES: list[tuple[Any, dict[str, Any]]] = [
    *[
        (pictures, config)
        for pictures in ("pixels", "jpeg")
        for config in ({}, {"quality": "draft"}, {"quality": "high"}, {"bitrate": "4M"})
    ],
    *[("pixels", {"encoderPreset": preset}) for preset in PRESETS],
    *[("png", {"format": "webm", "quality": quality}) for quality in ("draft", "standard", "high")],
    ("png", {"format": "webm", "bitrate": "1M"}),
    ("png", {"format": "mov"}),
]


def recipe_of(pictures: Any, **config: Any) -> EncoderRecipe:
    """The recipe of a configuration."""
    return encoder_recipe(parse_config(config), pictures)


def container(toolchain: Toolchain, recipe: EncoderRecipe) -> Container:
    """Where a recipe's videos go."""
    return open_container(recipe, SIZE, FPS, ffmpeg=toolchain.ffmpeg, ffprobe=toolchain.ffprobe)


def write(target: Container, folder: Path, recipe: EncoderRecipe, *, frames: int = len(LEVELS)) -> Path:
    """A segment of `LEVELS`, each of them sent once."""
    path = folder / f"segment{recipe.segment_suffix}"
    with target.write_segment(path, range(frames), deadline=Deadline(60)) as writer:
        last = None
        for level in LEVELS:
            if level == last:
                writer.repeat()
            else:
                writer.write(memoryview(bytearray(PICTURES[recipe.picture_codec]((level,) * 3))))
            last = level
        writer.end()
        writer.finish()
        assert writer.frames == len(LEVELS)
    return path


@pytest.mark.parametrize(("pictures", "config"), CASES)
def test_each_picture_is_encoded_once_and_shown_until_the_next(
    toolchain: Toolchain, tmp_path: Path, pictures: str, config: dict[str, Any]
) -> None:
    """By every encoder: all frames are there, in their order and at their rate, and nothing else is left."""
    recipe = recipe_of(pictures, **config)
    target = container(toolchain, recipe)
    segment, output = write(target, tmp_path, recipe), tmp_path / f"chunk{recipe.suffix}"
    assert list(tmp_path.iterdir()) == [segment]
    target.join([segment, segment], output, deadline=Deadline(60))
    facts = probe_video(toolchain.ffprobe, output, deadline=Deadline(60))
    assert (facts.frame_count, facts.fps, facts.average_fps) == (2 * len(LEVELS), FPS, FPS)
    if recipe.suffix != ".webm":  # it counts milliseconds
        packets = probe_packets(toolchain.ffprobe, output, deadline=Deadline(60))
        assert {packet.duration_seconds for packet in packets} == {1 / FPS}
    assert [round(red / 10) * 10 for red, _, _ in decode(toolchain, output)] == [*LEVELS, *LEVELS]


@pytest.mark.parametrize(("pictures", "config"), CASES)
def test_equal_pictures_give_equal_bytes(
    toolchain: Toolchain, tmp_path: Path, pictures: str, config: dict[str, Any]
) -> None:
    """A retry writes the very same segment."""
    recipe = recipe_of(pictures, **config)
    folders = [tmp_path / name for name in ("first", "second")]
    for folder in folders:
        folder.mkdir()
    first, second = (write(container(toolchain, recipe), folder, recipe) for folder in folders)
    assert first.read_bytes() == second.read_bytes()


@pytest.mark.parametrize("pictures_and_config", [("pixels", {}), ("png", {"format": "webm"})])
def test_a_picture_that_was_not_encoded_is_told(
    toolchain: Toolchain, tmp_path: Path, pictures_and_config: tuple[str, dict[str, Any]]
) -> None:
    """ffmpeg stops at the frames that it was told of; what is missing is not made up for."""
    pictures, config = pictures_and_config
    recipe = recipe_of(pictures, **config)
    with pytest.raises(ENCODER_FAILED, match="wrote 3 of 6 pictures"):
        write(container(toolchain, recipe), tmp_path, recipe, frames=3)
