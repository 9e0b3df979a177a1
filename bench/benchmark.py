"""Runs the benchmark's cases: the original's settings once each, then the two renderers in turn, then the pictures."""

import shutil
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bench.case import Case, Stage
from bench.original import AUTO_WORKERS, Original, capture_mode, stage_seconds
from bench.ours import Ours, part_seconds, render_summary
from bench.provenance import present_provenance
from bench.quality import compare_pictures
from bench.records import CaseRecord, Loss, run_record
from bench.renders import Job, Render, Renderer, RenderFailedError, render

_WORKER_SETTINGS = (AUTO_WORKERS, "1", "2")
_LIMIT_SECONDS = 900


@dataclass(frozen=True)
class Options:
    """How the cases are rendered, and how often."""

    runs: int
    crf: int


@dataclass(frozen=True)
class Benchmark:
    """The two renderers, and where cases become projects."""

    ours: Ours
    original: Original
    stage: Stage
    options: Options

    def run(self, case: Case) -> CaseRecord:
        """Measure one case.

        Raises:
            BrokenCaseError: the case cannot be made a project.
            NotComparableError: their pictures cannot be compared.
            RenderFailedError: one of the renderers makes no video of it.
            UncountedCpuError: somewhere CPU time was lost.
        """
        with tempfile.TemporaryDirectory(prefix="hf-lambda-bench-") as folder:
            work = Path(folder)
            self.stage.put(case, work / case.name)
            job = replace(case.job(work / case.name), crf=self.options.crf)
            trials = self._try_workers(job, work)
            pairs = self._pairs(job, self.original.with_workers(fastest(trials)), work)
            lossless = self._lossless(job, work)
            losses = [self._loss(done.output, lossless) for done in pairs[-1]]
        return self._record(case, trials, pairs, losses)

    def _record(
        self, case: Case, trials: Mapping[str, float], pairs: Sequence[tuple[Render, Render]], losses: Sequence[Loss]
    ) -> CaseRecord:
        summary = render_summary(pairs[-1][0].log)
        return CaseRecord(
            name=case.name,
            title=case.title,
            size=f"{summary['Plan']['Width']}x{summary['Plan']['Height']}",
            fps=str(summary["Plan"]["Fps"]),
            frames=summary["Assembled"]["FramesEncoded"],
            crf=self.options.crf,
            provenance=present_provenance(),
            trial_seconds=trials,
            workers=fastest(trials),
            original_capture=capture_mode(pairs[-1][1].log),
            ours=[run_record(ours, part_seconds(render_summary(ours.log))) for ours, _ in pairs],
            original=[run_record(original, stage_seconds(original.log)) for _, original in pairs],
            our_loss=losses[0],
            original_loss=losses[1],
        )

    def _try_workers(self, job: Job, work: Path) -> dict[str, float]:
        """The original's wall clock by its setting of workers; it also warms the machine's caches."""
        seconds = {}
        for workers in _WORKER_SETTINGS:
            try:
                done = _render(self.original.with_workers(workers), job, work / f"workers-{workers}")
                seconds[workers] = round(done.measurement.wall_seconds, 3)
            except RenderFailedError as error:
                _say(f"{job.project.name}: the original fails with {workers} workers: {error}")
        return seconds

    def _pairs(self, job: Job, original: Original, work: Path) -> list[tuple[Render, Render]]:
        pairs = []
        for number in range(1, self.options.runs + 1):
            folder = work / f"run-{number}"
            pairs.append((_render(self.ours, job, folder / "ours"), _render(original, job, folder / "original")))
            if number < self.options.runs:  # the last pair's videos are looked at
                shutil.rmtree(folder)
        return pairs

    def _lossless(self, job: Job, work: Path) -> Path:
        ours = Ours(webgl_driver="swiftshader")  # the original's, so that its pictures lose nothing by ours
        return _render(ours, replace(job, format="png-sequence", crf=None), work / "lossless").output

    def _loss(self, video: Path, lossless: Path) -> Loss:
        quality = compare_pictures(self.stage.toolchain, video, lossless)
        return Loss(round(quality.pooled_db, 2), round(quality.worst_db, 2))


def fastest(trials: Mapping[str, float]) -> str:
    """The setting with the shortest wall clock.

    Raises:
        RenderFailedError: there is none: the original failed with every setting.
    """
    if not trials:
        raise RenderFailedError("the original fails with every setting of its workers")
    return min(trials, key=lambda workers: trials[workers])


def _render(renderer: Renderer, job: Job, folder: Path) -> Render:
    done = render(renderer, job, folder, limit_seconds=_LIMIT_SECONDS)
    used = done.measurement
    figures = f"{used.wall_seconds:.1f} s, CPU {used.cpu_seconds:.1f} s, {used.peak_bytes / 1e6:.0f} MB"
    _say(f"{job.project.name}, {folder.relative_to(job.project.parent)}, {renderer.name}: {figures}")
    return done


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
