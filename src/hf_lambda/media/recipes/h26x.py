"""mp4: H.264 by x264, H.265 by x265."""

from hf_lambda.config import RenderConfig
from hf_lambda.media.picture_content import Content
from hf_lambda.media.recipes.recipe import BIT_EXACT, BT709_TAGS, EncoderRecipe, Filters, track_timescale

_CRF = {"draft": 28, "standard": 18, "high": 15}
_PRESETS = {
    "h264": {"draft": "ultrafast", "standard": "fast", "high": "slow"},
    "h265": {"draft": "ultrafast", "standard": "medium", "high": "slow"},
}
_LEAN: dict[Content, list[str]] = {
    # With preset fast: of pages' clean pixels as good per byte as preset medium for three quarters of its time, and
    # with two thirds of its memory, which costs time to be had. Less (subme=4), which looks at no colours, makes slow
    # movements of drawn things a third larger.
    "drawn": ["subme=5", "rc-lookahead=16"],
    # Gradients, which are dithered: without decisions by rate and distortion x264 codes their noise anew in each frame,
    # so files would be twice as large, and take longer. Shapes and words would take a sixth more time.
    "shaded": ["subme=6", "rc-lookahead=16"],
    # Natural pictures move in their brightness too: within 0.2 dB of medium per byte, for half of its time.
    "natural": ["subme=2", "ref=3", "rc-lookahead=16"],
}
_LONGEST_FRAMES = 16
"""x264 gives a picture more bits the longer it is shown. Told of as many frames as it looks ahead, it makes slides a
tenth larger than frame by frame, and 1.4 dB better; told of all, a fifth larger, and 3.1 dB."""
_JPEG_TO_VIDEO: Filters = [
    # JPEG is full-range BT.601; converted, not only relabelled, or pure colours shift by up to 40 codes.
    # The colorspace filter does it within 1 code for a tenth of the time of an equally exact scale filter.
    ("setparams", {"range": "pc", "colorspace": "smpte170m", "color_primaries": "bt709", "color_trc": "bt709"}),
    ("colorspace", {"all": "bt709", "range": "tv", "format": "yuv420p"}),
]
_PIXELS_TO_VIDEO: Filters = [
    # Chroma is the mean of four pixels (area), as in a JPEG; taken from all of them (full_chroma_inp) it is within
    # 1 code, and faster: swscale has vector code for that only.
    ("scale", {"out_color_matrix": "bt709", "out_range": "tv", "flags": "area+full_chroma_inp"}),
    ("format", {"pix_fmts": "yuv420p"}),
]


def preset_of(config: RenderConfig) -> str:
    """The preset of x264 or x265 that a configuration leads to."""
    return config.encoder_preset or _PRESETS[config.codec or "h264"][config.quality]


def h26x_recipe(config: RenderConfig, content: Content, *, is_raw: bool) -> EncoderRecipe:
    """The recipe of an mp4 with the configuration's codec and rate, from raw pixels or from JPEGs."""
    codec = config.codec or "h264"
    preset = preset_of(config)
    crf = _CRF[config.quality] if config.crf is None else config.crf
    rate = {"b:v": config.bitrate} if config.bitrate else {"crf": str(crf)}
    shaping = [] if preset == "ultrafast" else ["aq-mode=3", "aq-strength=0.8", "deblock=1,1"]
    colours = ["colorprim=bt709", "transfer=bt709", "colormatrix=bt709"]
    stream = ["scenecut=0", "open-gop=0", "repeat-headers=1"]
    is_lean = codec == "h264" and config.quality == "standard" and config.encoder_preset is None
    search = _LEAN[content] if is_lean else []
    # x264's finer weights call pictures by their number, which changes where frames are added; without them files are 0
    # to 2 % larger, and pictures 0.1 dB worse to 0.4 dB better.
    x264_only = [] if preset == "ultrafast" else ["weightp=1"]
    x265_only = [f"pools={config.encoder_threads}", "frame-threads=1", "info=0", "log-level=error"]
    return EncoderRecipe(
        suffix=".mp4",
        picture_codec="rawvideo" if is_raw else "mjpeg",
        filters=_PIXELS_TO_VIDEO if is_raw else _JPEG_TO_VIDEO,
        fills_gaps=codec == "h265",
        longest_frames=_LONGEST_FRAMES if codec == "h264" and not config.bitrate else None,
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
            **({"video_track_timescale": str(track_timescale(config.fps))} if codec == "h265" else {}),
            **BIT_EXACT,
        },
        length_options=["g"],
        params_option={"h264": "x264-params", "h265": "x265-params"}[codec],
        params=[*shaping, *colours, *stream, *search, *(x265_only if codec == "h265" else x264_only)],
    )
