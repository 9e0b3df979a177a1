"""Our renderer, run as its users run it."""

import os
import sys
from pathlib import Path

from bench.renders import Command, Job, command_line, common_options

_LINE_CHARACTERS = 200


class Ours:
    """`hf-lambda render` from the same environment as this process."""

    name = "ours"

    def prepare(self, job: Job, output: Path, folder: Path) -> Command:
        """The command; nothing needs preparing."""
        program = Path(sys.executable).with_name("hf-lambda")
        special = {"--codec": job.codec, "--entry-file": job.entry_file}
        options = command_line({**common_options(job), **special})
        return Command([program, "render", job.project, "-o", output, *options], os.environ)


def failure_reason(log: str) -> str:
    """What hf-lambda says went wrong, on one line."""
    said = " ".join(log.rpartition("hf-lambda: ")[2].split())
    return f"hf-lambda fails: {said[:_LINE_CHARACTERS]}"
