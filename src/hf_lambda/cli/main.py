"""`hf-lambda`: finds the command, runs it, turns errors of the table into one readable message."""

import argparse
import sys
from collections.abc import Sequence

from hf_lambda import __version__
from hf_lambda.cli import build, emulate, errors, evaluate, invoke, lint, probe, render, setup, smoke, state_machine
from hf_lambda.cli.usage import CommandParser
from hf_lambda.errors import RENDER_CANCELLED, HfLambdaError

_COMMANDS = (render, lint, setup, build, emulate, invoke, smoke, evaluate, probe, errors, state_machine)
_EXIT_ERROR = 1
_EXIT_CANCELLED = 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code: 0 done, 1 failed, 2 wrong usage, 130 stopped."""
    arguments = build_parser().parse_args(argv)
    try:
        exit_code: int = arguments.run(arguments)
        return exit_code
    except KeyboardInterrupt:
        return _EXIT_CANCELLED
    except HfLambdaError as error:
        print(f"hf-lambda: {error.code()}: {error}", file=sys.stderr)
        return _EXIT_CANCELLED if isinstance(error, RENDER_CANCELLED) else _EXIT_ERROR


def build_parser() -> argparse.ArgumentParser:
    """The whole command line, with its help."""
    parser = argparse.ArgumentParser(
        prog="hf-lambda",
        description="Render HyperFrames compositions (HTML that moves) to video.",
        epilog="`hf-lambda COMMAND --help` explains a command. First steps: `hf-lambda setup`, then "
        "`hf-lambda render examples/title-card -o title-card.mp4`.",
    )
    parser.add_argument("--version", action="version", version=f"hf-lambda {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True, parser_class=CommandParser)
    for command in _COMMANDS:
        command.add_command(commands)
    return parser


if __name__ == "__main__":
    sys.exit(main())
