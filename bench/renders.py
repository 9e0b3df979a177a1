"""One measured render by either renderer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from bench.measure import Measurement, run_measured

_TAIL_CHARACTERS = 2000


class RenderFailedError(Exception):
    """A renderer failed, or wrote no file."""


@dataclass(frozen=True)
class Job:
    """What is rendered, and how."""

    project: Path
    fps: str
    crf: int


@dataclass(frozen=True)
class Command:
    """A command line and its whole environment."""

    argv: Sequence[str | Path]
    env: Mapping[str, str]


@dataclass(frozen=True)
class Render:
    """A finished render: its file, what it cost, and what the renderer printed."""

    output: Path
    size_bytes: int
    measurement: Measurement
    log: str


class Renderer(Protocol):
    """One of the two that are compared."""

    name: str

    def prepare(self, job: Job, output: Path, folder: Path) -> Command:
        """Do what is not measured, in the empty `folder`; the command that renders `job` to `output`."""


def render(renderer: Renderer, job: Job, folder: Path) -> Render:
    """Render `job` in the new `folder`, with a temporary folder of its own, so no run helps the next.

    Raises:
        RenderFailedError: there is no video.
    """
    temporary, output, log_path = folder / "tmp", folder / "out.mp4", folder / "log.txt"
    temporary.mkdir(parents=True)
    command = renderer.prepare(job, output, folder)
    env = {**command.env, "TMPDIR": str(temporary)}
    measurement = run_measured(command.argv, env=env, log_path=log_path)
    log = log_path.read_text("utf-8", "replace")
    if measurement.exit_code != 0 or not output.is_file():
        code, tail = measurement.exit_code, log[-_TAIL_CHARACTERS:]
        raise RenderFailedError(f"{renderer.name} ended with code {code} on {job.project.name}:\n{tail}")
    return Render(output, output.stat().st_size, measurement, log)
