"""Renders one job with both renderers in turn, so that the machine's moods concern both."""

from pathlib import Path

from bench.original import Original
from bench.ours import Ours
from bench.planned import reap_strays
from bench.records import Pairs, Run, run_record
from bench.renders import Job, Renderer, render


def render_in_turn(job: Job, original: Original, folder: Path, runs: int, *, limit_seconds: int | None = None) -> Pairs:
    """So many runs of either; each gets a folder of its own below `folder`.

    Raises:
        RenderFailedError, UncountedCpuError: one of them fails, or could not be measured.
    """
    renderers: tuple[Renderer, Renderer] = (Ours(), original)
    taken: tuple[list[Run], list[Run]] = ([], [])
    for number in range(runs):
        for renderer, records in zip(renderers, taken, strict=True):
            reap_strays()
            done = render(renderer, job, folder / f"{renderer.name}-{number}", limit_seconds=limit_seconds)
            records.append(run_record(done, {}))
    return Pairs(*taken)
