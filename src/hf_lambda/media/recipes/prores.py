"""mov: ProRes 4444 with alpha. Every frame stands alone, at the profile's finest step; alpha is lossless."""

from hf_lambda.config import RenderConfig
from hf_lambda.media.recipes.recipe import BIT_EXACT, BT709_TAGS, EncoderRecipe, rgb_to_bt709


def prores_recipe(config: RenderConfig) -> EncoderRecipe:
    """The recipe of a mov; quality, crf and bitrate have no part in it."""
    return EncoderRecipe(
        suffix=".mov",
        picture_codec="png",
        filters=rgb_to_bt709("yuva444p10le"),
        options={
            "c:v": "prores_ks",
            "profile:v": "4444",
            # The finest step that the profile has. With alpha ffmpeg allows twenty times the profile's rate, so its
            # search for a step that keeps to it always ends here, after three times the time of all else.
            "q:v": "1",
            "vendor": "apl0",  # editors take files of other vendors for second-class
            "threads": str(config.encoder_threads),
            "pix_fmt": "yuva444p10le",
            **BT709_TAGS,
            **BIT_EXACT,
        },
    )
