"""`python -m bench`: the suite with both renderers, and docs/measurements.md."""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import hf_lambda
from bench.benchmark import Benchmark, Options
from bench.case import Case
from bench.command_line import add_cases, chosen_cases, measuring_parser
from bench.measure import UncountedCpuError
from bench.original import Original
from bench.ours import Ours
from bench.places import CRF, SUITE, suite_stage
from bench.quality import NotComparableError
from bench.records import Subject, SuiteRecord, load_record, save_record
from bench.renders import RenderFailedError
from bench.report import write_page
from bench.self_check import check_measuring
from bench.suite_section import FIGURES
from hf_lambda.settings import Settings
from hf_lambda.toolchain import Toolchain, locate_toolchain


def main() -> int:
    """Measure what is asked for, and write the page; 1 where a case could not be measured."""
    arguments = _parser().parse_args()
    failed: list[str] = []
    if not arguments.report_only:
        failed = _measure(chosen_cases(SUITE, arguments.case), Options(arguments.runs, arguments.crf), arguments.folder)
    print(write_page(arguments.folder))
    return int(bool(failed))


def _parser() -> argparse.ArgumentParser:
    parser = measuring_parser(
        "Render the suite with hf-lambda and with the original renderer in turn, and write how they compare; the page "
        "lies beside the figures. Needs `make setup` and a machine that does nothing else.",
        runs=5,
        runs_of="counted runs of each renderer",
    )
    parser.prog = "python -m bench"
    add_cases(parser)
    parser.add_argument("--crf", type=int, default=CRF, metavar="N", help="constant rate factor of both (%(default)s)")
    parser.add_argument("--report-only", action="store_true", help="measure nothing, write page and plots again")
    return parser


def _measure(cases: Sequence[Case], options: Options, folder: Path) -> list[str]:
    """Measure the cases and remember each at once: a run that is ended early leaves what it has; which failed."""
    toolchain = locate_toolchain(Settings.from_environment())
    original = Original(toolchain)
    with tempfile.TemporaryDirectory(prefix="hf-lambda-bench-") as work:
        checked = check_measuring(Path(work))
    record = SuiteRecord(_subject(toolchain, original), checked, [])
    known = load_record(SuiteRecord, folder / FIGURES)
    if known is not None and known.subject == record.subject:
        record = SuiteRecord(record.subject, checked, known.cases)
    benchmark = Benchmark(Ours(), original, suite_stage(), options)
    failed = []
    for case in cases:
        try:
            record = record.with_case(benchmark.run(case))
        except (RenderFailedError, NotComparableError, UncountedCpuError) as error:
            print(f"{case.name} was not measured: {error}", file=sys.stderr, flush=True)
            failed.append(case.name)
        else:
            save_record(record, folder / FIGURES)
    return failed


def _subject(toolchain: Toolchain, original: Original) -> Subject:
    return Subject(
        our_version=hf_lambda.__version__,
        original_version=original.version,
        node_version=original.node_version,
        chromium_version=toolchain.versions["chromium"],
        ffmpeg_version=toolchain.versions["ffmpeg"],
    )


if __name__ == "__main__":
    sys.exit(main())
