"""The progress display of a render: stage, frames, frames per second, time left. On stderr."""

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

from hf_lambda.cli.lint import print_findings
from hf_lambda.composition.lint.findings import Finding
from hf_lambda.local.engine import LocalObserver

_STAGES = {
    "pack": "packing the project",
    "compile": "compiling the page",
    "probe": "probing the page",
    "sound": "mixing the sound",
    "store": "freezing the plan",
    "render": "rendering",
    "assemble": "assembling",
}


class _FramesPerSecond(ProgressColumn):
    def render(self, task: Task) -> Text:
        return Text(f"{task.speed:5.1f} fps" if task.speed else "  --- fps", style="cyan")


class ProgressDisplay(LocalObserver):
    """Shows a render in the terminal; without a terminal, one line per stage. Thread-safe."""

    def __init__(self) -> None:
        self._console = Console(stderr=True)
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
            disable=not self._console.is_terminal,
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
        text = _STAGES.get(stage, stage)
        self._live.update(self._task, description=text)
        if not self._console.is_terminal:
            self._console.print(text)

    def planned(self, plan: dict[str, Any]) -> None:
        """See `LocalObserver.planned`."""
        self._live.reset(self._task, total=plan["TotalFrames"])
        findings = [Finding.from_wire(wire) for wire in plan["Findings"]]
        print_findings(self._console, findings)
        for warning in plan["Warnings"]:
            if warning in map(str, findings):
                continue
            self._console.print(f"warning: {warning}", style="yellow", markup=False)

    def frame_captured(self, frame: int, picture: bytes | memoryview) -> None:
        """See `Observer.frame_captured`; a frame that is taken again counts once."""
        with self._lock:
            if frame not in self._seen:
                self._seen.add(frame)
                self._live.advance(self._task)
