"""What a render shows on stderr: a live display in a terminal, else a line for each stage."""

import os
import sys
from contextlib import AbstractContextManager, nullcontext, suppress
from typing import Any

from hf_lambda.cli.findings import plan_lines, warning_lines
from hf_lambda.local.engine import LocalObserver

_STAGES = {
    "compile": "compiling the page",
    "probe": "probing the page",
    "sound": "mixing the sound",
    "store": "freezing the plan",
    "render": "rendering",
    "assemble": "assembling",
}


def render_display() -> AbstractContextManager[LocalObserver]:
    """The display of one render, for as long as its block lasts."""
    if sys.stderr.isatty() or os.environ.get("FORCE_COLOR"):
        with suppress(ImportError):  # rich is in the extra `local`; and only a terminal pays for importing it
            from hf_lambda.cli.live_progress import LiveProgress

            return LiveProgress()
    return nullcontext(StageLines())


def stage_name(stage: str) -> str:
    """A stage, or a part of one, in words."""
    return _STAGES.get(stage, stage)


class StageLines(LocalObserver):
    """A line for each stage, for logs; frames are not shown."""

    def stage_started(self, stage: str) -> None:
        """See `Observer.stage_started`."""
        _say(stage_name(stage))

    def planned(self, plan: dict[str, Any]) -> None:
        """See `LocalObserver.planned`."""
        for text, _ in plan_lines(plan):
            _say(text)

    def rendered(self, warnings: list[str]) -> None:
        """See `LocalObserver.rendered`."""
        for text, _ in warning_lines(warnings):
            _say(text)

    def frame_captured(self, frame: int, picture: bytes | memoryview) -> None:
        """Nothing."""


def _say(text: str) -> None:
    with suppress(OSError):  # nobody reads any more, which is no reason to end a render
        print(text, file=sys.stderr, flush=True)
