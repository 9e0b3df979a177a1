"""Results as JSON, as CSV and as a table for people."""

import csv
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from hf_lambda.quality.comparing import Comparison
from hf_lambda.quality.outcome import ExitCode
from hf_lambda.quality.trial import TrialResult

_VERDICTS = {ExitCode.OK: "ok", ExitCode.RENDER: "render failed", ExitCode.QUALITY: "quality"}


def result_row(result: TrialResult, artifacts: Path) -> dict[str, Any]:
    """One trial as an object of results.json; paths are relative to the artifacts, what is not known is null."""
    median = result.median_seconds
    return {
        "name": result.name,
        "chunkCountRequested": result.chunks_requested,
        "chunkCount": result.chunk_count,
        "wallClockMs": None if median is None else round(1000 * median),
        "wallClockMsEach": [round(1000 * seconds) for seconds in result.wall_seconds],
        **_comparison_fields(result.comparison),
        "costUsd": None if result.cost is None else round(result.cost.usd, 6),
        "functionSeconds": None if result.cost is None else round(result.cost.seconds, 3),
        "failedAttempts": dict(result.failures),
        "verdict": _VERDICTS[result.code],
        "reasons": result.reasons,
        "output": _relative(result.output, artifacts),
        "history": _relative(result.history, artifacts),
    }


def write_json(path: Path, rows: Sequence[dict[str, Any]]) -> None:
    """Rows as a JSON list."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(list(rows), indent=2) + "\n")


def write_csv(path: Path, rows: Sequence[dict[str, Any]], columns: Sequence[str]) -> None:
    """Rows as CSV, with a header even where there are none."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, columns, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)


def table(rows: Sequence[dict[str, Any]], columns: dict[str, str]) -> str:
    """Rows as lines of equal width; `columns` gives each shown field its heading."""
    cells = [list(columns.values()), *([_cell(row[name]) for name in columns] for row in rows)]
    widths = [max(len(line[index]) for line in cells) for index in range(len(columns))]
    return "\n".join(
        "  ".join(cell.rjust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in cells
    )


def findings(rows: Sequence[dict[str, Any]], columns: dict[str, str], *, label: str) -> Iterator[str]:
    """What people are told at the end: the table, then every reason with the row that it belongs to."""
    yield "\n" + table(rows, columns)
    for row in rows:
        for reason in row["reasons"]:
            yield f"{row[label]}: {reason}"


def sound_cell(row: dict[str, Any]) -> str:
    """The sound of a row of results.json in a few characters."""
    audio = row["audio"]
    if audio is None or not (audio["expected"] or audio["present"]):
        return "-" if audio is None else "none"
    if audio["residualDbfs"] is None:
        return "missing" if audio["expected"] else "unwanted"
    return f"{audio['residualDbfs']:.0f} dBFS {audio['lagMs']:+.1f} ms"


def _comparison_fields(comparison: Comparison | None) -> dict[str, Any]:
    pictures = comparison.pictures if comparison is not None else None
    facts = comparison.candidate if comparison is not None else None
    expected = comparison.reference if comparison is not None else None
    return {
        "psnrAvgDb": None if pictures is None else round(pictures.average_db, 2),
        "psnrPooledDb": None if pictures is None else round(pictures.pooled_db, 2),
        "psnrMinDb": None if pictures is None else round(pictures.worst_db, 2),
        "psnrMinFrame": None if pictures is None else pictures.worst_frame,
        "identicalFrames": None if pictures is None else pictures.identical_frames,
        "frames": None if facts is None else facts.frame_count,
        "framesExpected": None if expected is None else expected.frame_count,
        "durationSeconds": None if facts is None else facts.duration_seconds,
        "audio": None if comparison is None else _audio_fields(comparison),
    }


def _audio_fields(comparison: Comparison) -> dict[str, Any]:
    sound = comparison.sound
    return {
        "expected": comparison.reference.has_audio,
        "present": comparison.candidate.has_audio,
        "lagMs": None if sound is None else round(sound.lag_ms, 3),
        "residualDbfs": None if sound is None else round(sound.residual_dbfs, 2),
        "worstWindowDbfs": None if sound is None else round(sound.worst_window_dbfs, 2),
        "lengthDeltaMs": None if sound is None else round(sound.length_delta_ms, 3),
    }


def _cell(value: object) -> str:
    return "-" if value is None else str(value)


def _relative(path: Path, artifacts: Path) -> str | None:
    return str(path.relative_to(artifacts)) if path.is_file() else None
