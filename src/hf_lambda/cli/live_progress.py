"""The live display of a render in a terminal: stage, frames, frames per second, time left."""

import threading
from types import TracebackType
from typing import Any, Self

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    Task,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from hf_lambda.cli.findings import plan_lines, warning_lines
from hf_lambda.cli.progress import stage_name
from hf_lambda.cli.styled_lines import print_styled
from hf_lambda.local.engine import LocalObserver


class _FramesPerSecond(ProgressColumn):
    def render(self, task: Task) -> Text:
        return Text(f"{task.speed:5.1f} fps" if task.speed else "  --- fps", style="cyan")


class _Console(Console):
    def on_broken_pipe(self) -> None:
        """Go on: that nobody reads any more is no reason to end a render."""


class LiveProgress(LocalObserver):
    """Shows a render while its `with` block lasts. Thread-safe."""

    def __init__(self) -> None:
        self._console = _Console(stderr=True)
        self._lock = threading.Lock()
        self._live = Progress(
            SpinnerColumn(),
            TextColumn("{task.description:20}"),
            BarColumn(bar_width=32),
            MofNCompleteColumn(),
            TextColumn("frames"),
            _FramesPerSecond(),
            TimeElapsedColumn(),
            TextColumn("eta"),
            TimeRemainingColumn(),
            console=self._console,
            transient=True,
        )
        self._task = self._live.add_task("starting", total=None)
        self._seen: set[int] = set()

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._live.stop()

    def stage_started(self, stage: str) -> None:
        """See `Observer.stage_started`."""
        self._live.update(self._task, description=stage_name(stage))

    def planned(self, plan: dict[str, Any]) -> None:
        """See `LocalObserver.planned`."""
        self._live.reset(self._task, total=plan["TotalFrames"])
        print_styled(self._console, plan_lines(plan))

    def rendered(self, warnings: list[str]) -> None:
        """See `LocalObserver.rendered`."""
        print_styled(self._console, warning_lines(warnings))

    def frame_captured(self, frame: int, picture: bytes | memoryview) -> None:
        """See `Observer.frame_captured`; a frame that is taken again counts once."""
        with self._lock:
            if frame not in self._seen:
                self._seen.add(frame)
                self._live.advance(self._task)
