"""Both renderers in each of their qualities and formats.

python -m bench.outputs [--case flat --case overlay] [--output webm --output mov] [--runs 3]
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.case import Case, Stage
from bench.cells import file_megabytes, wall_and_cpu
from bench.command_line import add_cases, chosen_cases, measuring_parser
from bench.in_turn import render_in_turn
from bench.markdown import table
from bench.original import Original
from bench.places import SUITE, suite_stage
from bench.provenance import Provenance, measured_by, present_provenance
from bench.records import Pairs, load_record, save_record
from bench.renders import Job

FIGURES = "outputs.json"
_DEFAULT_CASES = ("flat", "text", "overlay")


@dataclass(frozen=True)
class Output:
    """What is asked of both renderers, and what encodes it."""

    encoder: str
    format: str = "mp4"
    quality: str | None = None

    def job(self, job: Job) -> Job:
        """The same job with this output, at the renderers' own rate."""
        return replace(job, format=self.format, quality=self.quality, crf=None)


OUTPUTS = {
    "draft": Output("x264 ultrafast, CRF 28", quality="draft"),
    "standard": Output("x264 medium, CRF 18; ours fast", quality="standard"),
    "high": Output("x264 slow, CRF 15", quality="high"),
    "webm": Output("VP9 good, speed 4, CRF 18; ours realtime, speed 5", format="webm"),
    "mov": Output("ProRes 4444; ours at its finest step at once", format="mov"),
    "png-sequence": Output("none", format="png-sequence"),
}
"""By the option of the command line that leads to it; the encoder that is named alone is that of both renderers."""


@dataclass(frozen=True)
class OutputRecord(Pairs):
    """Both renderers on one case with one output."""

    case: str
    output: str
    provenance: Provenance


@dataclass(frozen=True)
class OutputsRecord:
    """The figures of all that was measured."""

    measured: Sequence[OutputRecord]

    def with_record(self, new: OutputRecord) -> "OutputsRecord":
        """The same with one measured anew, or for the first time; by case, in the order of `OUTPUTS`."""
        others = [old for old in self.measured if (old.case, old.output) != (new.case, new.output)]
        return OutputsRecord(sorted([*others, new], key=lambda each: (each.case, [*OUTPUTS].index(each.output))))


def write_outputs(folder: Path) -> str | None:
    """The section; None where nothing was measured."""
    record = load_record(OutputsRecord, folder / FIGURES)
    if record is None or not record.measured:
        return None
    return "\n\n".join(
        [
            "## By quality and format",
            "What `--quality` (of mp4) and `--format` cost in either. Where one encoder is named both give it the same "
            "settings, but for weighted prediction, of which ours does less than preset slow; so there the ratios are "
            "of all else: the less it has to do, the more our own savings show. Files differ in size, as does what "
            "x264 is given: our lossless pixels, the original's JPEGs. webm, mov and png-sequence are taken as PNGs by "
            "both, for the sake of alpha. The original with as many workers as "
            f"there are cores; {min(len(each.ours) for each in record.measured)} or more runs of either, in turn, "
            f"medians. {measured_by('bench.outputs', record.measured)}",
            table(
                [
                    *("case", "output", "encoder", "wall s, ours", "original", "ratio"),
                    *("CPU s, ours", "original", "ratio", "file MB, ours", "original"),
                ],
                map(_row, record.measured),
            ),
        ]
    )


def _row(record: OutputRecord) -> list[str]:
    return [
        record.case,
        record.output,
        OUTPUTS[record.output].encoder,
        *wall_and_cpu(record),
        *file_megabytes(record),
    ]


def measure(case: Case, stage: Stage, output: str, runs: int) -> OutputRecord:
    """Both renderers on one case, in turn.

    Raises:
        RenderFailedError, UncountedCpuError: one of them fails, or could not be measured.
    """
    original = Original(stage.toolchain, workers=str(os.cpu_count()))
    with TemporaryDirectory(prefix="hf-lambda-bench-") as folder:
        work = Path(folder)
        stage.put(case, work / "project")
        job = OUTPUTS[output].job(case.job(work / "project"))
        pairs = render_in_turn(job, original, work, runs)
    return OutputRecord(pairs.ours, pairs.original, case.name, output, present_provenance())


def main() -> None:
    """Measure, and remember each at once."""
    parser = measuring_parser(__doc__, runs=3, runs_of="of each")
    add_cases(parser)
    parser.add_argument("--output", action="append", choices=OUTPUTS, help="only this one (again for more)")
    arguments = parser.parse_args()
    stage, path = suite_stage(), arguments.folder / FIGURES
    cases = chosen_cases(SUITE, arguments.case or _DEFAULT_CASES)
    for case, output in product(cases, arguments.output or OUTPUTS):
        measured = measure(case, stage, output, arguments.runs)
        save_record((load_record(OutputsRecord, path) or OutputsRecord([])).with_record(measured), path)
        print(" | ".join(_row(measured)), flush=True)


if __name__ == "__main__":
    main()
