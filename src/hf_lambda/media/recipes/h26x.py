"""mp4: H.264 by x264, H.265 by x265."""

from hf_lambda.config import RenderConfig
from hf_lambda.media.recipes.recipe import BIT_EXACT, BT709_TAGS, EncoderRecipe, Filters, track_timescale

_PRESETS = {"draft": ("ultrafast", 28), "standard": ("medium", 18), "high": ("slow", 15)}
_JPEG_TO_VIDEO: Filters = [
    # JPEG is full-range BT.601; converted, not only relabelled, or pure colours shift by up to 40 codes.
    # The colorspace filter does it within 1 code for a tenth of the time of an equally exact scale filter.
    ("setparams", {"range": "pc", "colorspace": "smpte170m", "color_primaries": "bt709", "color_trc": "bt709"}),
    ("colorspace", {"all": "bt709", "range": "tv", "format": "yuv420p"}),
]


def h26x_recipe(config: RenderConfig) -> EncoderRecipe:
    """The recipe of an mp4 with the configuration's codec and rate."""
    preset, table_crf = _PRESETS[config.quality]
    rate = {"b:v": config.bitrate} if config.bitrate else {"crf": str(table_crf if config.crf is None else config.crf)}
    codec = config.codec or "h264"
    shaping = [] if preset == "ultrafast" else ["aq-mode=3", "aq-strength=0.8", "deblock=1,1"]
    colours = ["colorprim=bt709", "transfer=bt709", "colormatrix=bt709"]
    stream = ["scenecut=0", "open-gop=0", "repeat-headers=1"]
    x265_only = [f"pools={config.encoder_threads}", "frame-threads=1", "info=0", "log-level=error"]
    return EncoderRecipe(
        suffix=".mp4",
        picture_codec="mjpeg",
        filters=_JPEG_TO_VIDEO,
        options={
            "c:v": {"h264": "libx264", "h265": "libx265"}[codec],
            **({"tag:v": "hvc1"} if codec == "h265" else {}),  # Apple players want it
            "preset": preset,
            **rate,
            "threads": str(config.encoder_threads),
            "bf": "0",  # no reordering: PTS equal DTS, and no frame refers across a seam
            "sc_threshold": "0",  # key frames only where we say
            "pix_fmt": "yuv420p",
            **BT709_TAGS,
            "video_track_timescale": str(track_timescale(config.fps)),
            **BIT_EXACT,
        },
        length_options=["g"],
        params_option={"h264": "x264-params", "h265": "x265-params"}[codec],
        params=[*shaping, *colours, *stream, *(x265_only if codec == "h265" else [])],
    )
