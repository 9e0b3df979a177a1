"""Renders a case with both renderers and compares the outputs. The original's renders are kept: they never change."""

import hashlib
import json
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
from examples.vendor import VendorError
from PIL import Image

from bench.case import BrokenCaseError, Case, Stage
from bench.measure import UncountedCpuError
from bench.original import Original, failure_reason
from bench.ours import Ours
from bench.ours import failure_reason as ours_reason
from bench.parity.outcome import NOT_MEASURED, Outcome, Problem
from bench.quality import NotComparableError, compare_pictures, frame_pair
from bench.renders import Job, RenderFailedError, render
from bench.sound import compare_sound, read_sound
from hf_lambda.toolchain import Toolchain

_DIFFERENCE_GAIN = 4
_FAILED = ".failed"
_PASSING = ("render_cancelled", "not ready after")
_TOOLS = ("chromium", "ffmpeg")
"""What the original's pictures depend on besides itself."""
_LIMIT_SECONDS = 300
_PRESET = "medium"
"""What the original encodes with: pictures are compared, not encoders."""


class OriginalTooSlowError(Exception):
    """The original did not end in time, which says nothing of either."""


@dataclass(frozen=True)
class Parity:
    """The two renderers, and the folder that keeps the original's renders and the media."""

    toolchain: Toolchain
    original: Original
    stage: Stage
    cache: Path
    keep: Path | None

    def run(self, case: Case, *, with_ours: bool = True) -> Outcome:
        """Render and compare one case. Without ours, only the original's render is made and kept."""
        with tempfile.TemporaryDirectory(prefix="hf-lambda-parity-") as folder:
            try:
                return self._run(case, Path(folder), with_ours=with_ours)
            except RenderFailedError as error:
                return Outcome(case, failure=Problem("ours fails", ours_reason(str(error))))
            except (OriginalTooSlowError, NotComparableError, BrokenCaseError, VendorError, UncountedCpuError) as error:
                return Outcome(case, failure=Problem(NOT_MEASURED, str(error)))

    def _run(self, case: Case, work: Path, *, with_ours: bool) -> Outcome:
        digest = self.stage.put(case, work / case.name)
        job = case.job(work / case.name)
        original = self._kept(job, digest, work, "original")
        if not with_ours:
            return Outcome(case, failure=Problem(NOT_MEASURED, "only the original was rendered"))
        ours = render(Ours(_PRESET), job, work / "ours", limit_seconds=_LIMIT_SECONDS).output
        if original.suffix == _FAILED:
            return Outcome(case, failure=Problem("original fails", original.read_text("utf-8")))
        outcome = self._compare(case, ours, original)
        if case.floor:
            again = self._kept(job, digest, work, "again")
            outcome = replace(outcome, floor=compare_pictures(self.toolchain, again, original))
        if self.keep is not None:
            self._keep(case, ours, original, outcome, self.keep / case.name)
        return outcome

    def _compare(self, case: Case, ours: Path, original: Path) -> Outcome:
        videos = (ours, original)
        quality = compare_pictures(self.toolchain, ours, original)
        if case.format == "png-sequence":
            return Outcome(case, quality=quality)
        sounds = [read_sound(self.toolchain, video) for video in videos]
        one, other = sounds
        return Outcome(
            case,
            quality=quality,
            has_sound=(one is not None, other is not None),
            sound=compare_sound(one, other) if one is not None and other is not None else None,
            seconds=(self._seconds(ours), self._seconds(original)),
        )

    def _kept(self, job: Job, digest: str, work: Path, label: str) -> Path:
        """The original's render of `job`, from the cache where it is there; what it said where it fails."""
        asked = {**asdict(job), "project": digest, "label": label}
        asked |= {"original": self.original.version, "tools": {name: self.toolchain.versions[name] for name in _TOOLS}}
        key = hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()[:16]
        kept = self.cache / "original" / f"{job.project.name}-{key}.{job.format}"
        failed = kept.with_suffix(_FAILED)
        if not kept.exists() and not failed.exists():
            kept.parent.mkdir(parents=True, exist_ok=True)
            try:
                made = render(self.original, job, work / label, limit_seconds=_LIMIT_SECONDS).output
            except RenderFailedError as error:
                if any(words in str(error) for words in _PASSING):  # too slow for us or for itself: may do another time
                    raise OriginalTooSlowError(failure_reason(str(error))) from error
                failed.write_text(f"the original fails: {failure_reason(str(error))}", "utf-8")
                return failed
            unfinished = kept.with_name(f"unfinished-{kept.name}")
            shutil.move(made, unfinished)
            unfinished.rename(kept)
        return failed if failed.exists() else kept

    def _seconds(self, video: Path) -> float:
        argv = [str(self.toolchain.ffprobe), "-v", "error", "-show_entries", "format=duration", "-of", "csv=p=0"]
        done = subprocess.run([*argv, str(video)], capture_output=True, text=True, check=True)
        return float(done.stdout)

    def _keep(self, case: Case, ours: Path, original: Path, outcome: Outcome, folder: Path) -> None:
        """Both outputs, and the worst frame of both side by side with their difference, made plainer."""
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        for name, made in (("ours", ours), ("original", original)):
            copy: Callable[[Path, Path], object] = shutil.copytree if made.is_dir() else shutil.copyfile
            copy(made, folder / f"{name}.{case.format}")
        assert outcome.quality is not None
        number = outcome.quality.worst_frame
        pair = frame_pair(self.toolchain, ours, original, number)
        one, other = (frame[..., :3] for frame in pair)
        difference = np.abs(one.astype(np.int16) - other) * _DIFFERENCE_GAIN
        row = np.concatenate([one, other, np.minimum(difference, 255).astype(np.uint8)], axis=1)
        Image.fromarray(row).save(folder / f"worst-{number}.png")
