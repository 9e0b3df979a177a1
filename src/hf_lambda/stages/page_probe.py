"""Loads a compiled page once, as every worker will: its length, its media, and what of it will not render."""

from collections.abc import Collection, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial
from pathlib import Path

from hf_lambda.capture.blurs import is_mostly_blurred
from hf_lambda.capture.flags import WebglDriver
from hf_lambda.capture.glyphs import missing_glyphs
from hf_lambda.capture.media_elements import MediaElement
from hf_lambda.capture.page import Page, PageSpec
from hf_lambda.capture.page_report import PageReport
from hf_lambda.capture.pixel_memory import PIXEL_BYTES
from hf_lambda.capture.pool import BrowserPool
from hf_lambda.capture.server import PageServer
from hf_lambda.capture.shutter import CaptureMode, Picture, PictureFormat
from hf_lambda.capture.sound import SEEK_GRID
from hf_lambda.composition.compiling import CompiledSite
from hf_lambda.config import RenderConfig
from hf_lambda.errors import (
    BROWSER_CRASHED,
    BROWSER_GPU_NOT_SOFTWARE,
    BROWSER_UNAVAILABLE,
    DISTRIBUTED_DURATION_OUT_OF_RANGE,
    EMPTY_SCREENSHOT,
    SCRATCH_UNAVAILABLE,
)
from hf_lambda.invocation import Invocation
from hf_lambda.media.picture_content import Content, content_of, content_of_png, is_at_rest
from hf_lambda.plan.split import count_frames, split_frames
from hf_lambda.stages.capture_mode import (
    first_mode,
    first_that_works,
    flags_for,
    picture_format,
    probed_frames,
    refuse_or_warn,
)
from hf_lambda.stages.listening import Heard, listen
from hf_lambda.stages.media_facts import MediaProber, write_page_facts
from hf_lambda.stages.serving import page_spec, site_resolver
from hf_lambda.stages.timed_browser import timed_browser
from hf_lambda.stages.webgl_driver import drawing_driver, probing_driver, texts_of

_MISSING_FILES_NAMED = 40
_BY_WEIGHT: Sequence[Content] = ("natural", "shaded", "drawn")
_SLOWER = "Chromium's memory cannot be read here, so each frame is a screenshot: as right, at a third of the speed"
_WITHOUT_MESA = "Mesa does not work here, so SwiftShader draws WebGL: as right, at half the speed or less"


@dataclass(frozen=True)
class Probed:
    """What the page said: how its frames can be taken, how many there are, and everything about its media."""

    mode: CaptureMode
    total_frames: int
    fps: Fraction
    heard: Heard
    pictured: Content
    """What the frames probed show, which is not the pictures of source video."""
    is_blurred: bool
    """Whether most of the picture is blurred anew in each frame, which takes long to draw."""
    webgl_driver: WebglDriver
    """Who draws its WebGL."""
    read_files: Collection[str]
    """What the page loaded, by the paths of its site."""
    warnings: Sequence[str]

    @property
    def chromium_flags(self) -> tuple[str, ...]:
        """The flags of the browsers that take the page's frames."""
        return flags_for(self.mode, is_blurred=self.is_blurred, webgl_driver=self.webgl_driver)

    @property
    def duration(self) -> Fraction:
        """Length of the video in seconds."""
        return self.total_frames / self.fps

    @property
    def media(self) -> Sequence[MediaElement]:
        """The page's media elements."""
        return self.heard.elements

    @property
    def content(self) -> Content:
        """What most of the video's picture is."""
        shows_video = any(element.kind == "video" and not element.hidden for element in self.media)
        return "natural" if shows_video else self.pictured


