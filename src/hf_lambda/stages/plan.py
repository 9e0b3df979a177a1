"""plan: a project archive becomes a plan that any worker can render any chunk of.

In: the project archive. Out: `plan.tar.gz` and blobs below the output prefix. Side effects: those uploads,
blobs first, so that a plan that can be read is complete. It renders nothing.
"""

import time
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path

from hf_lambda import __version__
from hf_lambda.capture.glyphs import missing_glyphs
from hf_lambda.capture.page import Page, PageReport
from hf_lambda.capture.page_scripts import FONTS_PATH, RUNTIME_PATH
from hf_lambda.capture.pool import BrowserPool
from hf_lambda.capture.server import PageServer
from hf_lambda.capture.shutter import CaptureMode, PictureFormat
from hf_lambda.composition.archive import unpack_project
from hf_lambda.composition.archive_limits import ProjectLimits
from hf_lambda.composition.compiling import CompiledSite, compile_project
from hf_lambda.composition.resources import RemoteAccess
from hf_lambda.config import RenderConfig, format_fps, parse_config
from hf_lambda.events import PlanFinding, PlanRequest, PlanResult
from hf_lambda.invocation import Invocation
from hf_lambda.media.encoding import encoder_recipe
from hf_lambda.media.recipes.recipe import EncoderRecipe
from hf_lambda.plan.document import Plan, tool_identities
from hf_lambda.plan.packing import PLAN_NAME, describe_files, upload_blobs, write_plan
from hf_lambda.plan.resolution import OutputSize, output_size
from hf_lambda.plan.split import count_frames, split_frames
from hf_lambda.stages.capture_mode import first_that_works, flags_for, probed_frames, refuse_or_warn
from hf_lambda.stages.listening import Heard, effect_warnings, listen
from hf_lambda.stages.media_facts import MediaProber
from hf_lambda.stages.serving import page_spec, site_resolver
from hf_lambda.stages.sound import Sound, SoundMaker
from hf_lambda.stages.sound_delivery import store_sound
from hf_lambda.storage.base import Storage, join_uri

_MISSING_FILES_NAMED = 40
_FINDINGS_NAMED = 100
_PICTURE_QUALITY = {"draft": 80, "standard": 95, "high": 97}


def run(request: PlanRequest, invocation: Invocation, storage: Storage, browsers: BrowserPool) -> PlanResult:
    """Compile, probe, split, freeze and store; see the module."""
    started = time.monotonic()
    config = parse_config(request.config)
    recipe = encoder_recipe(config)
    invocation.observer.stage_started("compile")
    site = _compile(request, config, invocation, storage)
    size = output_size(config, site.root.width, site.root.height)
    invocation.observer.stage_started("probe")
    mode, (report, heard) = first_that_works(
        config.capture_mode, lambda mode: _probe(site, config, size, mode, invocation, browsers)
    )
    maker = SoundMaker(site.folder, MediaProber(invocation), invocation, is_strict=config.strictness == "strict")
    sound = maker.make(heard, config.format, _count_frames(site, config, report) / config.fps)
    invocation.observer.stage_started("store")
    plan = _freeze(site, config, recipe, size, mode, report, sound, invocation)
    findings = site.findings[:_FINDINGS_NAMED]
    audio_uri = store_sound(sound, request.plan_output_s3_prefix, storage)
    plan_uri = _store(plan, site, request.plan_output_s3_prefix, invocation, storage)
    return PlanResult(
        plan_s3_uri=plan_uri,
        plan_hash=plan.hash(),
        chunk_count=len(plan.chunks),
        chunk_indexes=list(range(len(plan.chunks))),
        total_frames=plan.total_frames,
        fps=format_fps(plan.fps),
        width=plan.width,
        height=plan.height,
        format=config.format,
        has_audio=sound is not None,
        audio_s3_uri=audio_uri,
        ffmpeg_version=invocation.toolchain.versions["ffmpeg"],
        producer_version=__version__,
        warnings=[
            *site.warnings,
            *report.warnings,
            *report.script_errors,
            *effect_warnings(heard),
            *maker.warnings,
            *map(str, findings),
        ],
        findings=[PlanFinding(**asdict(finding)) for finding in findings],
        duration_ms=round((time.monotonic() - started) * 1000),
    )


