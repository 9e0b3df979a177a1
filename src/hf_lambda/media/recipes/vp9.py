"""webm: VP9 with alpha, which lies beside the colours as a second stream of the same kind."""

from hf_lambda.config import RenderConfig
from hf_lambda.media.picture_content import Content
from hf_lambda.media.recipes.recipe import BIT_EXACT, BT709_TAGS, EncoderRecipe, rgb_to_bt709

_CRF = {"draft": 28, "standard": 18, "high": 15}
_SEARCH = {
    "draft": {"deadline": "realtime", "cpu-used": "8"},
    "standard": {"deadline": "good", "cpu-used": "4"},
    "high": {"deadline": "good", "cpu-used": "2"},
}
_DRAWN_SEARCH = {
    # The search made for calls, told that it sees a screen, finds as much of drawn things as the thorough one at speed
    # 4, for a third of its time: for the same size 0.6 dB less to 3.8 dB more. Photos would lose 0.9 dB.
    **_SEARCH,
    "draft": {"deadline": "realtime", "cpu-used": "8", "tune-content": "screen"},
    "standard": {"deadline": "realtime", "cpu-used": "5", "tune-content": "screen"},
}


def vp9_recipe(config: RenderConfig, content: Content) -> EncoderRecipe:
    """The recipe of a webm at the configuration's rate, for such pictures."""
    crf = _CRF[config.quality] if config.crf is None else config.crf
    rate = {"b:v": config.bitrate} if config.bitrate else {"b:v": "0", "crf": str(crf)}  # 0: by quality alone
    search = _SEARCH if content == "natural" else _DRAWN_SEARCH
    return EncoderRecipe(
        suffix=".webm",
        picture_codec="png",
        filters=rgb_to_bt709("yuv420p"),
        keeps_alpha_aside=True,  # the conversion of packed RGBA makes every alpha from 128 to 254 one too large
        options={
            "c:v": "libvpx-vp9",
            **search[config.quality],
            **rate,
            "threads": str(config.encoder_threads),
            "row-mt": "1",  # more threads than tile columns; its output does not depend on them
            "auto-alt-ref": "0",  # a hidden frame in one of the two streams would part colours and alpha
            "lag-in-frames": "0",  # only for such frames would it look ahead
            "pix_fmt": "yuva420p",
            **BT709_TAGS,
            "metadata:s:v:0": "alpha_mode=1",  # without it players show the colours only
            **BIT_EXACT,
        },
        length_options=["g", "keyint_min"],
    )
