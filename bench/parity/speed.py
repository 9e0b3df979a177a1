"""How fast both renderers are on the corpus of features: small pages, each rendered by either in turn.

python -m bench.parity.speed [--case NAME] [--runs 1]
"""

import statistics
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.case import Case, Stage
from bench.command_line import add_cases, chosen_cases, measuring_parser
from bench.in_turn import render_in_turn
from bench.markdown import table
from bench.measure import UncountedCpuError
from bench.original import Original
from bench.places import CORPUS, suite_stage
from bench.records import Pairs, Run, load_record, save_record
from bench.renders import RenderFailedError
from hf_lambda.settings import Settings
from hf_lambda.toolchain import locate_toolchain

FIGURES = "corpus.json"
_LIMIT_SECONDS = 300
_ONE_FAILS = ("original fails", "ours fails")
_NAMED = 8


@dataclass(frozen=True)
class CorpusRecord:
    """Runs by case, ours and the original's in turn; cases that either could not render are left out."""

    ours: Mapping[str, Sequence[Run]]
    original: Mapping[str, Sequence[Run]]

    def ratios(self) -> dict[str, tuple[float, float]]:
        """The original's wall clock and CPU seconds over ours, by case, the smallest first."""
        ratios = {}
        for name in self.ours:
            (our_wall, wall), (our_cpu, cpu) = self.medians(name)
            ratios[name] = (wall / our_wall, cpu / our_cpu)
        return dict(sorted(ratios.items(), key=lambda pair: pair[1]))

    def medians(self, name: str) -> list[list[float]]:
        """Wall clock and CPU seconds of a case, each of ours and of the original."""
        both = (self.ours[name], self.original[name])
        return [
            [statistics.median(run.wall_seconds for run in runs) for runs in both],
            [statistics.median(run.cpu_seconds for run in runs) for runs in both],
        ]


def write_corpus(folder: Path) -> str | None:
    """The section; None where nothing was measured."""
    record = load_record(CorpusRecord, folder / FIGURES)
    if record is None:
        return None
    ratios = record.ratios()
    walls, cpus = zip(*ratios.values(), strict=True)
    slower = [name for name, (wall, _) in ratios.items() if wall < 1]
    runs = max(len(runs) for runs in record.ours.values())
    return "\n\n".join(
        [
            "## Small pages: the corpus of features",
            f"The {len(ratios)} cases of `bench/parity/cases/` that the original renders, one to three seconds each, "
            f"{runs} run(s) of either, in turn, the original at its own choice of workers. Wall clock, original over "
            f"ours: {min(walls):.2f} to {max(walls):.2f}, median {statistics.median(walls):.2f}; CPU: {min(cpus):.2f} "
            f"to {max(cpus):.2f}, median {statistics.median(cpus):.2f}. Slower than the original: "
            f"{', '.join(slower) or 'none'}. Measured by `python -m bench.parity.speed`. The nearest:",
            table(
                ["case", "wall s, ours", "original", "ratio", "CPU s, ours", "original", "ratio"],
                (_row(record, name, ratios[name]) for name in list(ratios)[:_NAMED]),
            ),
        ]
    )


def _row(record: CorpusRecord, name: str, ratios: tuple[float, float]) -> list[str]:
    cells = [name]
    for medians, ratio in zip(record.medians(name), ratios, strict=True):
        cells += [*(f"{seconds:.2f}" for seconds in medians), f"{ratio:.2f}"]
    return cells


def measure(case: Case, stage: Stage, original: Original, runs: int) -> Pairs:
    """Both renderers on one case, in turn.

    Raises:
        RenderFailedError, UncountedCpuError: one of them fails, or could not be measured.
    """
    with TemporaryDirectory(prefix="hf-lambda-bench-") as folder:
        work = Path(folder)
        stage.put(case, work / "project")
        return render_in_turn(case.job(work / "project"), original, work, runs, limit_seconds=_LIMIT_SECONDS)


def main() -> None:
    """Measure, and remember each case at once."""
    parser = measuring_parser(__doc__, runs=1, runs_of="of each")
    add_cases(parser)
    arguments = parser.parse_args()
    stage, original = suite_stage(), Original(locate_toolchain(Settings.from_environment()))
    known = load_record(CorpusRecord, arguments.folder / FIGURES)
    ours, others = (dict(known.ours), dict(known.original)) if known is not None else ({}, {})
    for case in chosen_cases(CORPUS, arguments.case):
        if case.expect is not None and case.expect.differs in _ONE_FAILS:  # some after they hung for minutes
            continue
        try:
            pairs = measure(case, stage, original, arguments.runs)
        except (RenderFailedError, UncountedCpuError) as error:
            print(f"{case.name} was not measured: {str(error)[-200:]}", file=sys.stderr, flush=True)
            continue
        ours[case.name], others[case.name] = pairs.ours, pairs.original
        record = CorpusRecord(ours, others)
        save_record(record, arguments.folder / FIGURES)
        print(f"{case.name}: {record.ratios()[case.name][0]:.2f}", file=sys.stderr, flush=True)
    print(write_corpus(arguments.folder))


if __name__ == "__main__":
    main()
