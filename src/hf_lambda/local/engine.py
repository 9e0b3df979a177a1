"""Renders a project folder on this machine: plan, render chunks side by side, assemble.

The stages run through `handler.handler`, with file:// URIs, exactly as Step Functions runs them with S3.
"""

import dataclasses
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hf_lambda.composition.project_folder import check_project
from hf_lambda.deadline import Deadline
from hf_lambda.errors import STORAGE_UNAVAILABLE, RetryableError
from hf_lambda.files import check_writable, temporary_beside
from hf_lambda.handler import browser_pool, handler
from hf_lambda.invocation import Observer, scratch_folder
from hf_lambda.local.context import LocalContext
from hf_lambda.parallel import run_both, run_in_lanes
from hf_lambda.settings import Settings
from hf_lambda.storage.folder import folder_uri

_ATTEMPTS = 3
"""Of each stage, as long as its error is a retryable one."""


@dataclass(frozen=True)
class RenderSummary:
    """What a local render made. Sizes are bytes."""

    output: Path
    plan: dict[str, Any]
    chunks: list[dict[str, Any]]
    assembled: dict[str, Any]


class LocalObserver(Observer):
    """An observer that also hears of the plan."""

    def planned(self, plan: dict[str, Any]) -> None:
        """The plan is made; this is its result."""

    def rendered(self, warnings: list[str]) -> None:
        """All chunks are rendered; these are their warnings, each once, but for those of the plan."""


def render_project(
    project: Path,
    output: Path,
    config: dict[str, Any],
    *,
    settings: Settings,
    deadline: Deadline,
    observer: LocalObserver,
    keep: Path | None = None,
    keeps_browsers: bool = False,
) -> RenderSummary:
    """Render `project` to `output`; `keep` names a folder that keeps the plan and the chunks.

    `output` appears whole or not at all. Browsers end as soon as none is needed, unless `keeps_browsers` says that
    another render with these settings follows.

    Raises:
        HfLambdaError: a subclass named by its code; see docs/errors.md.
    """
    context = LocalContext(settings, deadline, observer)
    check_project(project)
    check_writable(output)
    with _work_folder(keep, settings) as work, _browsers(settings, keeps_browsers) as end_browsers:
        prefix = folder_uri(work)
        shared = {"cores": settings.lanes, **config}
        request = {"ProjectS3Uri": folder_uri(project), "PlanOutputS3Prefix": prefix, "Config": shared}
        plan = _attempt({"Action": "plan", **request}, context)
        observer.planned(plan)
        observer.stage_started("render")
        chunks = _render_chunks(plan, prefix, context)
        warnings = dict.fromkeys(warning for chunk in chunks for warning in chunk["Warnings"])
        observer.rendered([warning for warning in warnings if warning not in plan["Warnings"]])
        final = work / f"output{output.suffix}"

        def assemble(stop: Deadline) -> dict[str, Any]:
            return _assemble(plan, chunks, final, dataclasses.replace(context, deadline=stop))

        assembled, _ = run_both(assemble, lambda _: end_browsers(), deadline=deadline)
        _deliver(final, output, is_kept=keep is not None)
        return RenderSummary(output, plan, chunks, assembled)


def _render_chunks(plan: dict[str, Any], prefix: str, context: LocalContext) -> list[dict[str, Any]]:
    def render(index: int, deadline: Deadline) -> dict[str, Any]:
        request = {
            "Action": "render-chunk",
            "PlanS3Uri": plan["PlanS3Uri"],
            "PlanHash": plan["PlanHash"],
            "ChunkIndex": index,
            "ChunkOutputS3Prefix": prefix,
            "Format": plan["Format"],
        }
        return _attempt(request, dataclasses.replace(context, deadline=deadline))

    # As many invocations as lanes: the pool of browsers bounds what really runs at a time.
    return run_in_lanes(plan["ChunkIndexes"], render, lanes=context.settings.lanes, deadline=context.deadline)


def _assemble(plan: dict[str, Any], chunks: list[dict[str, Any]], final: Path, context: LocalContext) -> dict[str, Any]:
    request = {
        "Action": "assemble",
        "PlanS3Uri": plan["PlanS3Uri"],
        "PlanHash": plan["PlanHash"],
        "ChunkS3Uris": [chunk["ChunkS3Uri"] for chunk in chunks],
        "AudioS3Uri": plan["AudioS3Uri"],
        "OutputS3Uri": folder_uri(final),
        "Format": plan["Format"],
    }
    return _attempt(request, context)


def _attempt(event: dict[str, Any], context: LocalContext) -> dict[str, Any]:
    for _ in range(_ATTEMPTS - 1):
        try:
            return handler(event, context)
        except RetryableError:
            context.deadline.check("trying again")
    return handler(event, context)


@contextmanager
def _browsers(settings: Settings, keeps_browsers: bool) -> Iterator[Callable[[], None]]:
    """What ends the browsers of a render; it is called at the end of the `with` block too."""
    if keeps_browsers:
        yield lambda: None
        return
    pool = browser_pool(settings)
    try:
        yield pool.close
    finally:
        pool.close()


@contextmanager
def _work_folder(keep: Path | None, settings: Settings) -> Iterator[Path]:
    if keep is not None:
        try:
            keep.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise STORAGE_UNAVAILABLE(f"{keep} cannot be a folder: {error}") from error
        yield keep.resolve()
        return
    with scratch_folder(settings.scratch_dir, "hf-lambda-render-") as work:
        yield work


def _deliver(final: Path, output: Path, *, is_kept: bool) -> None:
    """Move the video to its place, which may be on another disk; where that is full, it is kept on this one."""
    temporary = temporary_beside(output)
    try:
        shutil.move(final, temporary)
        temporary.replace(output)
    except OSError as error:
        if final.exists():
            temporary.unlink(missing_ok=True)
            saved = final if is_kept else final.replace(final.parent.with_suffix(output.suffix))
        else:
            saved = temporary
        raise STORAGE_UNAVAILABLE(f"{output} cannot be written: {error}; the video is {saved}") from error
