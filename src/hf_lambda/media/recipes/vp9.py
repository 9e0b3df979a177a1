"""webm: VP9 with alpha, which lies beside the colours as a second stream of the same kind."""

from hf_lambda.config import RenderConfig
from hf_lambda.media.recipes.recipe import BIT_EXACT, BT709_TAGS, EncoderRecipe, rgb_to_bt709

_CRF = {"draft": 28, "standard": 18, "high": 15}
_SPEED = {"draft": ("realtime", "8"), "standard": ("good", "4"), "high": ("good", "2")}


def vp9_recipe(config: RenderConfig) -> EncoderRecipe:
    """The recipe of a webm at the configuration's rate."""
    crf = _CRF[config.quality] if config.crf is None else config.crf
    rate = {"b:v": config.bitrate} if config.bitrate else {"b:v": "0", "crf": str(crf)}  # 0: by quality alone
    deadline, speed = _SPEED[config.quality]
    return EncoderRecipe(
        suffix=".webm",
        picture_codec="png",
        filters=rgb_to_bt709("yuv420p"),
        keeps_alpha_aside=True,  # the conversion of packed RGBA makes every alpha from 128 to 254 one too large
        options={
            "c:v": "libvpx-vp9",
            "deadline": deadline,
            "cpu-used": speed,
            **rate,
            "threads": str(config.encoder_threads),
            "row-mt": "1",  # more threads than tile columns; its output does not depend on them
            "auto-alt-ref": "0",  # a hidden frame in one of the two streams would part colours and alpha
            "pix_fmt": "yuva420p",
            **BT709_TAGS,
            "metadata:s:v:0": "alpha_mode=1",  # without it players show the colours only
            **BIT_EXACT,
        },
        length_options=["g", "keyint_min"],
    )
