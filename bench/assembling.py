"""The assemble stage alone, given so many chunks that they would take long to render: copies of one."""

import resource
import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

from bench.places import CRF
from bench.planned import make_plan
from bench.small_page import FPS, write_small_page
from hf_lambda.deadline import Deadline
from hf_lambda.handler import browser_pool, handler
from hf_lambda.invocation import NoObserver
from hf_lambda.local.context import LocalContext
from hf_lambda.plan.packing import PLAN_NAME, read_plan, write_plan
from hf_lambda.plan.split import Chunk, FrameRange
from hf_lambda.settings import Settings
from hf_lambda.storage.folder import FolderStorage, folder_uri

_LIMIT_SECONDS = 900.0
Value = TypeVar("Value")


@dataclass(frozen=True)
class Assembly:
    """One assembling of many chunks."""

    chunks: int
    frames: int
    wall_seconds: float
    cpu_seconds: float
    part_seconds: Mapping[str, float]
    chunk_bytes: int
    """Of all chunks."""
    output_bytes: int
    copy_seconds: float
    """What copying the same chunks into one file, byte for byte, takes."""


def assemble_copies(size: tuple[int, int], chunk_frames: int, chunk_count: int) -> Assembly:
    """Render one chunk, and assemble a video of `chunk_count` of its kind."""
    context = local_context()
    with TemporaryDirectory(prefix="hf-lambda-bench-") as folder:
        work = Path(folder)
        project = write_small_page(work / "page", *size, chunk_frames)
        made = make_plan(project, {"fps": FPS, "crf": CRF}, work, context)
        chunk = _render_chunk(made, work, context)
        uri, digest = _repeat_plan(made, work, chunk_count)
        chunks = [work / "many" / digest[:12] / f"{index:04d}.mp4" for index in range(chunk_count)]
        chunks[0].parent.mkdir()
        for path in chunks:
            shutil.copyfile(chunk, path)
        request = {
            "Action": "assemble",
            "PlanS3Uri": uri,
            "PlanHash": digest,
            "ChunkS3Uris": [folder_uri(path) for path in chunks],
            "AudioS3Uri": None,
            "OutputS3Uri": folder_uri(work / "out.mp4"),
            "Format": "mp4",
        }
        cpu_seconds = _cpu_seconds()
        wall_seconds, result = _timed(lambda: handler(request, context))
        cpu_seconds = _cpu_seconds() - cpu_seconds
        copy_seconds, _ = _timed(lambda: _copy(chunks, work / "copy"))
        return Assembly(
            chunks=chunk_count,
            frames=result["FramesEncoded"],
            wall_seconds=round(wall_seconds, 3),
            cpu_seconds=round(cpu_seconds, 3),
            part_seconds={part: spent / 1000 for part, spent in result["Timings"].items()},
            chunk_bytes=sum(path.stat().st_size for path in chunks),
            output_bytes=result["FileSize"],
            copy_seconds=round(copy_seconds, 3),
        )


def local_context() -> LocalContext:
    """A context for the handler on this machine."""
    return LocalContext(Settings.from_environment(), Deadline(_LIMIT_SECONDS), NoObserver())


def _render_chunk(made: Mapping[str, Any], folder: Path, context: LocalContext) -> Path:
    """Render the plan's first chunk; its file."""
    request = {
        "Action": "render-chunk",
        "PlanS3Uri": made["PlanS3Uri"],
        "PlanHash": made["PlanHash"],
        "ChunkIndex": 0,
        "ChunkOutputS3Prefix": folder_uri(folder),
        "Format": "mp4",
    }
    try:
        handler(request, context)
    finally:
        browser_pool(context.settings).close()
    return folder / "chunks" / str(made["PlanHash"])[:12] / "0000.mp4"


def _repeat_plan(made: Mapping[str, Any], folder: Path, chunk_count: int) -> tuple[str, str]:
    """Write the plan of `chunk_count` times as many frames, each chunk as the only one of `made`; its URI and hash."""
    stored = read_plan(FolderStorage(), made["PlanS3Uri"], folder / "unpacked", expected_hash=made["PlanHash"])
    length = stored.plan.total_frames
    chunks = tuple(Chunk(index, (FrameRange(index * length, (index + 1) * length),)) for index in range(chunk_count))
    plan = replace(stored.plan, total_frames=length * chunk_count, chunks=chunks)
    archive = folder / "many" / PLAN_NAME
    archive.parent.mkdir()
    write_plan(plan, folder / "unpacked" / "site", archive)
    return folder_uri(archive), plan.hash()


def _copy(sources: Sequence[Path], target: Path) -> None:
    with target.open("wb") as copy:
        for path in sources:
            with path.open("rb") as source:
                shutil.copyfileobj(source, copy, 1 << 20)


def _timed(work: Callable[[], Value]) -> tuple[float, Value]:
    started = time.monotonic()
    value = work()
    return time.monotonic() - started, value


def _cpu_seconds() -> float:
    """Of this process and of its children that have ended."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in used)
