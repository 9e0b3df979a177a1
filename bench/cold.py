"""Both renderers on a worker that has nothing unpacked yet."""

import os
from pathlib import Path

from bench.original import Original
from bench.ours import Ours
from bench.renders import Command, Job

_UNPACKING = Path(__file__).with_name("cold_original.mjs")


class ColdOurs(Ours):
    """Ours, with nothing in its cache: Chromium, ffmpeg and ffprobe are unpacked."""

    def prepare(self, job: Job, output: Path, folder: Path) -> Command:
        """The command, with a cache of its own."""
        command = super().prepare(job, output, folder)
        return Command(command.argv, {**os.environ, "HF_LAMBDA_CACHE": str(folder / "cache")})


class ColdOriginal(Original):
    """The original, whose Chromium is unpacked by the package that brings it; its ffmpeg is never packed."""

    def prepare(self, job: Job, output: Path, folder: Path) -> Command:
        """The command, behind the unpacking."""
        command = super().prepare(job, output, folder)
        node, *arguments = command.argv
        return Command([node, _UNPACKING, *arguments], command.env)
