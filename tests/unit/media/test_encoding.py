import json
from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hf_lambda.config import parse_config
from hf_lambda.deadline import Deadline
from hf_lambda.media.encoding import encoder_recipe, segment_command
from hf_lambda.media.probing import probe_video
from hf_lambda.media.recipes.recipe import EncoderRecipe
from hf_lambda.toolchain import Toolchain
from tests.decoding import decode_rgba
from tests.unit.media.conftest import PICTURES, decode, encode_segment, png

RED, GREEN, BLUE, GREY = (255, 0, 0), (0, 255, 0), (0, 0, 255), (128, 128, 128)
COLOURS = (RED, GREEN, BLUE, GREY, (255, 255, 255), (0, 0, 0))
EVERY_ENCODER: list[dict[str, Any]] = [
    {},
    {"is_raw": True},
    {"quality": "draft"},
    {"codec": "h265"},
    {"format": "webm"},
    {"format": "webm", "quality": "draft"},
    {"format": "webm", "bitrate": "1M"},
    {"format": "mov"},
]


def recipe(*, is_raw: bool = False, **config: Any) -> EncoderRecipe:
    """The recipe of a configuration, from raw pixels or from encoded pictures."""
    return encoder_recipe(parse_config(config), "pixels" if is_raw else "jpeg")


def encode(
    toolchain: Toolchain, output: Path, colours: Sequence[tuple[int, int, int]], *, fps: Fraction, **config: Any
) -> Path:
    """A segment of one picture for each colour."""
    made = recipe(**config)
    pictures = [PICTURES[made.picture_codec](colour) for colour in colours]
    return encode_segment(toolchain, made, output.with_suffix(made.suffix), pictures, fps=fps)


@pytest.mark.parametrize(
    ("container", "suffix", "picture"),
    [("mp4", ".mp4", "mjpeg"), ("webm", ".webm", "png"), ("mov", ".mov", "png"), ("png-sequence", ".tar", "png")],
)
def test_format_decides_files_and_pictures(container: str, suffix: str, picture: str) -> None:
    """Each format has its suffix; what carries alpha is fed with pictures that do."""
    made = recipe(format=container)
    assert (made.suffix, made.picture_codec) == (suffix, picture)


def test_opaque_formats_take_raw_pixels() -> None:
    """They skip the browser's JPEG and its colours."""
    assert recipe(is_raw=True).picture_codec == "rawvideo"
    assert recipe(is_raw=True).filters != recipe().filters


@pytest.mark.parametrize("config", [*EVERY_ENCODER, {"format": "png-sequence"}])
def test_recipe_survives_json(config: dict[str, Any]) -> None:
    """A recipe that was written and read is the same."""
    made = recipe(**config)
    assert EncoderRecipe.from_json(json.loads(json.dumps(made.to_json()))) == made


@pytest.mark.parametrize("is_raw", [True, False])
def test_command_says_how_many_frames_and_when(is_raw: bool) -> None:
    """A segment's length is its key frame distance and its limit, its rate is exact."""
    argv = segment_command(
        Path("/ffmpeg"),
        recipe(is_raw=is_raw, codec="h265"),
        fps=Fraction(30000, 1001),
        frame_count=61,
        output=Path("/out.mp4"),
    )
    pairs = dict(pairwise(argv))
    assert (pairs["-g"], pairs["-frames:v"], pairs["-r"]) == ("61", "61", "30000/1001")
    assert "fps=30000/1001" in pairs["-i" if is_raw else "-filter_complex"]
    assert {"keyint=61", "min-keyint=61"} <= set(pairs["-x265-params"].split(":"))
    assert "/out.mp4" in argv


@pytest.mark.parametrize("is_raw", [True, False])
def test_skipped_frames_are_left_out(is_raw: bool) -> None:
    """x264 is told when pictures come, in ticks of a frame, and is sent nothing between them."""
    argv = segment_command(
        Path("/ffmpeg"), recipe(is_raw=is_raw), fps=Fraction(30000, 1001), frame_count=61, output=Path("/out.h264")
    )
    pairs = dict(pairwise(argv))
    assert (pairs["-fps_mode:v"], pairs["-enc_time_base:v"]) == ("passthrough", "1001/30000")
    assert "-r" not in pairs
    assert not any("fps=fps" in part for part in argv)
    assert {"keyint=61", "fps=30000/1001"} <= set(pairs["-x264-params"].split(":"))


