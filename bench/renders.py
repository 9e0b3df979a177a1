"""One measured render by either renderer."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from bench.measure import Measurement, run_measured

_TAIL_CHARACTERS = 2000
_TIMEOUT = "/usr/bin/timeout"
_GRACE_SECONDS = 10


class RenderFailedError(Exception):
    """A renderer failed, or wrote no file."""


@dataclass(frozen=True)
class Job:
    """What is rendered, and how."""

    project: Path
    fps: str | None
    """None leaves it to the composition and the renderer."""
    crf: int | None
    """None where the format has no such rate, and for what the quality says."""
    format: str = "mp4"
    codec: str | None = None
    """The original has no such option: it encodes H.264."""
    entry_file: str | None = None
    variables: Mapping[str, object] = field(default_factory=dict)
    resolution: str | None = None
    """A preset of the output's size, such as "landscape"; the composition's size where it is None."""
    quality: str | None = None
    """draft, standard or high; None leaves it to the renderer, which takes standard."""


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


def common_options(job: Job) -> dict[str, object]:
    """The options that both renderers call by one name."""
    variables = json.dumps(job.variables) if job.variables else None
    return {
        "--fps": job.fps,
        "--crf": job.crf,
        "--format": job.format,
        "--quality": job.quality,
        "--resolution": job.resolution,
        "--variables": variables,
    }


def command_line(options: Mapping[str, object]) -> list[str]:
    """Options and their values as words; those without a value are left out."""
    return [str(word) for option, value in options.items() if value is not None for word in (option, value)]


def render(renderer: Renderer, job: Job, folder: Path, *, limit_seconds: int | None = None) -> Render:
    """Render `job` in the new `folder`, with a temporary folder of its own, so no run helps the next.

    A run that takes longer than `limit_seconds` is ended: the original may wait for ever after it has failed.

    Raises:
        RenderFailedError: there is no video.
    """
    temporary, log_path = folder / "tmp", folder / "log.txt"
    output = folder / f"out.{job.format}"
    temporary.mkdir(parents=True)
    command = renderer.prepare(job, output, folder)
    env = {**command.env, "TMPDIR": str(temporary)}
    limit = [_TIMEOUT, f"--kill-after={_GRACE_SECONDS}", str(limit_seconds)] if limit_seconds is not None else []
    measurement = run_measured([*limit, *command.argv], env=env, log_path=log_path)
    log = log_path.read_text("utf-8", "replace")
    if measurement.exit_code != 0 or not output.exists():
        code, tail = measurement.exit_code, log[-_TAIL_CHARACTERS:]
        raise RenderFailedError(f"{renderer.name} ended with code {code} on {job.project.name}:\n{tail}")
    return Render(output, _size_bytes(output), measurement, log)


def _size_bytes(output: Path) -> int:
    """Of a file, or of all files in a folder, which is the original's picture sequence."""
    files = output.rglob("*") if output.is_dir() else [output]
    return sum(file.stat().st_size for file in files if file.is_file())
