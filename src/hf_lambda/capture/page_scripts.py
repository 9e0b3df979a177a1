"""The scripts that run in a page before its own: virtual clock first, then what the renderer calls."""

import json
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from importlib.resources import files
from typing import Any

RUNTIME_PATH = "__hf_lambda__/runtime.js"
"""Where the page loads the HyperFrames runtime from, relative to its origin."""
FONTS_PATH = "__hf_lambda__/fonts"
"""Where the page loads bundled fonts from, relative to its origin."""

_NAMES = (
    "clock.js",  # Date, performance.now, requestAnimationFrame and randomness follow the seek
    "timers.js",
    "animations.js",
    "start.js",  # the runtime's globals, and ours with the settings
    "media_emulation.js",  # video and audio look loaded and never are
    "waiting.js",
    "seeking.js",
    "landmarks.js",  # moments that a page must not be sent past
    "media_keys.js",
    "video_frames.js",
    "animated_images.js",
    "style_rules.js",
    "loading.js",  # fonts, images, Lottie files
    "shaders.js",  # what the page draws with WebGL
    "refusals.js",
    "share.js",
    "backdrops.js",  # what lies still behind movement
    "ready.js",  # `ready`: called once
    "transparency.js",
    "briefly.js",
    "redraw.js",
    "layers.js",
    "snapping.js",
    "offsets.js",
    "transforms.js",
    "drift.js",
    "history.js",  # what of earlier frames must not be seen
    "unseen.js",  # frames that nobody sees, before the one that counts
    "media.js",  # `media`: called once, while the plan is made
    "sound.js",  # `audioGroups`, `volumes`: as `media`
    "frame.js",  # `frame`: called for every picture
)
"""Files of `capture/page/`, in order: each uses only those before it."""


@dataclass(frozen=True)
class PageSettings:
    """What a page needs to know: the seek grid, the composition's variables, how long to wait."""

    fps: Fraction
    variables: dict[str, Any]
    ready_seconds: float
    parts_backdrops: bool = False
    """Whether what lies behind movement gets a layer of its own, which rounds colours once more."""


def page_scripts(settings: PageSettings) -> list[str]:
    """The scripts, in the order in which they must run in each new document."""
    values = {
        "fps": float(settings.fps),
        "variables": settings.variables,
        "readyMs": int(settings.ready_seconds * 1000),
        "partsBackdrops": settings.parts_backdrops,
        "runtimePath": f"/{RUNTIME_PATH}",
    }
    return [page_script(name).replace("SETTINGS;", f"{json.dumps(values)};", 1) for name in _NAMES]


def page_scripts_source() -> str:
    """The scripts without settings, for the digest of what draws a page."""
    return "".join(page_script(name) for name in _NAMES)


@cache
def page_script(name: str) -> str:
    """The text of a file of `capture/page/`."""
    return files("hf_lambda.capture").joinpath("page", name).read_text("utf-8")
