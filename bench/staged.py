"""A render in its three stages, each a process of its own: actions of our handler, functions of the original.

All frames are one chunk. A stage's command can be had when the stage before it has run, its output in `log_path`.
"""

import json
import os
import shutil
import sys
from pathlib import Path
from typing import Any, Protocol

from bench.measure import run_measured
from bench.original import Original
from bench.ours import compile_modules
from bench.planned import reap_strays
from bench.records import Run, run_record
from bench.renders import Command, Job, Render, RenderFailedError
from hf_lambda.storage.folder import folder_uri

STAGES = ("plan", "render-chunk", "assemble")
_LONGEST_CHUNK_FRAMES = 3600


class StagedRenderer(Protocol):
    """One render by one of the two that are compared."""

    name: str
    output: Path
    """The finished file."""

    def command(self, stage: str) -> Command:
        """What runs one of `STAGES`."""

    def log_path(self, stage: str) -> Path:
        """Where what a stage prints is to go."""


def run_stage(renderer: StagedRenderer, stage: str) -> Run:
    """Run one stage, with a temporary folder of its own beside its log; the file counted is the finished one.

    Raises:
        RenderFailedError, UncountedCpuError: it fails, or could not be measured.
    """
    reap_strays()
    command, log_path = renderer.command(stage), renderer.log_path(stage)
    temporary = log_path.with_suffix(".tmp")
    temporary.mkdir()
    used = run_measured(command.argv, env={**command.env, "TMPDIR": str(temporary)}, log_path=log_path)
    log = log_path.read_text("utf-8", "replace")
    if used.exit_code != 0:
        raise RenderFailedError(f"{stage} of {renderer.name} failed:\n{log}")
    size = renderer.output.stat().st_size if renderer.output.exists() else 0
    return run_record(Render(renderer.output, size, used, log), {})


class _InFolder:
    def __init__(self, job: Job, folder: Path) -> None:
        folder.mkdir(parents=True)
        self._job = job
        self._folder = folder
        self.output = folder / f"out.{job.format}"

    def log_path(self, stage: str) -> Path:
        """Beside everything else of this render."""
        return self._folder / f"{stage}.log"


class OurStages(_InFolder):
    """`hf-lambda invoke`, which calls the handler as Lambda does, with folders for S3."""

    name = "ours"

    def __init__(self, job: Job, folder: Path) -> None:
        super().__init__(job, folder)
        compile_modules()

    def command(self, stage: str) -> Command:
        """The event is a file beside its log."""
        event = self._folder / f"{stage}.json"
        event.write_text(json.dumps({"Action": stage, **self._request(stage)}), "utf-8")
        return Command([Path(sys.executable).with_name("hf-lambda"), "invoke", event], os.environ)

    def result(self, stage: str) -> dict[str, Any]:
        """What a stage that has run answered."""
        log = self.log_path(stage).read_text("utf-8")
        answer: dict[str, Any]
        answer, _ = json.JSONDecoder().raw_decode(log, log.index("{\n"))
        return answer

    def _request(self, stage: str) -> dict[str, object]:
        prefix = folder_uri(self._folder)
        if stage == "plan":
            project = folder_uri(self._job.project)
            return {"ProjectS3Uri": project, "PlanOutputS3Prefix": prefix, "Config": _config(self._job)}
        planned = self.result("plan")
        request = {name: planned[name] for name in ("PlanS3Uri", "PlanHash", "Format")}
        if stage == "render-chunk":
            return {**request, "ChunkIndex": 0, "ChunkOutputS3Prefix": prefix}
        chunks = [self.result("render-chunk")["ChunkS3Uri"]]
        sound = planned["AudioS3Uri"]
        return {**request, "ChunkS3Uris": chunks, "AudioS3Uri": sound, "OutputS3Uri": folder_uri(self.output)}


class OriginalStages(_InFolder):
    """The functions of the original that its Lambda handler calls, on a copy of the project, without any S3.

    It must be told the size of the composition: width and height in pixels.
    """

    name = "original"

    def __init__(self, original: Original, job: Job, folder: Path, size: tuple[int, int]) -> None:
        super().__init__(job, folder)
        self._original = original
        self._size = size

    def command(self, stage: str) -> Command:
        """One call of one function."""
        plan, chunk = self._folder / "plan", self._folder / f"chunk.{self._job.format}"
        rest: dict[str, list[str | Path]] = {"render-chunk": [chunk], "assemble": [chunk, self.output]}
        if stage == "plan":
            project = shutil.copytree(self._job.project, self._folder / "project")
            rest["plan"] = [project, json.dumps(self._config())]
        return self._original.stage(stage, plan, *rest[stage])

    def _config(self) -> dict[str, object]:
        width, height = self._size
        whole_fps = {"fps": int(self._job.fps)} if self._job.fps else {}
        return {**_config(self._job), **whole_fps, "width": width, "height": height, "failClosedFontFetch": False}


def _config(job: Job) -> dict[str, object]:
    """What both call by one name."""
    return {"fps": job.fps, "crf": job.crf, "format": job.format, "chunkSize": _LONGEST_CHUNK_FRAMES}
