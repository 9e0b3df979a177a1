"""plan: a project archive becomes a plan that any worker can render any chunk of.

In: the project, an archive or, but never in Lambda, a folder. Out: `plan.tar.gz`, blobs, and the sound where there is
any, below the output prefix. Side effects: those uploads, blobs first, so that a plan that can be read is complete. It
renders nothing.
"""

import time
from collections.abc import Sequence
from dataclasses import asdict, replace

from hf_lambda import __version__
from hf_lambda.capture.page_scripts import FONTS_PATH, RUNTIME_PATH
from hf_lambda.capture.pool import BrowserPool
from hf_lambda.composition.archive import unpack_project
from hf_lambda.composition.archive_limits import ProjectLimits
from hf_lambda.composition.compiling import CompiledSite, compile_project
from hf_lambda.composition.project_folder import take_project
from hf_lambda.composition.resources import RemoteAccess
from hf_lambda.config import RenderConfig, format_fps, parse_config
from hf_lambda.deadline import Deadline
from hf_lambda.events import PlanFinding, PlanRequest, PlanResult, warnings_that_fit
from hf_lambda.invocation import Invocation
from hf_lambda.media.encoding import encoder_recipe
from hf_lambda.parallel import run_both
from hf_lambda.plan.document import Plan, tool_identities
from hf_lambda.plan.packing import PLAN_NAME, describe_files, upload_blobs, write_plan
from hf_lambda.plan.resolution import OutputSize, output_size
from hf_lambda.plan.split import Chunk, split_frames
from hf_lambda.stages.capture_mode import first_mode, flags_for, picture_format
from hf_lambda.stages.listening import effect_warnings
from hf_lambda.stages.media_facts import MediaProber
from hf_lambda.stages.page_probe import PageProbe, Probed
from hf_lambda.stages.sound import Sound, SoundMaker
from hf_lambda.stages.sound_delivery import store_sound
from hf_lambda.stages.video_planning import PlannedVideos, VideoPlanner
from hf_lambda.stages.webgl_driver import probing_driver
from hf_lambda.storage.base import Storage, join_uri
from hf_lambda.storage.folder import folder_of
from hf_lambda.toolchain import Toolchain

_FINDINGS_NAMED = 100


def run(request: PlanRequest, invocation: Invocation, storage: Storage, browsers: BrowserPool) -> PlanResult:
    """Compile, probe, mix the sound, split, freeze and store; see the module."""
    started = time.monotonic()
    config = parse_config(request.config)
    prober = MediaProber(invocation)
    browsers.warm(_likely_flags(request, config, invocation.toolchain), deadline=invocation.deadline)
    invocation.observer.stage_started("compile")
    with invocation.stopwatch.part("Compile"):
        site = _compile(request, config, invocation, storage, prober)
    config = config.with_default_fps(site.root.fps)
    size = output_size(config, site.root.width, site.root.height)
    invocation.observer.stage_started("probe")
    probed = PageProbe(site, config, size.scale, prober, invocation, browsers).run()
    chunks = split_frames(probed.total_frames, config, is_blurred=probed.is_blurred)
    sound, sound_warnings, videos = _prepare_media(site, config, probed, chunks, prober, invocation)
    invocation.observer.stage_started("store")
    plan = _freeze(site, config, size, probed, chunks, sound, videos, invocation)
    findings = site.findings[:_FINDINGS_NAMED]
    audio_uri = store_sound(sound, request.plan_output_s3_prefix, storage)
    with invocation.stopwatch.part("Upload"):
        plan_uri = _store(plan, site, request.plan_output_s3_prefix, invocation, storage)
    return PlanResult(
        plan_s3_uri=plan_uri,
        plan_hash=plan.hash(),
        chunk_count=len(plan.chunks),
        chunk_indexes=list(range(len(plan.chunks))),
        max_concurrency=min(len(plan.chunks), invocation.settings.map_concurrency),
        total_frames=plan.total_frames,
        fps=format_fps(plan.fps),
        width=plan.width,
        height=plan.height,
        format=config.format,
        has_audio=sound is not None,
        audio_s3_uri=audio_uri,
        ffmpeg_version=invocation.toolchain.versions["ffmpeg"],
        producer_version=__version__,
        warnings=warnings_that_fit(
            [
                *config.warnings,
                *site.warnings,
                *probed.warnings,
                *effect_warnings(probed.heard),
                *sound_warnings,
            ],
            [*map(str, findings)],
        ),
        findings=[PlanFinding(**asdict(finding)) for finding in findings],
        timings=invocation.stopwatch.milliseconds(),
        duration_ms=round((time.monotonic() - started) * 1000),
    )


