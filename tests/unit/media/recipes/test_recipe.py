import json

import pytest

from hf_lambda.config import INTEGER_FPS, NTSC_FPS, parse_fps
from hf_lambda.media.recipes.recipe import EncoderRecipe, rgb_to_bt709, track_timescale


def test_recipe_survives_json() -> None:
    """A recipe that was written and read is the same."""
    made = EncoderRecipe(
        suffix=".x",
        picture_codec="png",
        filters=rgb_to_bt709("yuv420p"),
        keeps_alpha_aside=True,
        options={"threads": "2"},
        length_options=["g"],
        params_option="x-params",
        params=["a=1"],
    )
    assert EncoderRecipe.from_json(json.loads(json.dumps(made.to_json()))) == made


@pytest.mark.parametrize("fps", [*INTEGER_FPS, *NTSC_FPS])
def test_every_frame_time_is_a_whole_number_of_ticks(fps: int | str) -> None:
    """At every rate a frame lasts a whole number of the track's ticks."""
    rate = parse_fps(fps)
    assert (track_timescale(rate) / rate).denominator == 1


def test_conversion_ends_in_the_wanted_format() -> None:
    """The last filter gives the pixels that the encoder takes."""
    assert rgb_to_bt709("yuva444p10le")[-1] == ("format", {"pix_fmts": "yuva444p10le"})
