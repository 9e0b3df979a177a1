"""Both renderers at each of their qualities: at draft and high, x264 has the same preset and rate in both.

python -m bench.qualities [--case flat --case text] [--runs 3]
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.case import Case, Stage
from bench.command_line import add_cases, chosen_cases, measuring_parser
from bench.in_turn import render_in_turn
from bench.markdown import table
from bench.original import Original
from bench.places import SUITE, suite_stage
from bench.records import Pairs, Run, load_record, save_record

FIGURES = "qualities.json"
QUALITIES = {"draft": "ultrafast, 28", "standard": "the original medium, 18; ours fast, 18", "high": "slow, 15"}
"""Each with x264's preset and rate."""
_DEFAULT_CASES = ("flat", "text", "photo")


@dataclass(frozen=True)
class QualityRecord(Pairs):
    """Both renderers on one case at one quality."""

    case: str
    quality: str


@dataclass(frozen=True)
class QualitiesRecord:
    """The figures of all that was measured."""

    measured: Sequence[QualityRecord]

    def with_record(self, new: QualityRecord) -> "QualitiesRecord":
        """The same with one measured anew, or for the first time; by case, the cheapest quality first."""
        others = [old for old in self.measured if (old.case, old.quality) != (new.case, new.quality)]
        return QualitiesRecord(sorted([*others, new], key=lambda each: (each.case, [*QUALITIES].index(each.quality))))


def write_qualities(folder: Path) -> str | None:
    """The section; None where nothing was measured."""
    record = load_record(QualitiesRecord, folder / FIGURES)
    if record is None or not record.measured:
        return None
    return "\n\n".join(
        [
            "## By quality",
            "What `--quality` costs in either. At draft and high both give x264 the same preset and rate, so there the "
            "ratios are of all but the encoder's settings: the less it has to do, the more our own savings show. Files "
            "differ in size, as does what x264 is given: our lossless pixels, the original's JPEGs. The "
            f"original with as many workers as there are cores; {min(len(each.ours) for each in record.measured)} runs "
            "of either, in turn, medians. Measured by `python -m bench.qualities`.",
            table(
                [
                    *("case", "quality", "x264's preset, CRF", "wall s, ours", "original", "ratio"),
                    *("CPU s, ours", "original", "ratio", "file MB, ours", "original"),
                ],
                map(_row, record.measured),
            ),
        ]
    )


def _row(record: QualityRecord) -> list[str]:
    return [
        record.case,
        record.quality,
        QUALITIES[record.quality],
        *(f"{seconds:.1f}" for seconds in record.medians(_wall)),
        f"**{record.ratio(_wall):.2f}**",
        *(f"{seconds:.1f}" for seconds in record.medians(_cpu)),
        f"**{record.ratio(_cpu):.2f}**",
        *(f"{size / 1e6:.2f}" for size in record.medians(_size)),
    ]


def _wall(run: Run) -> float:
    return run.wall_seconds


def _cpu(run: Run) -> float:
    return run.cpu_seconds


def _size(run: Run) -> float:
    return float(run.file_bytes)


def measure(case: Case, stage: Stage, quality: str, runs: int) -> QualityRecord:
    """Both renderers on one case, in turn.

    Raises:
        RenderFailedError, UncountedCpuError: one of them fails, or could not be measured.
    """
    original = Original(stage.toolchain, workers=str(os.cpu_count()))
    with TemporaryDirectory(prefix="hf-lambda-bench-") as folder:
        work = Path(folder)
        stage.put(case, work / "project")
        job = replace(case.job(work / "project"), quality=quality, crf=None)
        pairs = render_in_turn(job, original, work, runs)
    return QualityRecord(pairs.ours, pairs.original, case.name, quality)


def main() -> None:
    """Measure, and remember each at once."""
    parser = measuring_parser(__doc__, runs=3, runs_of="of each")
    add_cases(parser)
    arguments = parser.parse_args()
    stage, path = suite_stage(), arguments.folder / FIGURES
    for case, quality in product(chosen_cases(SUITE, arguments.case or _DEFAULT_CASES), QUALITIES):
        measured = measure(case, stage, quality, arguments.runs)
        save_record((load_record(QualitiesRecord, path) or QualitiesRecord([])).with_record(measured), path)
        print(" | ".join(_row(measured)), flush=True)


if __name__ == "__main__":
    main()
