"""The recipe of a configuration, and the ffmpeg command that follows it."""

from fractions import Fraction
from pathlib import Path
from typing import Literal

from hf_lambda.config import RenderConfig
from hf_lambda.media.commands import Filter, Input, Options, build_command, source_graph
from hf_lambda.media.picture_content import Content
from hf_lambda.media.recipes.h26x import h26x_recipe
from hf_lambda.media.recipes.prores import prores_recipe
from hf_lambda.media.recipes.recipe import EncoderRecipe, Filters
from hf_lambda.media.recipes.vp9 import vp9_recipe

# Begin with the first picture: by default ffmpeg first gathers 5 MB to guess from, a whole segment.
_AT_ONCE = {"probesize": 32, "analyzeduration": 0}
# Read and converted in one go. As an input of its own, 8 raw pictures of 8 MB (at 1080p) would wait to be converted.
_PIXEL_SOURCE: Filter = (
    "movie",
    {"filename": "pipe:0", "f": "matroska", "format_opts": ":".join(f"{k}={v}" for k, v in _AT_ONCE.items())},
)


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
            return vp9_recipe(config, content)
        case "mov":
            return prores_recipe(config)
        case "png-sequence":
            return EncoderRecipe(suffix=".tar", picture_codec="png")


def segment_command(ffmpeg: Path, recipe: EncoderRecipe, *, fps: Fraction, frame_count: int, output: Path) -> list[str]:
    """The argv that encodes the pictures of `PictureStream` from stdin as one segment of `frame_count` frames."""
    rate = f"{fps.numerator}/{fps.denominator}"
    segment_params = [f"keyint={frame_count}", f"min-keyint={frame_count}"]
    if recipe.fills_gaps:
        # The last picture is shown for its own frame too, although nobody says when it ends.
        filling: Filters = [("fps", {"fps": rate, "eof_action": "pass"})]
        timing: Options = {"r": rate}
    else:
        # The encoder sees for how long each picture is shown: x264 gives more bits to what is looked at for longer.
        filling, timing = [], {"fps_mode:v": "passthrough", "enc_time_base:v": f"{fps.denominator}/{fps.numerator}"}
        segment_params.append(f"fps={rate}")
    filters = [*recipe.filters, *filling]
    if recipe.picture_codec == "rawvideo":
        source, given, filters = source_graph(_PIXEL_SOURCE, filters), {"f": "lavfi"}, []
    else:
        source, given = "pipe:0", {"f": "matroska", "c:v": recipe.picture_codec}
    pictures = Input(source, "v", {**given, **_AT_ONCE, "thread_queue_size": 1})  # by default 8 wait for their turn
    params = {recipe.params_option: ":".join([*recipe.params, *segment_params])} if recipe.params_option else {}
    return build_command(
        ffmpeg,
        [pictures],
        output,
        filters=filters,
        keeps_alpha_aside=recipe.keeps_alpha_aside,
        output_options={
            **recipe.options,
            **{name: str(frame_count) for name in recipe.length_options},
            **params,
            "frames:v": str(frame_count),
            **timing,
        },
    )
