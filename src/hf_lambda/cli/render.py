"""`hf-lambda render`: a project folder becomes a video, on this machine."""

import argparse
import dataclasses
import json
import signal
import time
from pathlib import Path
from typing import Any

from hf_lambda.cli.interrupts import cancelled_by
from hf_lambda.cli.progress import render_display
from hf_lambda.config import DECIMAL_FPS, INTEGER_FPS, NTSC_FPS, RESOLUTIONS
from hf_lambda.deadline import Deadline
from hf_lambda.errors import INVALID_CONFIG
from hf_lambda.local.engine import RenderSummary, render_project
from hf_lambda.settings import Settings

_DAY_SECONDS = 24 * 3600.0
_FORMATS_BY_SUFFIX = {".mp4": "mp4", ".mov": "mov", ".webm": "webm", ".tar": "png-sequence"}


def add_command(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `render` to the command line."""
    parser = commands.add_parser(
        "render",
        help="render a project folder to a video",
        description="Render a HyperFrames project (a folder with index.html) through the same three stages that "
        "run in AWS Lambda: plan, render-chunk (several side by side), assemble.",
        epilog="Example: hf-lambda render examples/title-card -o out/title-card.mp4 --fps 60 --quality high",
    )
    parser.add_argument("project", type=Path, metavar="DIR", help="the project folder")
    suffixes = ", ".join(_FORMATS_BY_SUFFIX)
    parser.add_argument(
        "-o", "--output", type=Path, required=True, metavar="FILE", help=f"the video to write: a name in {suffixes}"
    )
    rates = ", ".join(map(str, (*INTEGER_FPS, *DECIMAL_FPS, *NTSC_FPS)))
    parser.add_argument("--fps", help=f"frames per second: {rates} (default: the composition's data-fps, else 30)")
    formats = ", ".join(_FORMATS_BY_SUFFIX.values())
    parser.add_argument("--format", help=f"{formats}; the output's suffix says it as well")
    parser.add_argument("--codec", help="h264 (default) or h265, for mp4")
    parser.add_argument("--quality", default="standard", help="draft, standard (default) or high")
    parser.add_argument("--crf", type=int, help="constant rate factor 0 to 51, lower is better and larger")
    parser.add_argument("--bitrate", help='target bit rate such as "8M", in place of --crf')
    parser.add_argument("--encoder-preset", help="of x264 or x265, ultrafast to veryslow, in place of --quality's")
    parser.add_argument("--cfr", action="store_true", help="verify that all frames last equally long (h264 in mp4)")
    parser.add_argument(
        "--resolution",
        metavar="NAME",
        help=f"draw the composition this large, a whole multiple of its own size: {', '.join(RESOLUTIONS)}",
    )
    parser.add_argument("--entry-file", help="the document to render (default: index.html)")
    parser.add_argument("--variables", metavar="JSON", help="values for the composition's variables, a JSON object")
    parser.add_argument("--variables-file", type=Path, metavar="FILE", help="the same, from a file")
    parser.add_argument("--strict-variables", action="store_true", help="refuse variables that break their declaration")
    parser.add_argument("--best-effort", action="store_true", help="render in spite of script errors and live maps")
    parser.add_argument(
        "--capture-mode", help="auto (default), framebuffer, beginframe or screenshot: how frames are taken"
    )
    parser.add_argument(
        "--webgl-driver",
        help="auto (default), swiftshader or mesa: what draws WebGL; mesa is faster, and draws other noise",
    )
    parser.add_argument(
        "--strict-fonts", action="store_true", help="stop, as Lambda does, where a font family cannot be had"
    )
    parser.add_argument("--chunk-size", type=int, metavar="N", help="frames per chunk (default: 240)")
    parser.add_argument(
        "--segment-frames",
        type=int,
        metavar="N",
        help="frames per segment (default: as few segments as keep the CPUs busy)",
    )
    parser.add_argument("--jobs", type=int, metavar="N", help="browsers at work at a time (default: the usable CPUs)")
    parser.add_argument("--timeout", type=float, metavar="SECONDS", default=_DAY_SECONDS, help="give up after this")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="keep the plan and the chunks in this folder")
    parser.add_argument("--json", action="store_true", help="print what was made as JSON")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Render, with a progress display, and say what was made."""
    config = config_from(arguments)
    settings = Settings.from_environment()
    if arguments.jobs is not None:
        if arguments.jobs < 1:
            raise INVALID_CONFIG("--jobs must be at least 1")
        settings = dataclasses.replace(settings, lanes=arguments.jobs)
    started = time.monotonic()
    deadline = Deadline(arguments.timeout)
    with cancelled_by(deadline, signal.SIGINT, signal.SIGTERM), render_display() as display:
        summary = render_project(
            arguments.project,
            arguments.output,
            config,
            settings=settings,
            deadline=deadline,
            observer=display,
            keep=arguments.keep,
        )
    _print_summary(summary, time.monotonic() - started, as_json=arguments.json)
    return 0


def config_from(arguments: argparse.Namespace) -> dict[str, Any]:
    """The wire form of Config from the command line's options.

    Raises:
        INVALID_CONFIG: the variables are not a JSON object, or the output's suffix says no format.
    """
    options = {
        "fps": DECIMAL_FPS.get(arguments.fps, arguments.fps),
        "format": _format_of(arguments.output, arguments.format),
        "codec": arguments.codec,
        "quality": arguments.quality,
        "crf": arguments.crf,
        "bitrate": arguments.bitrate,
        "encoderPreset": arguments.encoder_preset,
        "cfr": arguments.cfr or None,
        "outputResolution": arguments.resolution,
        "entryFile": arguments.entry_file,
        "variables": _variables(arguments),
        "strictVariables": arguments.strict_variables or None,
        "strictness": "best-effort" if arguments.best_effort else None,
        "captureMode": arguments.capture_mode,
        "webglDriver": arguments.webgl_driver,
        "failClosedFontFetch": arguments.strict_fonts,
        "chunkSize": arguments.chunk_size,
        "segmentFrames": arguments.segment_frames,
    }
    return {name: value for name, value in options.items() if value is not None}


def _format_of(output: Path, wanted: str | None) -> str:
    """The format that the output's suffix says, unless another suffix leaves it to `wanted`."""
    named = _FORMATS_BY_SUFFIX.get(output.suffix.lower(), wanted)
    if named is None:
        known = ", ".join(_FORMATS_BY_SUFFIX)
        raise INVALID_CONFIG(f"{output.name} has none of the suffixes {known}, and there is no --format")
    if wanted not in (None, named):
        raise INVALID_CONFIG(f"{output.name} is the name of {named}, but --format is {wanted}")
    return named


def _variables(arguments: argparse.Namespace) -> dict[str, Any] | None:
    if arguments.variables is not None and arguments.variables_file is not None:
        raise INVALID_CONFIG("--variables and --variables-file exclude each other")
    text = arguments.variables
    if arguments.variables_file is not None:
        try:
            text = arguments.variables_file.read_text("utf-8")
        except (OSError, ValueError) as error:
            raise INVALID_CONFIG(f"--variables-file cannot be read: {error}") from error
    if text is None:
        return None
    try:
        values = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise INVALID_CONFIG(f"the variables are not JSON: {error}") from error
    if not isinstance(values, dict):
        raise INVALID_CONFIG("the variables are not a JSON object")
    return values


def _print_summary(summary: RenderSummary, seconds: float, *, as_json: bool) -> None:
    frames = summary.assembled["FramesEncoded"]
    if as_json:
        made = {"Output": str(summary.output), "Plan": summary.plan, "Chunks": summary.chunks}
        print(json.dumps({**made, "Assembled": summary.assembled, "Seconds": round(seconds, 3)}, indent=2))
        return
    plan = summary.plan
    megabytes = summary.assembled["FileSize"] / 1e6
    print(
        f"{summary.output}: {plan['Width']}x{plan['Height']}, {frames} frames at {plan['Fps']} fps, "
        f"{megabytes:.1f} MB, rendered in {seconds:.1f} s ({frames / seconds:.0f} frames a second)"
    )
