"""Cuts the part of a source video that is needed out of its file, without decoding it.

A cut begins at a key frame and keeps every time stamp, so that frames are extracted from it as from the whole file.
Only the part that is cut is read. Whether the cut holds the very packets of the file is checked, not hoped for.
"""

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from hf_lambda.deadline import Deadline
from hf_lambda.errors import ENCODER_FAILED, MEDIA_UNREADABLE, SCRATCH_UNAVAILABLE
from hf_lambda.media.commands import Input, build_command
from hf_lambda.media.probing import run_ffprobe
from hf_lambda.media.runner import run_ffmpeg
from hf_lambda.media.source_frames import VIDEO_STREAM, FrameSource

_MARGIN_SECONDS = 0.5
_COPY = {"c": "copy", "avoid_negative_ts": "disabled", "fflags": "+bitexact", "flags:v": "+bitexact"}


@dataclass(frozen=True)
class Packet:
    """One stored frame: when it is shown, on the file's own clock, and whether decoding can begin with it."""

    seconds: Fraction
    is_key: bool


def cut_suffix(container: str, codec: str) -> str:
    """The kind of file that keeps this video's time stamps exactly."""
    if "matroska" in container:
        return ".mkv"  # MP4 would lose the alpha of a WebM
    return ".mp4" if codec in ("h264", "hevc", "av1", "vp9", "mpeg4") else ".mov"


def cut_video(
    ffmpeg: Path,
    ffprobe: Path,
    file: Path,
    source: FrameSource,
    span: tuple[float, float],
    output: Path,
    *,
    deadline: Deadline,
) -> bool:
    """Write the packets for the frames of `span`, in seconds since the file's beginning, to `output`.

    False where that cannot be done exactly; the whole file must then be used.
    """
    begin = max(0.0, span[0] - 2 * source.lead)
    length = span[1] + source.lead + _MARGIN_SECONDS - begin
    options: dict[str, str | int | None] = {"copyts": None, "t": f"{length:.6f}"}
    if begin > 0:
        options = {**options, "ss": f"{begin:.6f}", "noaccurate_seek": None}
    ticks = source.time_base.denominator
    scales = {"video_track_timescale": ticks, "movie_timescale": ticks}
    argv = build_command(
        ffmpeg,
        [Input(file, VIDEO_STREAM, options)],
        output,
        output_options={**_COPY, **({} if output.suffix == ".mkv" else scales)},
        stops_at_damage=False,
    )
    try:
        run_ffmpeg(argv, deadline=deadline)
        cut = list_packets(ffprobe, output, None, deadline=deadline)
        begin_at = float(source.zero) + begin
        around = (begin_at - source.lead, begin_at + length + source.lead)
        whole = list_packets(ffprobe, file, around, deadline=deadline)
    except (ENCODER_FAILED, MEDIA_UNREADABLE, SCRATCH_UNAVAILABLE):
        return False
    return _is_exact(cut, whole, source, span)


def _is_exact(cut: list[Packet], whole: list[Packet], source: FrameSource, span: tuple[float, float]) -> bool:
    """Whether the cut is a piece of the file that begins with a key frame before the span and ends behind it."""
    if not cut or not cut[0].is_key or cut[0] not in whole:
        return False
    start = whole.index(cut[0])
    if whole[start : start + len(cut)] != cut:
        return False
    first, last = (source.zero + Fraction(round(edge * 1000), 1000) for edge in span)
    reaches_end = len(whole) == start + len(cut) or max(packet.seconds for packet in cut) >= last
    return reaches_end and (
        cut[0].seconds <= first - Fraction(1, 10) or float(first) <= float(source.zero) + source.lead
    )


def list_packets(
    ffprobe: Path, file: Path, interval: tuple[float, float] | None, *, deadline: Deadline
) -> list[Packet]:
    """The packets of a file's video in stored order; with an interval, only those from the key frame before it on.

    Raises:
        MEDIA_UNREADABLE: the file cannot be read.
    """
    part = [] if interval is None else ["-read_intervals", f"{interval[0]:.6f}%{interval[1]:.6f}"]
    entries = ["-select_streams", VIDEO_STREAM, "-show_entries", "packet=pts,flags:stream=time_base"]
    found = run_ffprobe(ffprobe, [*entries, *part, str(file)], deadline)
    try:
        time_base = Fraction(found["streams"][0]["time_base"])
        return [Packet(packet["pts"] * time_base, "K" in packet["flags"]) for packet in found["packets"]]
    except (LookupError, ValueError, TypeError, ZeroDivisionError) as error:
        raise MEDIA_UNREADABLE(f"{file.name} has packets without {error}") from error
