"""Joins segments into chunks, and chunks (with sound) into the final file, without encoding again."""

import math
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

from hf_lambda.deadline import Deadline
from hf_lambda.media.commands import Input, Options, build_command
from hf_lambda.media.envelopes import SAMPLE_RATE
from hf_lambda.media.recipes.recipe import track_timescale
from hf_lambda.media.runner import run_ffmpeg

_NOT_DECODED = "option codec_whitelist none\n"
"""For a part in the list: ffmpeg decodes the first pictures of what it opens, 25 ms (words) to 180 (photos) of one of
1080p, to learn what nothing that is copied needs; unless it may use no decoder."""
_COMPLAINTS = ("not on whitelist", "find_stream_info", "find codec parameters", "Consider increasing")
"""What ffmpeg says of that."""


def join_videos(
    ffmpeg: Path,
    parts: Sequence[Path],
    output: Path,
    *,
    fps: Fraction,
    audio: Path | None = None,
    deadline: Deadline,
) -> None:
    """Copy `parts`, one after the other, and the `audio` into `output`, in one pass.

    Times are set from the frame number: the concat demuxer alone places each part up to a millisecond
    late, which adds up and makes players see another frame rate.

    Raises:
        ENCODER_FAILED: ffmpeg could not read or write something.
    """
    listing = output.with_suffix(".parts.txt")
    listing.write_text("".join(f"file '{_quoted(part)}'\n{_NOT_DECODED}" for part in parts))
    frame_ticks = f"{fps.denominator}/({fps.numerator}*TB)"
    inputs = [Input(listing, "v", {"f": "concat", "safe": 0})]
    if audio is not None:
        inputs.append(Input(audio, "a"))
    argv = build_command(
        ffmpeg,
        inputs,
        output,
        output_options={
            "c": "copy",
            "bsf:v": f"setts=ts=N*{frame_ticks}:duration={frame_ticks}",
            **_container_options(output, fps),
            "fflags": "+bitexact",
            "copyts": None,  # sound keeps its place: Opus in WebM begins before 0, with what its decoder drops
        },
    )
    try:
        run_ffmpeg(argv, deadline=deadline, meaningless=_COMPLAINTS)
    finally:
        listing.unlink(missing_ok=True)


def _container_options(output: Path, fps: Fraction) -> Options:
    if output.suffix == ".webm":
        return {"metadata:s:v:0": "alpha_mode=1"}  # without it players show the colours only
    return {
        "video_track_timescale": track_timescale(fps),
        "movie_timescale": math.lcm(track_timescale(fps), SAMPLE_RATE),  # exact lengths in the edit lists
        "movflags": "+faststart",  # the index comes first, so playback starts while the rest loads
    }


def _quoted(path: Path) -> str:
    return str(path.resolve()).replace("'", r"'\''")
