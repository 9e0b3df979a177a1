"""`hf-lambda`: finds the command, runs it, turns errors of the table into one readable message."""

import argparse
import gc
import importlib
import signal
import sys
from collections.abc import Collection, Iterable, Sequence

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


def program(argv: Sequence[str] | None = None) -> int:
    """`main`, as all that its process does.

    A plea to terminate is taken like Ctrl-C, so that a command removes what it began. What is imported is there to
    stay. To look for garbage among it would take a fifth of the time that a command needs to import and to end: 60 ms.
    """
    words = sys.argv[1:] if argv is None else argv
    if signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
        signal.signal(signal.SIGTERM, signal.default_int_handler)
    gc.disable()
    parser = build_parser(_commands_in(words))
    gc.freeze()
    gc.enable()
    return _run(parser, words)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code: 0 done, 1 failed, 2 wrong usage, 130 stopped."""
    words = sys.argv[1:] if argv is None else argv
    return _run(build_parser(_commands_in(words)), words)


def _commands_in(words: Sequence[str]) -> Collection[str]:
    """The command that the words name, or all."""
    return words[:1] if words and words[0] in _MODULES else _MODULES


def _run(parser: argparse.ArgumentParser, words: Sequence[str]) -> int:
    arguments = parser.parse_args(words)
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
    sys.exit(program())