def _likely_flags(request: PlanRequest, config: RenderConfig, toolchain: Toolchain) -> tuple[str, ...]:
    """The flags that the page will be probed with, as far as its entry tells."""
    project = folder_of(request.project_s3_uri)
    driver = probing_driver([project / config.entry_file] if project else [], config, toolchain)
    return flags_for(first_mode(config), webgl_driver=driver)


def _compile(
    request: PlanRequest, config: RenderConfig, invocation: Invocation, storage: Storage, prober: MediaProber
) -> CompiledSite:
    folder, settings = invocation.scratch / "site", invocation.settings
    if project := folder_of(request.project_s3_uri):
        take_project(project, folder)
    else:
        archive = invocation.scratch / "project.tar.gz"
        storage.download(request.project_s3_uri, archive)
        unpack_project(archive, folder, ProjectLimits(settings.project_mib << 20, settings.project_files))
    return compile_project(
        folder,
        config,
        fonts_dir=invocation.toolchain.fonts_dir,
        fonts_url=f"/{FONTS_PATH}",
        runtime_url=f"/{RUNTIME_PATH}",
        probe=prober,
        extra_font_dirs=invocation.toolchain.extra_font_dirs,
        remote=RemoteAccess(
            invocation.scratch / "fetched",
            invocation.deadline,
            allow_private=settings.allow_private_addresses,
            ca_file=settings.ca_file,
            font_service=settings.font_service,
        ),
    )


def _prepare_media(
    site: CompiledSite,
    config: RenderConfig,
    probed: Probed,
    chunks: tuple[Chunk, ...],
    prober: MediaProber,
    invocation: Invocation,
) -> tuple[Sound | None, Sequence[str], PlannedVideos]:
    """The sound with its warnings, and the videos, side by side: both take long where they are long."""

    def make_sound(deadline: Deadline) -> tuple[Sound | None, Sequence[str]]:
        current = replace(invocation, deadline=deadline)
        maker = SoundMaker(site.folder, prober, current, is_strict=config.strictness == "strict")
        return maker.make(probed.heard, config.format, probed.duration), maker.warnings

    def plan_videos(deadline: Deadline) -> PlannedVideos:
        current = replace(invocation, deadline=deadline)
        planner = VideoPlanner(site.folder, prober, float(probed.duration), config.fps, chunks, current)
        return planner.plan(probed.media)

    (sound, warnings), videos = run_both(make_sound, plan_videos, deadline=invocation.deadline)
    return sound, warnings, videos


def _freeze(
    site: CompiledSite,
    config: RenderConfig,
    size: OutputSize,
    probed: Probed,
    chunks: tuple[Chunk, ...],
    sound: Sound | None,
    videos: PlannedVideos,
    invocation: Invocation,
) -> Plan:
    picture = picture_format(config, probed.mode)
    return Plan(
        entry_file=site.entry_file,
        width=size.width,
        height=size.height,
        scale=size.scale,
        fps=config.fps,
        total_frames=probed.total_frames,
        variables=config.variables,
        format=config.format,
        cfr=config.cfr,
        chunks=chunks,
        recipe=encoder_recipe(config, picture.kind, probed.content),
        picture=picture,
        capture_mode=probed.mode,
        chromium_flags=probed.chromium_flags,
        files=describe_files(site.folder, without=videos.unused_files.difference(probed.read_files)),
        tools=tool_identities(invocation.toolchain),
        videos=videos.clips,
        audio_sha256=None if sound is None else sound.sha256,
    )


def _store(plan: Plan, site: CompiledSite, prefix: str, invocation: Invocation, storage: Storage) -> str:
    """Blobs first, so that a plan that can be read is complete; gives the plan's URI."""
    blob_prefix = invocation.settings.blob_prefix or prefix
    upload_blobs(storage, plan, site.folder, blob_prefix, deadline=invocation.deadline)
    archive = invocation.scratch / PLAN_NAME
    write_plan(plan, site.folder, archive)
    plan_uri = join_uri(prefix, PLAN_NAME)
    storage.upload(archive, plan_uri)
    return plan_uri
