from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from hf_lambda.config import parse_config
from hf_lambda.deadline import Deadline
from hf_lambda.media.containers import Container, open_container
from hf_lambda.media.encoding import encoder_recipe
from hf_lambda.toolchain import Toolchain
from tests.unit.media.conftest import jpeg, png

FPS = Fraction(30000, 1001)
CONFIGS: list[dict[str, Any]] = [
    {},
    {"codec": "h265"},
    {"format": "webm"},
    {"format": "mov"},
    {"format": "png-sequence"},
]


def container(toolchain: Toolchain, config: dict[str, Any]) -> Container:
    """The container of a configuration."""
    recipe = encoder_recipe(parse_config({"fps": "30000/1001", "quality": "draft", **config}), "jpeg")
    return open_container(recipe, (64, 48), FPS, ffmpeg=toolchain.ffmpeg, ffprobe=toolchain.ffprobe)


def write(target: Container, output: Path, frames: range, picture: bytes) -> Path:
    """A segment with the same picture for each of these frames."""
    with target.write_segment(output, frames, deadline=Deadline(60)) as writer:
        for _ in frames:
            writer.write(picture)
        writer.end()
        writer.finish()
        assert writer.frames == len(frames)
    return output


@pytest.mark.parametrize("config", CONFIGS, ids=lambda config: "-".join(config.values()) or "mp4")
def test_segments_become_chunks_become_the_output(toolchain: Toolchain, tmp_path: Path, config: dict[str, Any]) -> None:
    """In every format segments join to chunks and chunks to an output whose frames, rate and length are exact."""
    target = container(toolchain, config)
    picture = jpeg((9, 99, 199)) if "format" not in config else png((9, 99, 199, 77))
    recipe = encoder_recipe(parse_config(config), "jpeg")
    suffix = recipe.suffix
    segments = [
        write(target, tmp_path / f"s{start}{recipe.segment_suffix}", range(start, stop), picture)
        for start, stop in ((0, 3), (3, 4), (4, 8), (8, 13))
    ]
    chunks = [tmp_path / f"c{index}{suffix}" for index in (0, 1)]
    target.join(segments[:2], chunks[0], deadline=Deadline(60))
    target.join(segments[2:], chunks[1], deadline=Deadline(60))
    output = tmp_path / f"out{suffix}"
    target.join(chunks, output, deadline=Deadline(60))
    facts = target.inspect(output, deadline=Deadline(60))
    assert (facts.frame_count, facts.fps, facts.average_fps, facts.start_seconds) == (13, FPS, FPS, 0)
    assert facts.duration_seconds == pytest.approx(float(13 / FPS), abs=0.001)
    assert (facts.width, facts.height, facts.has_alpha) == (64, 48, "format" in config)
