"""`python -m bench.compare`: our renderer against the original, on the examples."""

import argparse
import os
import sys
import tempfile
from pathlib import Path

import hf_lambda
from bench.benchmark import Benchmark, Options
from bench.original import Original
from bench.ours import Ours
from bench.report import Subject, write_report
from bench.self_check import check_measuring
from hf_lambda.settings import Settings
from hf_lambda.toolchain import locate_toolchain

_EXAMPLES = Path(__file__).resolve().parents[1] / "examples"


def main() -> int:
    """Run the benchmark and write its report."""
    parser = _parser()
    arguments = parser.parse_args()
    if arguments.runs < 1:
        parser.error("--runs must be at least 1")
    cases = [_EXAMPLES / name for name in arguments.cases.split(",")]
    for case in cases:
        if not (case / "index.html").is_file():
            parser.error(f"there is no example {case.name}")
    options = Options(cases, arguments.fps, arguments.runs, arguments.crf, arguments.quality_crf)
    report = _measure(options, _command(arguments))
    arguments.output.parent.mkdir(parents=True, exist_ok=True)
    arguments.output.write_text(report, "utf-8")
    print(arguments.output)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m bench.compare",
        description="Render examples with hf-lambda and with the original renderer, and write how they compare. "
        "Needs `make setup` and a machine that does nothing else.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    parser.add_argument("--cases", default="title-card,explainer,data-story", help="folders in examples/")
    parser.add_argument("--runs", type=int, default=3, metavar="N", help="counted runs of each renderer")
    parser.add_argument("--crf", type=int, default=18, metavar="N", help="constant rate factor of the counted runs")
    parser.add_argument("--quality-crf", type=int, default=8, metavar="N", help="the one for comparing pictures")
    parser.add_argument("--fps", default="30", help="frames per second")
    parser.add_argument("--output", type=Path, default=Path("docs/measurements.md"), help="the report to write")
    return parser


def _command(arguments: argparse.Namespace) -> str:
    """The command line that measures the same again, defaults spelled out."""
    measured = {name: value for name, value in vars(arguments).items() if name != "output"}
    options = " ".join(f"--{name.replace('_', '-')} {value}" for name, value in measured.items())
    return f"python -m bench.compare {options}"


def _measure(options: Options, command: str) -> str:
    toolchain = locate_toolchain(Settings.from_environment())
    original = Original(toolchain)
    with tempfile.TemporaryDirectory(prefix="hf-lambda-bench-") as folder:
        work = Path(folder)
        subject = Subject(
            our_version=hf_lambda.__version__,
            original_version=original.version,
            node_version=original.node_version,
            chromium_version=toolchain.versions["chromium"],
            ffmpeg_version=toolchain.versions["ffmpeg"],
            cores=len(os.sched_getaffinity(0)),
            self_check=check_measuring(work),
        )
        results = Benchmark(Ours(), original, toolchain, work).run(options)
    return write_report(subject, options, command, results)


if __name__ == "__main__":
    sys.exit(main())
