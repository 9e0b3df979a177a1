"""What the command lines of measurements have in common."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from bench.case import Case, load_cases
from bench.places import FIGURES_DIR, ROOT


def measuring_parser(description: str | None, *, runs: int, runs_of: str) -> argparse.ArgumentParser:
    """A parser that knows how often to measure, by default `runs` times `runs_of`, and where figures go."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=_count, default=runs, metavar="N", help=f"{runs_of} (%(default)s)")
    add_folder(parser)
    return parser


def add_folder(parser: argparse.ArgumentParser) -> None:
    """Add `folder`, where figures lie."""
    parser.add_argument("--folder", type=Path, default=FIGURES_DIR, metavar="DIR", help="figures (docs/measurements)")


def add_zip(parser: argparse.ArgumentParser) -> None:
    """Add `zip`, the built zip that is measured."""
    parser.add_argument("--zip", type=Path, default=ROOT / "dist" / "handler.zip", metavar="ZIP")


def add_cases(parser: argparse.ArgumentParser) -> None:
    """Add `case`, the names for `chosen_cases`."""
    parser.add_argument("--case", action="append", metavar="NAME", help="only this case (again for more)")


def chosen_cases(folder: Path, names: Sequence[str] | None) -> Sequence[Case]:
    """The cases in `folder` with these names, or all; a name that there is not ends the program."""
    cases = load_cases(folder)
    if names is None:
        return cases
    if unknown := sorted(set(names) - {case.name for case in cases}):
        sys.exit(f"there is no case {', '.join(unknown)}")
    return [case for case in cases if case.name in names]


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text} is not a number from 1 on")
    return int(text)
