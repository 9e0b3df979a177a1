from typing import Any

import pytest

from hf_lambda.config import parse_config
from hf_lambda.media.picture_content import Content
from hf_lambda.media.recipes.h26x import h26x_recipe
from hf_lambda.media.recipes.recipe import EncoderRecipe


def recipe(content: Content = "drawn", **config: Any) -> EncoderRecipe:
    """The recipe of a configuration."""
    return h26x_recipe(parse_config(config), content, is_raw=True)


@pytest.mark.parametrize(
    ("config", "preset", "crf"),
    [
        ({"quality": "draft"}, "ultrafast", "28"),
        ({}, "fast", "18"),
        ({"codec": "h265"}, "medium", "18"),
        ({"encoderPreset": "medium"}, "medium", "18"),
        ({"quality": "high"}, "slow", "15"),
        ({"quality": "high", "crf": 30}, "slow", "30"),
        ({"crf": 0}, "fast", "0"),
    ],
)
def test_quality_decides_preset_and_rate(config: dict[str, Any], preset: str, crf: str) -> None:
    """Each quality has its preset and rate factor; a given factor wins, 0 included."""
    options = recipe(**config).options
    assert (options["preset"], options["crf"]) == (preset, crf)
    assert "b:v" not in options


def test_natural_pictures_and_shaded_ones_have_a_search_of_their_own() -> None:
    """Only where nothing else is asked for."""
    assert "subme=5" in recipe("drawn").params
    assert "subme=6" in recipe("shaded").params
    assert "subme=2" in recipe("natural").params
    for config in ({"codec": "h265"}, {"encoderPreset": "fast"}, {"quality": "high"}):
        assert recipe("natural", **config) == recipe("drawn", **config)


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