@dataclass(frozen=True)
class PageProbe:
    """Probes one compiled site. `scale` is that of `PageSpec`."""

    site: CompiledSite
    config: RenderConfig
    scale: int
    media_prober: MediaProber
    invocation: Invocation
    browsers: BrowserPool

    def run(self) -> Probed:
        """Probe in the first capture mode that works, and without Mesa where that does not.

        Raises:
            PAGE_NOT_READY, PAGE_SCRIPT_ERROR, LIVE_MAP_NOT_SUPPORTED, WEBGPU_NOT_SUPPORTED: it cannot be rendered.
            DISTRIBUTED_DURATION_OUT_OF_RANGE: it has no length, or too long a one.
        """
        driver = probing_driver(texts_of(self.site.folder), self.config, self.invocation.toolchain)
        try:
            return self._probe_in_first_mode(driver)
        except (BROWSER_UNAVAILABLE, BROWSER_GPU_NOT_SOFTWARE, BROWSER_CRASHED, SCRATCH_UNAVAILABLE) as error:
            if driver == "swiftshader" or self.config.webgl_driver == "mesa":
                raise
            cause = error.cause
        probed = self._probe_in_first_mode("swiftshader")
        return replace(probed, warnings=[*probed.warnings, f"{_WITHOUT_MESA} ({cause})"])

    def _probe_in_first_mode(self, driver: WebglDriver) -> Probed:
        mode, probed = first_that_works(self.config, partial(self._probe, driver))
        if mode == "beginframe" and first_mode(self.config) == "framebuffer":
            return replace(probed, warnings=[*probed.warnings, _SLOWER])
        return probed

    def _probe(self, driver: WebglDriver, mode: CaptureMode) -> Probed:
        with ExitStack() as stack:
            server = stack.enter_context(PageServer(site_resolver(self._find, self.invocation.toolchain)))
            stack.enter_context(server.nothing_lost())
            flags = flags_for(mode, webgl_driver=driver)
            browser = stack.enter_context(timed_browser(self.browsers, flags, self.invocation))
            spec = self._spec(server, mode)

            def open_page(spec: PageSpec) -> Page:
                page = Page(browser, spec, deadline=self.invocation.deadline)
                with self.invocation.stopwatch.part("PageReady"):
                    page.load()
                return page

            page = open_page(spec)
            report = page.report
            report.warnings.extend(missing_glyphs(page))
            pictured, is_blurred = self._look_at(page, spec.picture)
            if self._has_work_for_two(report, is_blurred=is_blurred):
                flags = flags_for(mode, is_blurred=is_blurred, webgl_driver=driver)
                self.browsers.warm(flags, deadline=self.invocation.deadline)
            if mode != "screenshot" and page.shows_stream():  # which may not run yet
                raise EMPTY_SCREENSHOT("a video shows a live stream, which BeginFrame has no pictures of")
            refuse_or_warn(report, self.config.strictness)
            total_frames = count_frames(self._duration_seconds(report), self.config.fps)
            fine = replace(spec, settings=replace(spec.settings, fps=SEEK_GRID))
            duration = total_frames / self.config.fps
            heard = listen(page, lambda: open_page(fine), self.site.folder, duration)
            warnings = [*report.warnings, *self._missing_files(server), *report.script_errors]
            drawn_by = drawing_driver(page, driver, self.config)  # last, because it may cost the page its own contexts
            page.close()
            return Probed(
                mode=mode,
                total_frames=total_frames,
                fps=self.config.fps,
                heard=heard,
                pictured=pictured,
                is_blurred=is_blurred,
                webgl_driver=drawn_by,
                read_files=frozenset(server.served),
                warnings=warnings,
            )

    def _spec(self, server: PageServer, mode: CaptureMode) -> PageSpec:
        return page_spec(
            server,
            self.site.entry_file,
            width=self.site.root.width,
            height=self.site.root.height,
            picture=picture_format(self.config, mode),
            fps=self.config.fps,
            variables=self.config.variables,
            settings=self.invocation.settings,
            capture_mode=mode,
            scale=self.scale,
        )

    def _look_at(self, page: Page, taken_as: PictureFormat) -> tuple[Content, bool]:
        """What the frames probed show, and whether most of the picture is blurred anew in each frame."""
        frames = probed_frames(page.report.duration_seconds, self.config.fps)
        pictures = [page.capture(frame) for frame in frames]
        content, is_blurred = self._content(pictures, taken_as), is_mostly_blurred(page, frames[-1])
        if content == "shaded" and not self._is_at_rest(pictures[-1], page.capture(frames[-1] + 1)):
            content = "drawn"
        return content, is_blurred

    def _has_work_for_two(self, report: PageReport, *, is_blurred: bool) -> bool:
        with suppress(DISTRIBUTED_DURATION_OUT_OF_RANGE):  # refused later, after what the page itself did wrong
            frames = count_frames(self._duration_seconds(report), self.config.fps)
            chunks = split_frames(frames, self.config, is_blurred=is_blurred)
            return sum(len(chunk.segments) for chunk in chunks) > 1
        return False

    def _content(self, pictures: Sequence[Picture], taken_as: PictureFormat) -> Content:
        """Natural where a picture is, or else shaded where one is; not known of JPEGs."""
        height = self.site.root.height * self.scale

        def content(picture: Picture) -> Content:
            if isinstance(picture, memoryview):
                return content_of(picture, PIXEL_BYTES * self._width)
            return content_of_png(picture, self._width * height) if taken_as.kind == "png" else "drawn"

        found = {content(picture) for picture in pictures}
        return next((one for one in _BY_WEIGHT if one in found), "drawn")

    def _is_at_rest(self, picture: Picture, after: Picture) -> bool:
        """Whether gradients lie so still that their dithering is what would be encoded; not known of files."""
        return (
            isinstance(picture, memoryview)
            and isinstance(after, memoryview)
            and is_at_rest(picture, after, PIXEL_BYTES * self._width)
        )

    @property
    def _width(self) -> int:
        """Of a picture, in pixels."""
        return self.site.root.width * self.scale

    def _find(self, path: str) -> Path | None:
        file = self.site.folder / path
        return file if file.is_file() else write_page_facts(path, self.site.folder, self.media_prober)

    def _duration_seconds(self, report: PageReport) -> float:
        declared = self.site.root.duration_seconds or 0.0
        return declared if declared > 0 else report.duration_seconds

    def _missing_files(self, server: PageServer) -> list[str]:
        """Warnings of files that the page asked for in vain, but for those that compiling warned of already."""
        warnings = [f"not in the project: {path}" for path in dict.fromkeys(server.missing[:_MISSING_FILES_NAMED])]
        known = self.site.warnings
        return [warning for warning in warnings if not any(text.startswith(f"{warning},") for text in known)]
