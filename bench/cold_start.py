"""Where the time of a cold and of a warm sandbox goes, measured under the Lambda runtime emulator.

    python -m bench.cold_start [--project examples/title-card] [--runs 3]

Builds a zip from the laptop's toolchain, starts one sandbox, and renders the first chunk of a project in it: cold
(a new sandbox) and warm (the same again, under another prefix, so that nothing is found stored). Writes
docs/cold-start.md.
"""

import argparse
import os
import platform
import statistics
import tempfile
import uuid
from pathlib import Path
from typing import Any

from bench.places import ROOT
from hf_lambda.deploy.handler_tree import TreeContents
from hf_lambda.deploy.handler_zip import build_zip
from hf_lambda.deploy.interpreters import find_python
from hf_lambda.deploy.zip_archive import Limits
from hf_lambda.emulator.engine import BUCKET, Emulator, EmulatorOptions, emulator
from hf_lambda.emulator.worker import FunctionResult
from hf_lambda.errors import RENDER_FAILED
from hf_lambda.settings import Settings

PAGE = ROOT / "docs" / "cold-start.md"
PYTHON = "3.13"
PARTS = {
    "Init": "interpreter and imports, and the way to the function and back",
    "Fetch": "plan from S3",
    "Unpack": "Chromium, ffmpeg and ffprobe to /tmp, side by side",
    "Launch": "Chromium, until it answers (summed over lanes)",
    "PageReady": "page loaded and ready to be seeked (summed over segments)",
    "Capture": "pictures (summed over lanes)",
    "Encode": "waiting for the encoder (summed over lanes)",
    "Join": "segments to a chunk",
    "Upload": "chunk to S3",
    "Total": "as the caller sees it",
}

Split = dict[str, float]


def main() -> None:
    """Measure and write the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--project", type=Path, default=ROOT / "examples" / "title-card")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--chunk-size", type=int, default=60)
    arguments = parser.parse_args()
    settings = Settings.from_environment()
    with tempfile.TemporaryDirectory(prefix="hf-lambda-bench-") as work:
        contents = TreeContents(settings.toolchain_dir, PYTHON, "sparticuz", ROOT / "constraints.txt")
        if find_python(PYTHON) is None:
            parser.error(f"there is no Python {PYTHON} on this machine")
        built = build_zip(contents, Path(work) / "handler.zip", limits=Limits(1 << 40, 1 << 40), report=print)
        options = EmulatorOptions(
            built.path, ROOT / "statemachine.asl.json", settings.cache_dir / "emulator", workers=1
        )
        with emulator(options) as emulated:
            splits = _measure(emulated, arguments.project, arguments.runs, arguments.chunk_size)
    PAGE.write_text(_page(splits, arguments.project.name, arguments.runs, arguments.chunk_size))
    print(PAGE)


def _measure(emulated: Emulator, project: Path, runs: int, chunk_size: int) -> dict[str, list[Split]]:
    plan = _invoke(
        emulated,
        Action="plan",
        ProjectS3Uri=emulated.upload_project(project, "bench"),
        PlanOutputS3Prefix=f"s3://{BUCKET}/renders/bench",
        Config={"chunkSize": chunk_size},
    ).payload
    splits: dict[str, list[Split]] = {"cold": [], "warm": []}
    for _ in range(runs):
        emulated.pool.workers[0].stop()
        for kind in splits:
            result = _invoke(
                emulated,
                Action="render-chunk",
                PlanS3Uri=plan["PlanS3Uri"],
                PlanHash=plan["PlanHash"],
                ChunkIndex=0,
                ChunkOutputS3Prefix=f"s3://{BUCKET}/renders/{uuid.uuid4().hex}",
                Format="mp4",
            )
            assert result.is_cold == (kind == "cold")
            splits[kind].append(_split(result))
    return splits


def _invoke(emulated: Emulator, **payload: Any) -> FunctionResult:
    result = emulated.pool.invoke(payload)
    if result.is_error:
        raise RENDER_FAILED(str(result.payload))
    return result


def _split(result: FunctionResult) -> Split:
    seconds = {name: milliseconds / 1000 for name, milliseconds in result.payload["Timings"].items()}
    return {"Init": result.seconds - result.payload["DurationMs"] / 1000, **seconds, "Total": result.seconds}


def _page(splits: dict[str, list[Split]], project: str, runs: int, chunk_size: int) -> str:
    rows = [
        f"| {name} | {_median(splits['cold'], name):.2f} | {_median(splits['warm'], name):.2f} | {meaning} |"
        for name, meaning in PARTS.items()
    ]
    return "\n".join(
        [
            "# A cold and a warm sandbox",
            "",
            f"Written by `python -m bench.cold_start`; run it again rather than editing this. The first {chunk_size}",
            f"frames of `examples/{project}` in one sandbox under the Lambda runtime emulator: medians of {runs}",
            f"runs, in seconds, on {platform.machine()} with {os.cpu_count()} cores that had other work too. Lambda",
            "itself was not measured. Parts that several lanes do side by side add up to more than their total.",
            "",
            "| part | cold | warm | |",
            "| --- | ---: | ---: | --- |",
            *rows,
            "",
        ]
    )


def _median(splits: list[Split], name: str) -> float:
    return statistics.median(split.get(name, 0.0) for split in splits)


if __name__ == "__main__":
    main()
