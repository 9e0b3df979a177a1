"""`python -m bench`: the suite with both renderers, and docs/measurements.md."""

import argparse
import os
import platform
import re
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import hf_lambda
from bench.benchmark import Benchmark, Options
from bench.case import Case, Stage, load_cases
from bench.measure import UncountedCpuError
from bench.original import Original
from bench.ours import Ours
from bench.quality import NotComparableError
from bench.records import Subject, SuiteRecord, load_record, save_record
from bench.renders import RenderFailedError
from bench.report import write_page
from bench.self_check import check_measuring
from bench.suite_section import FIGURES
from hf_lambda.settings import Settings
from hf_lambda.toolchain import Toolchain, locate_toolchain

_ROOT = Path(__file__).resolve().parents[1]
_SUITE = Path(__file__).parent / "suite"


def main() -> int:
    """Measure what is asked for, and write the page; 1 where a case could not be measured."""
    parser = _parser()
    arguments = parser.parse_args()
    if arguments.runs < 1:
        parser.error("--runs must be at least 1")
    failed: list[str] = []
    if not arguments.report_only:
        failed = _measure(_chosen(arguments.case), Options(arguments.runs, arguments.crf), arguments.folder)
    print(write_page(arguments.folder))
    return int(bool(failed))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m bench",
        description="Render the suite with hf-lambda and with the original renderer in turn, and write how they "
        "compare. Needs `make setup` and a machine that does nothing else.",
    )
    parser.add_argument("--case", action="append", metavar="NAME", help="only this case (again for more)")
    parser.add_argument("--runs", type=int, default=5, metavar="N", help="counted runs of each renderer (5)")
    parser.add_argument("--crf", type=int, default=18, metavar="N", help="constant rate factor of both (18)")
    parser.add_argument("--report-only", action="store_true", help="measure nothing, write page and plots again")
    parser.add_argument(
        "--folder",
        type=Path,
        default=_ROOT / "docs" / "measurements",
        metavar="DIR",
        help="figures and plots; the page lies beside it (docs/measurements)",
    )
    return parser


def _chosen(names: Sequence[str] | None) -> Sequence[Case]:
    cases = load_cases(_SUITE)
    if names is None:
        return cases
    if unknown := sorted(set(names) - {case.name for case in cases}):
        sys.exit(f"there is no case {', '.join(unknown)}")
    return [case for case in cases if case.name in names]


def _measure(cases: Sequence[Case], options: Options, folder: Path) -> list[str]:
    """Measure the cases and remember each at once: a run that is ended early leaves what it has; which failed."""
    toolchain = locate_toolchain(Settings.from_environment())
    original = Original(toolchain)
    stage = Stage(toolchain, _ROOT / "node_modules", _ROOT / "out" / "bench" / "media")
    with tempfile.TemporaryDirectory(prefix="hf-lambda-bench-") as work:
        checked = check_measuring(Path(work))
    record = SuiteRecord(_subject(toolchain, original), checked, [])
    known = load_record(SuiteRecord, folder / FIGURES)
    if known is not None and known.subject == record.subject:
        record = SuiteRecord(record.subject, checked, known.cases)
    benchmark = Benchmark(Ours(), original, stage, options)
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
    found = re.search(r"^model name\s*: (.+)$", Path("/proc/cpuinfo").read_text("utf-8"), re.MULTILINE)
    return Subject(
        our_version=hf_lambda.__version__,
        original_version=original.version,
        node_version=original.node_version,
        chromium_version=toolchain.versions["chromium"],
        ffmpeg_version=toolchain.versions["ffmpeg"],
        processor=found[1] if found else platform.machine(),
        cores=len(os.sched_getaffinity(0)),
    )


if __name__ == "__main__":
    sys.exit(main())
