import json
from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from hf_lambda.config import INTEGER_FPS, NTSC_FPS, parse_config, parse_fps
from hf_lambda.deadline import Deadline
from hf_lambda.errors import FORMAT_NOT_SUPPORTED_IN_DISTRIBUTED
from hf_lambda.media.encoding import EncoderRecipe, encoder_recipe, segment_command, track_timescale
from hf_lambda.media.probing import probe_video
from hf_lambda.media.runner import FfmpegProcess
from hf_lambda.toolchain import Toolchain
from tests.unit.media.conftest import decode, jpeg

RED, GREEN, BLUE, GREY = (255, 0, 0), (0, 255, 0), (0, 0, 255), (128, 128, 128)
COLOURS = (RED, GREEN, BLUE, GREY, (255, 255, 255), (0, 0, 0))


def recipe(**config: Any) -> EncoderRecipe:
    """The recipe of a configuration."""
    return encoder_recipe(parse_config(config))


def encode(
    toolchain: Toolchain, output: Path, colours: Sequence[tuple[int, int, int]], *, fps: Fraction, **config: Any
) -> Path:
    """A segment of one picture for each colour."""
    argv = segment_command(toolchain.ffmpeg, recipe(**config), fps=fps, frame_count=len(colours), output=output)
    with FfmpegProcess(argv, deadline=Deadline(60), fed=True) as process:
        for colour in colours:
            process.write(jpeg(colour))
        process.finish()
    return output


@pytest.mark.parametrize(
    ("config", "preset", "crf"),
    [
        ({"quality": "draft"}, "ultrafast", "28"),
        ({}, "medium", "18"),
        ({"quality": "high"}, "slow", "15"),
        ({"quality": "high", "crf": 30}, "slow", "30"),
        ({"crf": 0}, "medium", "0"),
    ],
)
def test_quality_decides_preset_and_rate(config: dict[str, Any], preset: str, crf: str) -> None:
    """Each quality has its preset and rate factor; a given factor wins, 0 included."""
    options = recipe(**config).options
    assert (options["preset"], options["crf"]) == (preset, crf)
    assert "b:v" not in options


def test_bitrate_replaces_the_rate_factor() -> None:
    """With a bit rate there is no rate factor."""
    options = recipe(bitrate="8M").options
    assert options["b:v"] == "8M"
    assert "crf" not in options


@pytest.mark.parametrize(
    ("config", "encoder", "params_option"),
    [
        ({}, "libx264", "x264-params"),
        ({"codec": "h264"}, "libx264", "x264-params"),
        ({"codec": "h265"}, "libx265", "x265-params"),
    ],
)
def test_codec_decides_the_encoder(config: dict[str, Any], encoder: str, params_option: str) -> None:
    """Each codec has its encoder and that encoder's own parameters."""
    made = recipe(**config)
    assert (made.options["c:v"], made.params_option) == (encoder, params_option)


@pytest.mark.parametrize("codec", ["h264", "h265"])
def test_threads_are_pinned(codec: str) -> None:
    """The number of threads is the plan's, not the machine's."""
    made = recipe(codec=codec, encoderThreads=3)
    assert made.options["threads"] == "3"
    assert ("pools=3" in made.params) == (codec == "h265")


@pytest.mark.parametrize("codec", ["h264", "h265"])
@pytest.mark.parametrize("quality", ["draft", "standard", "high"])
def test_segment_is_one_closed_group(codec: str, quality: str) -> None:
    """Nothing in a recipe lets frames refer across a seam, or lets key frames fall elsewhere."""
    made = recipe(codec=codec, quality=quality)
    assert (made.options["bf"], made.options["sc_threshold"], made.options["pix_fmt"]) == ("0", "0", "yuv420p")
    assert {"scenecut=0", "open-gop=0", "repeat-headers=1"} <= set(made.params)


@pytest.mark.parametrize("container", ["mov", "webm", "png-sequence"])
def test_format_without_a_recipe_is_refused(container: str) -> None:
    """A format that cannot be rendered is refused by its name."""
    with pytest.raises(FORMAT_NOT_SUPPORTED_IN_DISTRIBUTED, match=container):
        recipe(format=container)


@pytest.mark.parametrize("config", [{}, {"codec": "h265", "quality": "draft", "bitrate": "1M"}])
def test_recipe_survives_json(config: dict[str, Any]) -> None:
    """A recipe that was written and read is the same."""
    made = recipe(**config)
    assert EncoderRecipe.from_json(json.loads(json.dumps(made.to_json()))) == made


@pytest.mark.parametrize("fps", [*INTEGER_FPS, *NTSC_FPS])
def test_every_frame_time_is_a_whole_number_of_ticks(fps: int | str) -> None:
    """At every rate a frame lasts a whole number of the track's ticks."""
    rate = parse_fps(fps)
    assert (track_timescale(rate) / rate).denominator == 1


def test_command_says_how_many_frames_and_when() -> None:
    """A segment's length is its key frame distance and its limit, its rate is exact."""
    argv = segment_command(
        Path("/ffmpeg"), recipe(), fps=Fraction(30000, 1001), frame_count=61, output=Path("/out.mp4")
    )
    pairs = dict(pairwise(argv))
    assert (pairs["-g"], pairs["-frames:v"], pairs["-r"]) == ("61", "61", "30000/1001")
    assert (pairs["-framerate"], pairs["-i"], pairs["-f"]) == ("30000/1001", "pipe:0", "image2pipe")
    assert {"keyint=61", "min-keyint=61"} <= set(pairs["-x264-params"].split(":"))
    assert "/out.mp4" in argv


@pytest.mark.parametrize(
    ("config", "codec"),
    [
        ({"quality": "draft"}, "h264"),
        ({"quality": "high"}, "h264"),
        ({"codec": "h265", "quality": "draft"}, "hevc"),
        ({"codec": "h265"}, "hevc"),
    ],
)
@pytest.mark.parametrize("fps", [Fraction(30), Fraction(30000, 1001)])
def test_segment_has_its_frames_at_their_rate(
    toolchain: Toolchain, tmp_path: Path, config: dict[str, Any], codec: str, fps: Fraction
) -> None:
    """A real segment has each picture once, at the exact rate, for exactly its time."""
    path = encode(toolchain, tmp_path / "s.mp4", COLOURS, fps=fps, **config)
    facts = probe_video(toolchain.ffprobe, path, deadline=Deadline(60))
    assert (facts.codec, facts.width, facts.height) == (codec, 64, 48)
    assert (facts.frame_count, facts.fps, facts.has_audio) == (6, fps, False)
    assert facts.duration_seconds == pytest.approx(float(6 / fps), abs=1e-5)


@pytest.mark.parametrize("codec", ["h264", "h265"])
def test_colours_come_back_as_they_were(toolchain: Toolchain, tmp_path: Path, codec: str) -> None:
    """Pure colours and grey survive encoding and decoding within a few codes, in their order."""
    path = encode(toolchain, tmp_path / "s.mp4", COLOURS, fps=Fraction(30), codec=codec, crf=1)
    decoded = decode(toolchain, path)
    assert len(decoded) == len(COLOURS)
    for actual, expected in zip(decoded, COLOURS, strict=True):
        assert max(abs(one - other) for one, other in zip(actual, expected, strict=True)) <= 4


def test_equal_pictures_give_equal_bytes(toolchain: Toolchain, tmp_path: Path) -> None:
    """A retry of a segment writes the very same file."""
    files = [encode(toolchain, tmp_path / f"{name}.mp4", COLOURS, fps=Fraction(30)) for name in ("one", "other")]
    assert files[0].read_bytes() == files[1].read_bytes()
