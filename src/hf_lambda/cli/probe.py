"""`hf-lambda probe`: proves the packaged Chromium by itself."""

import argparse
import json
import sys
from pathlib import Path

from hf_lambda.errors import PROBE_UNAVAILABLE
from hf_lambda.settings import Settings

_FAILED, _NOT_RUN = 1, 2


def add_command(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `probe` to the command line."""
    parser = commands.add_parser(
        "probe",
        help="prove the packaged Chromium with another DevTools client",
        description="Unpack Chromium from the deployment zip, launch it as Lambda would let it run, and look through "
        "pyppeteer, which shares no code with this package, that it draws in software, honours BeginFrame twice with "
        "the same pixels, and draws text. Exit codes: 0 it does, 1 it does not, 2 the probe could not be run.",
    )
    parser.add_argument(
        "source",
        type=Path,
        nargs="?",
        default=Path("dist/handler.zip"),
        metavar="ZIP",
        help="a deployment zip, a layer's zip, or a toolchain's folder (default: %(default)s)",
    )
    parser.add_argument("--json", action="store_true", help="print everything that was seen as JSON")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Probe, and say what was seen and how long it took."""
    from hf_lambda.quality.probe import probe_chromium

    try:
        result = probe_chromium(arguments.source, Settings.from_environment().cache_dir / "probe")
    except PROBE_UNAVAILABLE as error:
        print(f"hf-lambda: {error.code()}: {error}", file=sys.stderr)
        return _NOT_RUN
    if arguments.json:
        print(json.dumps({"failures": result.failures, "unpackMs": result.unpack_ms, **result.seen}, indent=2))
    else:
        seen = result.seen
        print(
            f"{seen.get('product', 'Chromium')}: unpacked in {result.unpack_ms} ms, launched in "
            f"{seen.get('launchMs', '-')} ms, first frame after {seen.get('firstFrameMs', '-')} ms"
        )
    for line in (*result.failures, *((result.unproven,) if result.unproven else ())):
        print(f"probe: {line}", file=sys.stderr)
    return _FAILED if result.failures else 0
