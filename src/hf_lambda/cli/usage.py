"""What command lines have in common: a parser whose exit codes are agreed, and kinds of values."""

import argparse
import sys
from collections.abc import Sequence
from typing import NoReturn

_WRONG_USAGE = 2


def positive(text: str) -> int:
    """A whole number from 1 on.

    Raises:
        ValueError, argparse.ArgumentTypeError: it is none.
    """
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is not at least 1")
    return number


class CommandParser(argparse.ArgumentParser):
    """Exits with `usage_exit_code` on wrong usage, options that it does not know included, so that wrong usage does not
    look like something else.
    """

    usage_exit_code = _WRONG_USAGE

    def error(self, message: str) -> NoReturn:
        """Say what is wrong, and leave."""
        self.print_usage(sys.stderr)
        self.exit(self.usage_exit_code, f"{self.prog}: error: {message}\n")

    def parse_known_args(  # type: ignore[override] # argparse's overloads describe namespaces of other kinds
        self, args: Sequence[str] | None = None, namespace: argparse.Namespace | None = None
    ) -> tuple[argparse.Namespace, list[str]]:
        """As argparse does, but what is unknown is this command's error, not that of the command above it."""
        parsed, unknown = super().parse_known_args(args, namespace)
        if unknown:
            self.error(f"unrecognized arguments: {' '.join(unknown)}")
        return parsed, unknown
