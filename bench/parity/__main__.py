"""`python -m bench.parity`: the corpus with both renderers, and docs/parity.md."""

import argparse
import sys
import time
from pathlib import Path

import hf_lambda
from bench.case import Case, Stage
from bench.command_line import chosen_cases
from bench.original import Original
from bench.parity.outcome import Outcome
from bench.parity.report import write_report
from bench.parity.run import Parity
from bench.parity.self_check import check_comparing
from bench.places import CORPUS, NODE_MODULES, ROOT
from hf_lambda.settings import Settings
from hf_lambda.toolchain import locate_toolchain

_REPORT = ROOT / "docs" / "parity.md"


def main() -> int:
    """Run what is asked for; 1 where a case differs and is not known to."""
    arguments = _parser().parse_args()
    cases = chosen_cases(CORPUS, arguments.case)
    checked = check_comparing()
    toolchain = locate_toolchain(Settings.from_environment())
    stage = Stage(toolchain, arguments.node_modules, arguments.cache / "media")
    parity = Parity(toolchain, Original(toolchain), stage, arguments.cache, arguments.keep)
    versions = (
        f"Ours is hf-lambda {hf_lambda.__version__}, the original hyperframes {parity.original.version}; both on "
        f"Chromium {toolchain.versions['chromium']} and ffmpeg {toolchain.versions['ffmpeg']}. "
        f"Checked on the spot: {checked}."
    )
    report = arguments.output or (_REPORT if arguments.case is None and arguments.only is None else None)
    outcomes: list[Outcome] = []
    for case in cases:
        outcomes.append(_run(parity, case, with_ours=arguments.only is None))
        if report is not None:  # after each case: a run that is ended early leaves what it has
            report.write_text(write_report(outcomes, versions, "make parity"), "utf-8")
    if arguments.only is not None:
        return 0
    return int(any("differs" in outcome.verdict for outcome in outcomes))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m bench.parity",
        description="Render the corpus with hf-lambda and with the original renderer, and write how they compare. "
        "Needs `make setup`.",
    )
    parser.add_argument("--case", action="append", metavar="NAME", help="only this case (again for more); no report")
    parser.add_argument("--only", choices=("original",), help="make and keep the original's renders, compare nothing")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="keep both videos and the worst frame of each case")
    parser.add_argument("--output", type=Path, metavar="FILE", help="the report to write (docs/parity.md)")
    parser.add_argument("--cache", type=Path, default=ROOT / "out" / "parity", help="what is kept (out/parity)")
    parser.add_argument("--node-modules", type=Path, default=NODE_MODULES, help="where the libraries are")
    return parser


def _run(parity: Parity, case: Case, *, with_ours: bool) -> Outcome:
    started = time.monotonic()
    outcome = parity.run(case, with_ours=with_ours)
    print(f"{case.name}: {_describe(outcome)} ({time.monotonic() - started:.0f} s)", file=sys.stderr, flush=True)
    return outcome


def _describe(outcome: Outcome) -> str:
    if outcome.failure is not None:
        return f"{outcome.verdict.strip('*')}: {outcome.failure.text}"
    assert outcome.quality is not None
    parts = [f"{outcome.quality.pooled_db:.1f} dB", f"worst {outcome.quality.worst_db:.1f} dB"]
    if outcome.sound is not None:
        parts.append(f"sound {outcome.sound.residual_dbfs:.0f} dBFS")
    return f"{outcome.verdict.strip('*')}: {', '.join([*parts, *(problem.text for problem in outcome.problems)])}"


if __name__ == "__main__":
    sys.exit(main())
