"""The recipe of a configuration, and the ffmpeg command that follows it."""

from fractions import Fraction
from pathlib import Path
from typing import Literal

from hf_lambda.config import RenderConfig
from hf_lambda.media.commands import Input, build_command
from hf_lambda.media.picture_content import Content
from hf_lambda.media.recipes.h26x import h26x_recipe
from hf_lambda.media.recipes.prores import prores_recipe
from hf_lambda.media.recipes.recipe import EncoderRecipe
from hf_lambda.media.recipes.vp9 import vp9_recipe


def encoder_recipe(
    config: RenderConfig, pictures: Literal["pixels", "jpeg", "png"], content: Content = "drawn"
) -> EncoderRecipe:
    """The recipe for a configuration whose frames come as such pictures; formats with alpha take PNG only.

    A picture sequence needs no encoder, its pictures are kept as they come.
    """
    match config.format:
        case "mp4":
            return h26x_recipe(config, content, is_raw=pictures == "pixels")
        case "webm":
            return vp9_recipe(config)
        case "mov":
            return prores_recipe(config)
        case "png-sequence":
            return EncoderRecipe(suffix=".tar", picture_codec="png")


def segment_command(ffmpeg: Path, recipe: EncoderRecipe, *, fps: Fraction, frame_count: int, output: Path) -> list[str]:
    """The argv that encodes the pictures of `PictureStream` from stdin as one segment of `frame_count` frames."""
    rate = f"{fps.numerator}/{fps.denominator}"
    pictures = Input(
        "pipe:0",
        "v",
        {
            "f": "ivf",
            "c:v": recipe.picture_codec,
            # Begin with the first picture: by default ffmpeg first gathers 5 MB to guess from, a whole segment.
            "probesize": 32,
            "analyzeduration": 0,
            "thread_queue_size": 1,  # of the 8 that it would hold, each raw 1080p picture takes 8 MB
        },
    )
    keyframes = [f"keyint={frame_count}", f"min-keyint={frame_count}"]
    params = {recipe.params_option: ":".join([*recipe.params, *keyframes])} if recipe.params_option else {}
    return build_command(
        ffmpeg,
        [pictures],
        output,
        filters=[*recipe.filters, ("fps", {"fps": rate})] if recipe.fills_gaps else recipe.filters,
        keeps_alpha_aside=recipe.keeps_alpha_aside,
        output_options={
            **recipe.options,
            **{name: str(frame_count) for name in recipe.length_options},
            **params,
            "frames:v": str(frame_count),
            "r": rate,
        },
    )
