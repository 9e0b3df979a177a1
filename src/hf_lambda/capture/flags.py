"""Chromium's command line: each flag with its reason. The set is part of the picture, so plans record it."""

from collections.abc import Collection
from typing import Literal

WebglDriver = Literal["swiftshader", "mesa"]

BEGIN_FRAME = (
    "--enable-begin-frame-control",  # we say when a frame begins: one per seek, with its screenshot
    "--deterministic-mode",  # frames run through all stages at their own time, nothing is skipped
    "--run-all-compositor-stages-before-draw",  # a frame is complete before it is drawn
    "--enable-surface-synchronization",  # layers of one frame arrive together
)

WHOLE_FRAMES = (
    "--disable-new-content-rendering-timeout",  # never draw a stale frame because a new one is late
    "--disable-threaded-animation",  # animations advance with the main thread, not beside it
    "--disable-threaded-scrolling",  # as animations
    "--disable-partial-raster",  # a tile drawn in part differs at the edges from one drawn whole
    "--disable-checker-imaging",  # images are decoded before the frame, not painted in later
    "--disable-image-animation-resync",  # GIFs do not skip forward to catch up
)

TILES = (
    "--default-tile-width=1024",  # two by four tiles for 1080p instead of eight by five: what reaches over their …
    "--default-tile-height=272",  # … edges, as shadows and blurs do, is drawn once, not once for each
)
ONE_TILE = (
    "--default-tile-width=4096",  # for blurs that move: a tile may be as large as the picture, so what reaches far …
    "--default-tile-height=4096",  # … is never drawn twice, but all of it where anything moves
)

SWIFTSHADER = (
    "--use-angle=swiftshader",  # WebGL by Chromium's own driver in software: the same on every machine
    "--enable-unsafe-swiftshader",  # required for it since Chromium 120
)
MESA = (
    "--use-angle=vulkan",  # WebGL by Mesa's driver in software, in half the time; see webgl_driver.py
    "--disable_texture_storage=0",  # Chromium's way around a bug of such drivers leaves no WebGL 2
)

DRAWING = (
    "--use-gl=angle",  # WebGL through ANGLE, on one of the two above
    "--ignore-gpu-blocklist",  # which has all drivers in software
    "--disable-angle-features=supportsGraphicsPipelineLibrary,"  # a shader is compiled once, not in parts as well, …
    "warmUpPipelineCacheAtLink",  # … and by the draw that needs it
    "--disable-gpu-compositing",  # SwiftShader's compositor smears moving layers (crbug 535256667)
    "--num-raster-threads=1",  # more draw the same blurs and patterns again, each for itself; encoders have the cores
    "--font-render-hinting=none",  # glyph shapes do not depend on the machine's font settings
    "--disable-lcd-text",  # words have no coloured edges, so they may share a layer with what is behind (backdrops.js)
    "--force-color-profile=srgb",  # nor do colours on its display
    "--hide-scrollbars",  # a page taller than the picture shows none
    "--enable-features=CanvasDrawElement,"  # the runtime's canvas effects draw elements
    "NetworkServiceInProcess2",  # a process less to start, and 12 MB
)

PROCESS = (
    "--headless",
    "--no-sandbox",  # Lambda allows no user namespaces; the page runs in the tenant's own worker
    "--no-zygote",  # needs the sandbox's helpers
    "--disable-dev-shm-usage",  # Lambda has no /dev/shm; see shared_memory.py
    "--disable-breakpad",  # no crash reporter
    "--disable-extensions",
    "--disable-component-update",  # no traffic of the browser's own …
    "--disable-background-networking",  # … at any time
    "--disable-domain-reliability",
    "--disable-sync",
    "--disable-default-apps",
    "--no-first-run",
    "--no-pings",
    "--mute-audio",  # sound is mixed by ffmpeg, never played
    "--autoplay-policy=no-user-gesture-required",  # a suspended AudioContext would block the page
    "--disable-background-timer-throttling",  # a page that is not shown still runs
    "--disable-backgrounding-occluded-windows",
    "--disable-renderer-backgrounding",
    "--disable-background-media-suspend",
    "--disable-hang-monitor",  # a long frame is not a hang
    "--disable-ipc-flooding-protection",
    "--disable-popup-blocking",
    "--host-resolver-rules=MAP 169.254.169.254 ~NOTFOUND",  # no page reads the worker's credentials
    "--disable-features=AudioServiceOutOfProcess,IsolateOrigins,site-per-process,Translate,"
    "BackForwardCache,IntensiveWakeUpThrottling,PaintHolding",  # fewer processes; no late frames
)


def chromium_flags(
    *, takes_screenshots: bool = False, is_blurred: bool = False, webgl_driver: WebglDriver = "swiftshader"
) -> list[str]:
    """The flags that every browser of a plan is started with.

    One that takes screenshots draws on its own time; for pages full of moving blurs one draws in larger pieces.
    """
    begin_frame = () if takes_screenshots else BEGIN_FRAME
    tiles = ONE_TILE if is_blurred else TILES
    driver = MESA if webgl_driver == "mesa" else SWIFTSHADER
    return [*PROCESS, *DRAWING, *driver, *WHOLE_FRAMES, *tiles, *begin_frame]


def webgl_driver_of(flags: Collection[str]) -> WebglDriver:
    """Which driver a browser with these flags draws WebGL with."""
    return "mesa" if MESA[0] in flags else "swiftshader"
