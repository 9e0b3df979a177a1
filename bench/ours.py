"""Our renderer, run as its users run it."""

import compileall
import json
import os
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import hf_lambda
from bench.renders import Command, Job, command_line, common_options

_LINE_CHARACTERS = 200


class Ours:
    """`hf-lambda render` from the same environment as this process, its modules compiled, as pip leaves them.

    `mp4_preset` replaces the encoder's own preset, `webgl_driver` the plan's choice of who draws WebGL.
    """

    name = "ours"

    def __init__(self, mp4_preset: str | None = None, webgl_driver: str | None = None) -> None:
        self._mp4_preset = mp4_preset
        self._webgl_driver = webgl_driver
        compile_modules()

    def prepare(self, job: Job, output: Path, folder: Path) -> Command:
        """The command; nothing needs preparing."""
        program = Path(sys.executable).with_name("hf-lambda")
        preset = self._mp4_preset if job.format == "mp4" else None
        special = {
            "--codec": job.codec,
            "--entry-file": job.entry_file,
            "--encoder-preset": preset,
            "--webgl-driver": self._webgl_driver,
        }
        options = command_line({**common_options(job), **special})
        return Command([program, "render", job.project, "-o", output, "--json", *options], os.environ)


@cache
def compile_modules() -> None:
    """Compile our modules, as pip leaves them; once, however many ask for it."""
    compileall.compile_dir(Path(hf_lambda.__file__).parent, quiet=2)


def render_summary(log: str) -> dict[str, Any]:
    """What `--json` printed of a finished render, behind its progress in the log."""
    summary: dict[str, Any]
    summary, _ = json.JSONDecoder().raw_decode(log, log.rindex("\n{\n") + 1)
    return summary


def part_seconds(summary: Mapping[str, Any]) -> dict[str, float]:
    """Where a render's time went: plan, the parts of all chunks added up over lanes, assemble."""
    milliseconds = {"Plan": summary["Plan"]["DurationMs"]}
    for chunk in summary["Chunks"]:
        for part, spent in chunk["Timings"].items():
            milliseconds[part] = milliseconds.get(part, 0) + spent
    milliseconds["Assemble"] = summary["Assembled"]["DurationMs"]
    return {part: spent / 1000 for part, spent in milliseconds.items()}


def failure_reason(log: str) -> str:
    """What hf-lambda says went wrong, on one line."""
    said = " ".join(log.rpartition("hf-lambda: ")[2].split())
    return f"hf-lambda fails: {said[:_LINE_CHARACTERS]}"
