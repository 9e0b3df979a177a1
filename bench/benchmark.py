"""Runs the benchmark: a quality pass, then the two renderers in turn."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.original import Original, capture_mode
from bench.ours import Ours
from bench.quality import Quality, compare_pictures
from bench.renders import Job, Render, Renderer, render
from hf_lambda.toolchain import Toolchain


@dataclass(frozen=True)
class Options:
    """What the benchmark compares."""

    cases: Sequence[Path]
    fps: str
    runs: int
    crf: int
    quality_crf: int


@dataclass(frozen=True)
class CaseResult:
    """Everything about one project: its speed runs in pairs (ours, the original's), and its quality."""

    name: str
    pairs: Sequence[tuple[Render, Render]]
    quality: Quality
    quality_bytes: tuple[int, int]
    original_capture: str


@dataclass(frozen=True)
class Benchmark:
    """The two renderers and the folder that they work in."""

    ours: Ours
    original: Original
    toolchain: Toolchain
    work: Path

    def run(self, options: Options) -> list[CaseResult]:
        """Run every case."""
        return [self._run_case(project, options) for project in options.cases]

    def _run_case(self, project: Path, options: Options) -> CaseResult:
        # The quality pass comes first: it warms the machine's caches for both.
        fine = self._pair(Job(project, options.fps, options.quality_crf), "quality")
        quality = compare_pictures(self.toolchain, fine[0].output, fine[1].output)
        _say(f"{project.name}: {quality.pooled_db:.1f} dB pooled, {quality.worst_db:.1f} dB worst")
        job = Job(project, options.fps, options.crf)
        pairs = [self._pair(job, f"run {number} of {options.runs}") for number in range(1, options.runs + 1)]
        return CaseResult(
            name=project.name,
            pairs=pairs,
            quality=quality,
            quality_bytes=(fine[0].size_bytes, fine[1].size_bytes),
            original_capture=capture_mode(pairs[0][1].log),
        )

    def _pair(self, job: Job, label: str) -> tuple[Render, Render]:
        def run(renderer: Renderer) -> Render:
            folder = self.work / job.project.name / label.replace(" ", "-") / renderer.name
            done = render(renderer, job, folder)
            used = done.measurement
            _say(
                f"{job.project.name}, {label}, {renderer.name}: {used.wall_seconds:.1f} s, "
                f"CPU {used.cpu_seconds:.1f} s, {used.peak_bytes / 1e6:.0f} MB"
            )
            return done

        return run(self.ours), run(self.original)


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