@pytest.mark.parametrize(
    ("config", "codec"),
    [
        ({"quality": "draft"}, "h264"),
        ({"quality": "high"}, "h264"),
        ({"codec": "h265", "quality": "draft"}, "hevc"),
        ({"codec": "h265"}, "hevc"),
        ({"is_raw": True}, "h264"),
        ({"is_raw": True, "codec": "h265"}, "hevc"),
        ({"format": "webm", "quality": "draft"}, "vp9"),
        ({"format": "webm"}, "vp9"),
        ({"format": "mov"}, "prores"),
    ],
)
@pytest.mark.parametrize("fps", [Fraction(30), Fraction(30000, 1001)])
def test_segment_has_its_frames_at_their_rate(
    toolchain: Toolchain, tmp_path: Path, config: dict[str, Any], codec: str, fps: Fraction
) -> None:
    """A real segment has each picture once, at the exact rate, for exactly its time, from 0 on."""
    path = encode(toolchain, tmp_path / "s", COLOURS, fps=fps, **config)
    facts = probe_video(toolchain.ffprobe, path, deadline=Deadline(60))
    assert (facts.codec, facts.width, facts.height) == (codec, 64, 48)
    assert (facts.frame_count, facts.fps, facts.average_fps) == (6, fps, fps)
    assert (facts.start_seconds, facts.has_audio, facts.has_alpha) == (0, False, "format" in config)
    assert facts.duration_seconds == pytest.approx(float(6 / fps), abs=0.001 if codec == "vp9" else 1e-5)


@pytest.mark.parametrize("config", [{}, {"is_raw": True}, {"codec": "h265"}, {"format": "webm"}, {"format": "mov"}])
def test_colours_come_back_as_they_were(toolchain: Toolchain, tmp_path: Path, config: dict[str, Any]) -> None:
    """Pure colours and grey survive encoding and decoding within a few codes, in their order."""
    rate = {} if config.get("format") == "mov" else {"crf": 1}
    path = encode(toolchain, tmp_path / "s", COLOURS, fps=Fraction(30), **config, **rate)
    decoded = decode(toolchain, path)
    assert len(decoded) == len(COLOURS)
    for actual, expected in zip(decoded, COLOURS, strict=True):
        assert max(abs(one - other) for one, other in zip(actual, expected, strict=True)) <= 4


@pytest.mark.parametrize(("config", "limit"), [({"format": "webm", "crf": 0}, 1), ({"format": "mov"}, 0)])
def test_every_alpha_comes_back(toolchain: Toolchain, tmp_path: Path, config: dict[str, Any], limit: int) -> None:
    """Each of the 256 alphas survives conversion and encoding, and the straight colours beside it do too."""
    picture = np.empty((128, 512, 4), np.uint8)
    picture[..., :3] = (200, 120, 40)
    picture[..., 3] = np.repeat(np.arange(256), 2)
    made = recipe(**config)
    path = encode_segment(toolchain, made, tmp_path / f"s{made.suffix}", [png(picture)] * 2, fps=Fraction(30))
    for frame in decode_rgba(toolchain, path, 512, 128):
        difference = np.abs(frame.astype(int) - picture)
        assert difference[..., 3].max() <= limit
        assert difference[..., :3].max() <= 3


@pytest.mark.parametrize("config", [{"format": "webm", "crf": 1}, {"format": "mov"}])
@pytest.mark.parametrize("alphas", [(None, 9, 90, None, None, 200, None), (77, None, None, 77), (None, None)])
def test_opaque_pictures_may_come_between(
    toolchain: Toolchain, tmp_path: Path, config: dict[str, Any], alphas: tuple[int | None, ...]
) -> None:
    """The browser leaves alpha out of opaque pictures; they may come first, last and among others."""
    made = recipe(**config)
    pictures = [png((200, 120, 40) if alpha is None else (200, 120, 40, alpha)) for alpha in alphas]
    path = encode_segment(toolchain, made, tmp_path / f"s{made.suffix}", pictures, fps=Fraction(30))
    middle = decode_rgba(toolchain, path, 64, 48)[:, 24, 32].astype(int)
    expected = [(200, 120, 40, 255 if alpha is None else alpha) for alpha in alphas]
    assert middle.shape == (len(alphas), 4)
    assert np.abs(middle - expected).max() <= 2


@pytest.mark.parametrize("config", EVERY_ENCODER)
def test_equal_pictures_give_equal_bytes(toolchain: Toolchain, tmp_path: Path, config: dict[str, Any]) -> None:
    """A retry of a segment writes the very same file, in every format."""
    files = [encode(toolchain, tmp_path / name, COLOURS, fps=Fraction(30), **config) for name in ("one", "other")]
    assert files[0].read_bytes() == files[1].read_bytes()
