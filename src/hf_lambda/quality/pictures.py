"""How far the pictures of one video are from those of another."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from hf_lambda.deadline import Deadline
from hf_lambda.media.commands import psnr_command
from hf_lambda.media.runner import run_ffmpeg

IDENTICAL_DB = 100.0
"""Stands for the infinite PSNR of equal frames, so that it can be averaged, compared and written as JSON."""
_PEAK_SQUARED = 255.0**2
_ALL_PLANES = "psnr_avg"


@dataclass(frozen=True)
class PictureComparison:
    """PSNR of the frames that both videos have, in dB; `worst_frame` counts from 0."""

    frames: int
    identical_frames: int
    pooled_db: float
    """Of the squared errors of all frames together: one bad frame among many good ones shows."""
    average_db: float
    """The mean of the frames' own values, which hides one bad frame; for comparison with other tools."""
    worst_db: float
    worst_frame: int


def compare_pictures(
    ffmpeg: Path, reference: Path, candidate: Path, *, scratch: Path, deadline: Deadline
) -> PictureComparison:
    """Compare frame n with frame n, for videos of equal size.

    Raises:
        ENCODER_FAILED: one of them cannot be decoded.
    """
    statistics = scratch / f"{candidate.name}.psnr.txt"
    run_ffmpeg(psnr_command(ffmpeg, reference, candidate, statistics), deadline=deadline)
    with statistics.open() as lines:
        return summarise(map(_frame_db, lines))


def summarise(frames_db: Iterable[float]) -> PictureComparison:
    """The comparison from each frame's PSNR, infinite ones included; nothing compared is as bad as can be."""
    count = identical = worst_frame = 0
    squared_errors = total_db = 0.0
    worst_db = math.inf
    for number, decibels in enumerate(frames_db):
        count += 1
        identical += math.isinf(decibels)
        squared_errors += _PEAK_SQUARED / 10 ** (decibels / 10)
        total_db += min(decibels, IDENTICAL_DB)
        if decibels < worst_db:
            worst_db, worst_frame = decibels, number
    if count == 0:
        return PictureComparison(0, 0, 0.0, 0.0, 0.0, 0)
    pooled = 10 * math.log10(_PEAK_SQUARED * count / squared_errors) if squared_errors else IDENTICAL_DB
    return PictureComparison(
        count,
        identical,
        pooled_db=min(pooled, IDENTICAL_DB),
        average_db=total_db / count,
        worst_db=min(worst_db, IDENTICAL_DB),
        worst_frame=worst_frame,
    )


def _frame_db(line: str) -> float:
    """The PSNR in a line of ffmpeg's; the MSE beside it has two decimals only, too few for good pictures."""
    fields = dict(field.split(":", 1) for field in line.split())
    return float(fields[_ALL_PLANES])
