"""What stages share: where a page's files come from, how it is opened, and in what its pictures are kept."""

from collections.abc import Callable, Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

from hf_lambda.capture.page import PageSpec, no_pictures
from hf_lambda.capture.page_scripts import FONTS_PATH, RUNTIME_PATH, PageSettings
from hf_lambda.capture.server import PageServer, Resolve
from hf_lambda.capture.shutter import CaptureMode, PictureFormat
from hf_lambda.files import path_inside
from hf_lambda.media.containers import Container, open_container
from hf_lambda.plan.document import Plan
from hf_lambda.settings import Settings
from hf_lambda.toolchain import Toolchain


def site_resolver(find_in_site: Callable[[str], Path | None], toolchain: Toolchain) -> Resolve:
    """The runtime and the fonts from the toolchain, everything else from the site."""

    def resolve(path: str) -> Path | None:
        if path == RUNTIME_PATH:
            return toolchain.runtime
        if path.startswith(f"{FONTS_PATH}/"):
            name = path.removeprefix(f"{FONTS_PATH}/")
            fonts = (path_inside(folder, name) for folder in (toolchain.fonts_dir, *toolchain.extra_font_dirs))
            return next((font for font in fonts if font is not None and font.is_file()), None)
        return find_in_site(path)

    return resolve


def page_spec(
    server: PageServer,
    entry_file: str,
    *,
    width: int,
    height: int,
    picture: PictureFormat,
    fps: Fraction,
    variables: dict[str, Any],
    settings: Settings,
    capture_mode: CaptureMode,
    scale: int,
    video_pictures: Callable[[int], Mapping[str, str]] = no_pictures,
) -> PageSpec:
    """The page of a site that `server` has; `width` and `height` in CSS pixels."""
    return PageSpec(
        url=f"{server.origin}/{entry_file}",
        width=width,
        height=height,
        picture=picture,
        settings=PageSettings(fps, variables, settings.page_ready_seconds, picture.kind != "png"),
        video_pictures=video_pictures,
        capture_mode=capture_mode,
        scale=scale,
        is_fetching=server.is_fetching,
    )


def plan_page_spec(
    plan: Plan, server: PageServer, settings: Settings, video_pictures: Callable[[int], Mapping[str, str]]
) -> PageSpec:
    """The page of a plan, whose site `server` has."""
    return page_spec(
        server,
        plan.entry_file,
        width=plan.width // plan.scale,
        height=plan.height // plan.scale,
        picture=plan.picture,
        fps=plan.fps,
        variables=plan.variables,
        settings=settings,
        capture_mode=plan.capture_mode,
        scale=plan.scale,
        video_pictures=video_pictures,
    )


def plan_container(plan: Plan, toolchain: Toolchain) -> Container:
    """What segments, chunks and output of a plan are written, joined and read with."""
    return open_container(
        plan.recipe, (plan.width, plan.height), plan.fps, ffmpeg=toolchain.ffmpeg, ffprobe=toolchain.ffprobe
    )