def _freeze(
    site: CompiledSite,
    config: RenderConfig,
    recipe: EncoderRecipe,
    size: OutputSize,
    mode: CaptureMode,
    report: PageReport,
    sound: Sound | None,
    invocation: Invocation,
) -> Plan:
    total_frames = _count_frames(site, config, report)
    return Plan(
        entry_file=site.entry_file,
        width=size.width,
        height=size.height,
        scale=size.scale,
        fps=config.fps,
        total_frames=total_frames,
        variables=config.variables,
        format=config.format,
        cfr=config.cfr,
        chunks=split_frames(total_frames, config),
        recipe=recipe,
        picture=_picture(config),
        capture_mode=mode,
        chromium_flags=flags_for(mode),
        files=describe_files(site.folder),
        tools=tool_identities(invocation.toolchain),
        audio_sha256=None if sound is None else sound.sha256,
    )


def _count_frames(site: CompiledSite, config: RenderConfig, report: PageReport) -> int:
    declared = site.root.duration_seconds or 0.0
    return count_frames(declared if declared > 0 else report.duration_seconds, config.fps)


def _store(plan: Plan, site: CompiledSite, prefix: str, invocation: Invocation, storage: Storage) -> str:
    """Blobs first, so that a plan that can be read is complete; gives the plan's URI."""
    upload_blobs(storage, plan, site.folder, invocation.settings.blob_prefix or prefix)
    archive = invocation.scratch / PLAN_NAME
    write_plan(plan, site.folder, archive)
    plan_uri = join_uri(prefix, PLAN_NAME)
    storage.upload(archive, plan_uri)
    return plan_uri


def _compile(request: PlanRequest, config: RenderConfig, invocation: Invocation, storage: Storage) -> CompiledSite:
    archive = invocation.scratch / "project.tar.gz"
    storage.download(request.project_s3_uri, archive)
    folder = invocation.scratch / "site"
    settings = invocation.settings
    unpack_project(archive, folder, ProjectLimits(settings.project_mib << 20, settings.project_files))
    return compile_project(
        folder,
        config,
        fonts_dir=invocation.toolchain.fonts_dir,
        fonts_url=f"/{FONTS_PATH}",
        runtime_url=f"/{RUNTIME_PATH}",
        probe=MediaProber(invocation),
        extra_font_dirs=invocation.toolchain.extra_font_dirs,
        remote=RemoteAccess(
            invocation.scratch / "fetched",
            invocation.deadline,
            allow_private=invocation.settings.allow_private_addresses,
            ca_file=invocation.settings.ca_file,
            font_service=invocation.settings.font_service,
        ),
    )


def _probe(
    site: CompiledSite,
    config: RenderConfig,
    size: OutputSize,
    mode: CaptureMode,
    invocation: Invocation,
    browsers: BrowserPool,
) -> tuple[PageReport, Heard]:
    """Load the page once, as every worker will, and seek it to its start."""

    def find(path: str) -> Path | None:
        file = site.folder / path
        return file if file.is_file() else None

    with ExitStack() as stack:
        server = stack.enter_context(PageServer(site_resolver(find, invocation.toolchain)))
        browser = stack.enter_context(browsers.browser(flags_for(mode), deadline=invocation.deadline))
        spec = page_spec(
            server.origin,
            site.entry_file,
            width=site.root.width,
            height=site.root.height,
            picture=_picture(config),
            fps=config.fps,
            variables=config.variables,
            settings=invocation.settings,
            capture_mode=mode,
            scale=size.scale,
        )

        def open_page() -> Page:
            page = Page(browser, spec, deadline=invocation.deadline)
            page.load()
            return page

        page = open_page()
        report = page.report
        report.warnings.extend(missing_glyphs(page))
        for frame in probed_frames(report.duration_seconds, config.fps):
            page.capture(frame)
        refuse_or_warn(report, config.strictness)
        heard = listen(page, open_page, site.folder, _count_frames(site, config, report) / config.fps, config.fps)
        page.close()
        report.warnings.extend(_missing_files(server, site))
        return report, heard


def _missing_files(server: PageServer, site: CompiledSite) -> list[str]:
    """Warnings of files that the page asked for in vain, but for those that compiling warned of already."""
    warnings = [f"not in the project: {path}" for path in dict.fromkeys(server.missing[:_MISSING_FILES_NAMED])]
    return [warning for warning in warnings if not any(known.startswith(f"{warning},") for known in site.warnings)]


def _picture(config: RenderConfig) -> PictureFormat:
    if config.format == "mp4":
        return PictureFormat("jpeg", _PICTURE_QUALITY[config.quality])
    return PictureFormat("png", is_transparent=True)
