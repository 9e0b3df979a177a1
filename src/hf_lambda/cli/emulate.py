"""`hf-lambda emulate`: renders a project with the built zip and the real state machine, on this machine."""

import argparse
import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hf_lambda.cli.usage import positive
from hf_lambda.composition.project_folder import check_project
from hf_lambda.deadline import Deadline
from hf_lambda.errors import EMULATOR_UNAVAILABLE, INVALID_CONFIG, RENDER_FAILED
from hf_lambda.files import check_writable
from hf_lambda.settings import Settings

if TYPE_CHECKING:
    from hf_lambda.emulator.engine import Emulator
    from hf_lambda.emulator.execution import Execution

_HOUR_SECONDS = 3600.0
_SITE = "emulated"


def add_command(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `emulate` to the command line."""
    parser = commands.add_parser(
        "emulate",
        help="render with the built zip under the Lambda runtime emulator",
        description="Run exactly what would be deployed: dist/handler.zip unpacked read-only, in real Lambda runtime "
        "interface emulators with Lambda's environment, joined by the state machine of template.yaml, over an S3 API. "
        "Needs no Docker and no AWS account. docs/local.md says what this proves and what it does not.",
    )
    parser.add_argument("project", type=Path, metavar="DIR", help="the project folder")
    parser.add_argument("-o", "--output", type=Path, required=True, help="the video to write")
    parser.add_argument("--config", default="{}", metavar="JSON", help='the Config of the plan, such as {"fps": 60}')
    parser.add_argument("--zip", type=Path, default=Path("dist/handler.zip"), help="default: %(default)s")
    parser.add_argument("--layer", type=Path, help="the layer that was built with the zip")
    parser.add_argument("--definition", type=Path, default=Path("statemachine.asl.json"), help="default: %(default)s")
    parser.add_argument("--workers", type=positive, default=2, metavar="N", help="sandboxes (default: %(default)s)")
    parser.add_argument("--timeout", type=float, default=_HOUR_SECONDS, metavar="SECONDS", help="give up after this")
    parser.add_argument("--history", type=Path, metavar="FILE", help="write the execution's history as JSON")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Emulate, and say where the time went."""
    try:
        from hf_lambda.emulator.engine import EmulatorOptions, emulator
    except ImportError as error:
        raise EMULATOR_UNAVAILABLE(
            f"{error.name} is not installed; `pip install hf-lambda[emulate]` brings it"
        ) from None

    config = _parse_config(arguments.config)
    check_project(arguments.project)
    for output in filter(None, (arguments.output, arguments.history)):
        check_writable(output)
    options = EmulatorOptions(
        arguments.zip,
        arguments.definition,
        Settings.from_environment().cache_dir / "emulator",
        workers=arguments.workers,
        layer=arguments.layer,
    )
    started = time.monotonic()
    with emulator(options) as emulated:
        _say(f"{arguments.workers} sandboxes of {arguments.zip} ready after {time.monotonic() - started:.1f} s")
        if emulated.sandbox.unproven:
            _say(emulated.sandbox.unproven)
        uri = emulated.upload_project(arguments.project, _SITE)
        execution = emulated.render(
            uri, _SITE, config, suffix=arguments.output.suffix, deadline=Deadline(arguments.timeout)
        )
        if arguments.history is not None:
            arguments.history.write_text(json.dumps(execution.history, indent=1, default=str))
        _print_times(emulated, execution)
        if execution.output is None:
            raise RENDER_FAILED(f"the execution ended as {execution.status}: {execution.error}: {execution.cause}")
        emulated.download(execution.output["Output"]["OutputS3Uri"], arguments.output)
    print(arguments.output)
    return 0


def _parse_config(text: str) -> dict[str, Any]:
    try:
        config = json.loads(text)
    except ValueError as error:
        raise INVALID_CONFIG(f"--config is not JSON: {error}") from error
    if not isinstance(config, dict):
        raise INVALID_CONFIG("--config is not a JSON object")
    return config


def _print_times(emulated: "Emulator", execution: "Execution") -> None:
    print(f"{'action':<14}{'chunk':>6}{'sandbox':>9}{'start':>7}{'seconds':>9}{'handler':>9}  result")
    for entry in emulated.pool.log:
        handler_ms = entry.result.payload.get("DurationMs")
        handler = f"{handler_ms / 1000:9.2f}" if handler_ms is not None else f"{'-':>9}"
        result = entry.result.payload.get("errorType", "ok") if entry.result.is_error else "ok"
        print(
            f"{entry.payload.get('Action', '?'):<14}{entry.payload.get('ChunkIndex', ''):>6}{entry.worker:>9}"
            f"{'cold' if entry.is_cold else 'warm':>7}{entry.result.seconds:9.2f}{handler}  {result}"
        )
    print(f"{execution.status} after {execution.wall_seconds:.1f} s, {len(execution.history)} events")


def _say(line: str) -> None:
    print(f"emulate: {line}", file=sys.stderr, flush=True)
