"""How fast both renderers are on the corpus of features: small pages, each rendered by either in turn.

python -m bench.parity.speed [--case NAME] [--runs 1]
"""

import statistics
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.case import Case, Stage
from bench.cells import wall_and_cpu
from bench.command_line import add_cases, chosen_cases, measuring_parser
from bench.in_turn import render_in_turn
from bench.markdown import table
from bench.measure import UncountedCpuError
from bench.original import Original
from bench.places import CORPUS, suite_stage
from bench.provenance import Provenance, measured_by, present_provenance
from bench.records import Pairs, load_record, save_record, with_measured
from bench.renders import RenderFailedError

FIGURES = "corpus.json"
_LIMIT_SECONDS = 300
_ONE_FAILS = ("original fails", "ours fails")
_NAMED = 8


@dataclass(frozen=True)
class CorpusCase(Pairs):
    """Both renderers on one case."""

    name: str
    provenance: Provenance

    @property
    def wall_ratio(self) -> float:
        """The original's wall clock over ours."""
        return self.ratio(lambda run: run.wall_seconds)

    @property
    def cpu_ratio(self) -> float:
        """The original's CPU seconds over ours."""
        return self.ratio(lambda run: run.cpu_seconds)


@dataclass(frozen=True)
class CorpusRecord:
    """The figures of all that was measured; cases that either could not render are left out."""

    cases: Sequence[CorpusCase]

    def with_case(self, measured: CorpusCase) -> "CorpusRecord":
        """The same with the case measured anew, or for the first time."""
        return CorpusRecord(with_measured(self.cases, measured))


def write_corpus(folder: Path) -> str | None:
    """The section; None where nothing was measured."""
    record = load_record(CorpusRecord, folder / FIGURES)
    if record is None or not record.cases:
        return None
    cases = sorted(record.cases, key=lambda case: case.wall_ratio)
    walls, cpus = [case.wall_ratio for case in cases], [case.cpu_ratio for case in cases]
    slower = [case.name for case in cases if case.wall_ratio < 1]
    runs = max(len(case.ours) for case in cases)
    return "\n\n".join(
        [
            "## Small pages: the corpus of features",
            f"The {len(cases)} cases of `bench/parity/cases/` that the original renders, one to three seconds each, "
            f"{runs} run(s) of either, in turn, the original at its own choice of workers. Wall clock, original over "
            f"ours: {min(walls):.2f} to {max(walls):.2f}, median {statistics.median(walls):.2f}; CPU: {min(cpus):.2f} "
            f"to {max(cpus):.2f}, median {statistics.median(cpus):.2f}. Slower than the original: "
            f"{', '.join(slower) or 'none'}. {measured_by('bench.parity.speed', cases)} "
            "The nearest:",
            table(
                ["case", "wall s, ours", "original", "ratio", "CPU s, ours", "original", "ratio"],
                ([case.name, *wall_and_cpu(case, digits=2)] for case in cases[:_NAMED]),
            ),
        ]
    )


def measure(case: Case, stage: Stage, original: Original, runs: int) -> CorpusCase:
    """Both renderers on one case, in turn.

    Raises:
        RenderFailedError, UncountedCpuError: one of them fails, or could not be measured.
    """
    with TemporaryDirectory(prefix="hf-lambda-bench-") as folder:
        work = Path(folder)
        stage.put(case, work / "project")
        pairs = render_in_turn(case.job(work / "project"), original, work, runs, limit_seconds=_LIMIT_SECONDS)
    return CorpusCase(pairs.ours, pairs.original, case.name, present_provenance())


def main() -> None:
    """Measure, and remember each case at once."""
    parser = measuring_parser(__doc__, runs=1, runs_of="of each")
    add_cases(parser)
    arguments = parser.parse_args()
    stage, path = suite_stage(), arguments.folder / FIGURES
    original = Original(stage.toolchain)
    for case in chosen_cases(CORPUS, arguments.case):
        if case.expect is not None and case.expect.differs in _ONE_FAILS:  # some after they hung for minutes
            continue
        try:
            measured = measure(case, stage, original, arguments.runs)
        except (RenderFailedError, UncountedCpuError) as error:
            print(f"{case.name} was not measured: {str(error)[-200:]}", file=sys.stderr, flush=True)
            continue
        save_record((load_record(CorpusRecord, path) or CorpusRecord([])).with_case(measured), path)
        print(f"{case.name}: {measured.wall_ratio:.2f}", file=sys.stderr, flush=True)
    print(write_corpus(arguments.folder))


if __name__ == "__main__":
    main()
