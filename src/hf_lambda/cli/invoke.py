"""`hf-lambda invoke`: runs the handler once with an event, in this process."""

import argparse
import json
import signal
import sys
from contextlib import closing
from pathlib import Path

from hf_lambda.cli.interrupts import cancelled_by
from hf_lambda.deadline import Deadline
from hf_lambda.errors import INVALID_EVENT
from hf_lambda.handler import browser_pool, handler
from hf_lambda.invocation import NoObserver
from hf_lambda.local.context import LocalContext
from hf_lambda.settings import Settings

_LONGEST_SECONDS = 900.0
"""As long as Lambda allows."""


def add_command(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `invoke` to the command line."""
    parser = commands.add_parser(
        "invoke",
        help="run the handler once with an event",
        description="Run handler.handler with an event from a file (or - for standard input) and print its result, "
        "as Lambda would. s3:// URIs use your AWS credentials, file:// URIs folders of this machine; "
        "sample-events/ has one event for each action.",
    )
    parser.add_argument("event", metavar="EVENT", help="a JSON file, or -")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Run the event and print its result as JSON."""
    event = _read_event(arguments.event)
    settings = Settings.from_environment()
    deadline = Deadline(_LONGEST_SECONDS)
    with cancelled_by(deadline, signal.SIGINT, signal.SIGTERM), closing(browser_pool(settings)):
        result = handler(event, LocalContext(settings, deadline, NoObserver()))
    print(json.dumps(result, indent=2))
    return 0


def _read_event(source: str) -> object:
    try:
        text = sys.stdin.read() if source == "-" else Path(source).read_text("utf-8")
    except OSError as error:
        raise INVALID_EVENT(f"{source} cannot be read: {error.strerror}") from error
    try:
        event: object = json.loads(text)
    except ValueError as error:
        raise INVALID_EVENT(f"{source} is not JSON: {error}") from error
    return event
