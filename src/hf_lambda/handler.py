"""The Lambda entry point: parse -> route -> run -> encode. Reads as the program."""

import atexit
import functools
from typing import Any

from msgspec import to_builtins

from hf_lambda.capture.pool import BrowserPool
from hf_lambda.deadline import Deadline
from hf_lambda.errors import HfLambdaError
from hf_lambda.events import AssembleRequest, PlanRequest, RenderChunkRequest, Request, Result, parse_event
from hf_lambda.invocation import Invocation, NoObserver, invocation, remove_leftovers
from hf_lambda.settings import Settings
from hf_lambda.stages import assemble, plan, render_chunk
from hf_lambda.storage.base import check_uris_allowed
from hf_lambda.storage.routing import SchemeStorage
from hf_lambda.telemetry import Telemetry
from hf_lambda.toolchain import locate_toolchain

_RESERVED_SECONDS = 10.0
"""Kept back from the invocation's time, to clean up and to report."""
_CHUNK_CAUSE_BYTES = 400
"""Of a chunk's error in Lambda, whose log has all of it: Step Functions takes 256 KB from all chunks together."""


def handler(event: object, context: Any) -> dict[str, Any]:
    """Run one action and give its result in PascalCase JSON.

    `context` is Lambda's. Outside Lambda it is a `local.context.LocalContext`, which also carries settings,
    a deadline that can be cancelled, and an observer.

    Raises:
        HfLambdaError: a subclass named by its code; see docs/errors.md.
    """
    is_local = hasattr(context, "settings")
    settings = context.settings if is_local else _settings()
    deadline = getattr(context, "deadline", None) or _deadline_of(context)
    observer = getattr(context, "observer", None) or NoObserver()
    telemetry = Telemetry(settings, context.aws_request_id)
    request = None
    try:
        request = parse_event(event)
        check_uris_allowed(request.uris(), settings)
        telemetry.started(type(request).__name__, request.uris())
        with invocation(settings, deadline, observer) as current:
            result: dict[str, Any] = to_builtins(_run(request, current))
    except BaseException as error:
        telemetry.failed(error)
        if isinstance(error, HfLambdaError) and isinstance(request, RenderChunkRequest) and not is_local:
            raise error.abridged(_CHUNK_CAUSE_BYTES) from None
        raise
    telemetry.finished(result)
    return result


@functools.cache
def browser_pool(settings: Settings) -> BrowserPool:
    """The warm browsers of this process; whoever uses them outside Lambda closes them early."""
    pool = BrowserPool(
        lambda: locate_toolchain(settings).chromium_dir,
        settings.scratch_dir,
        settings.lanes,
        lambda: locate_toolchain(settings).system_font_dirs,
        lambda: locate_toolchain(settings).mesa_dir,
    )
    atexit.register(pool.close)
    return pool


@functools.cache
def _settings() -> Settings:
    settings = Settings.from_environment()
    if settings.owns_scratch:  # where a process that was killed left gigabytes
        remove_leftovers(settings.scratch_dir)
    return settings


def _run(request: Request, current: Invocation) -> Result:
    storage = SchemeStorage(blob_expiry_days=current.settings.blob_expiry_days)
    match request:
        case PlanRequest():
            return plan.run(request, current, storage, browser_pool(current.settings))
        case RenderChunkRequest():
            return render_chunk.run(request, current, storage, browser_pool(current.settings))
        case AssembleRequest():
            return assemble.run(request, current, storage)


def _deadline_of(context: Any) -> Deadline:
    return Deadline(context.get_remaining_time_in_millis() / 1000 - _RESERVED_SECONDS)
