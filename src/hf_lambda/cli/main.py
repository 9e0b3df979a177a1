"""`hf-lambda`: finds the command, runs it, turns errors of the table into one readable message."""

import argparse
import importlib
import sys
from collections.abc import Iterable, Sequence

from hf_lambda import __version__
from hf_lambda.cli.usage import CommandParser
from hf_lambda.errors import RENDER_CANCELLED, HfLambdaError

_MODULES = {
    "render": "render",
    "lint": "lint",
    "setup": "setup",
    "build": "build",
    "emulate": "emulate",
    "invoke": "invoke",
    "smoke": "smoke",
    "eval": "evaluate",
    "probe": "probe",
    "errors": "errors",
    "state-machine": "state_machine",
}
"""Each command and its module in this package. A command imports no other: all together take a second."""
_EXIT_ERROR = 1
_EXIT_CANCELLED = 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code: 0 done, 1 failed, 2 wrong usage, 130 stopped."""
    words = sys.argv[1:] if argv is None else list(argv)
    named = words[:1] if words[:1] and words[0] in _MODULES else None
    arguments = build_parser(named or _MODULES).parse_args(words)
    try:
        exit_code: int = arguments.run(arguments)
        return exit_code
    except KeyboardInterrupt:
        return _EXIT_CANCELLED
    except HfLambdaError as error:
        print(f"hf-lambda: {error.code()}: {error}", file=sys.stderr)
        return _EXIT_CANCELLED if isinstance(error, RENDER_CANCELLED) else _EXIT_ERROR


def build_parser(names: Iterable[str] = tuple(_MODULES)) -> argparse.ArgumentParser:
    """The command line of these commands, with its help; by default of all."""
    parser = argparse.ArgumentParser(
        prog="hf-lambda",
        description="Render HyperFrames compositions (HTML that moves) to video.",
        epilog="`hf-lambda COMMAND --help` explains a command. First steps: `hf-lambda setup`, then "
        "`hf-lambda render examples/title-card -o title-card.mp4`.",
    )
    parser.add_argument("--version", action="version", version=f"hf-lambda {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True, parser_class=CommandParser)
    for name in names:
        importlib.import_module(f"hf_lambda.cli.{_MODULES[name]}").add_command(commands)
    return parser


if __name__ == "__main__":
    sys.exit(main())
