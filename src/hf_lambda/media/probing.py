"""What is in a media file, by ffprobe."""

import json
import subprocess
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from hf_lambda.deadline import Deadline
from hf_lambda.errors import MEDIA_UNREADABLE
from hf_lambda.processes import scrubbed_environment

_PROBE_SECONDS = 120.0
_ENTRIES = "stream=codec_type,codec_name,width,height,pix_fmt,r_frame_rate,duration,nb_read_packets:format=duration"


@dataclass(frozen=True)
class VideoFacts:
    """One file's video stream, counted packet by packet, and whether it has sound."""

    codec: str
    width: int
    height: int
    fps: Fraction
    frame_count: int
    duration_seconds: float
    has_audio: bool


def probe_video(ffprobe: Path, path: Path, *, deadline: Deadline) -> VideoFacts:
    """Read `path` to its end and say what it holds.

    Raises:
        MEDIA_UNREADABLE: it is no media file, or has no video.
    """
    facts = _run(ffprobe, ["-count_packets", "-show_entries", _ENTRIES, str(path)], deadline)
    try:
        if not any(stream["codec_type"] == "video" for stream in facts["streams"]):
            raise MEDIA_UNREADABLE(f"{path.name} has no video stream")
        return _video_facts(facts)
    except (KeyError, ValueError, TypeError, ZeroDivisionError) as error:
        raise MEDIA_UNREADABLE(f"{path.name} is no complete video: ffprobe found no usable {error}") from error


def _video_facts(facts: dict[str, Any]) -> VideoFacts:
    streams = {stream["codec_type"]: stream for stream in reversed(facts["streams"])}
    video = streams["video"]
    return VideoFacts(
        codec=video["codec_name"],
        width=video["width"],
        height=video["height"],
        fps=Fraction(video["r_frame_rate"]),
        frame_count=int(video["nb_read_packets"]),
        duration_seconds=float(video.get("duration") or facts["format"]["duration"]),
        has_audio="audio" in streams,
    )


def _run(ffprobe: Path, arguments: list[str], deadline: Deadline) -> dict[str, Any]:
    argv = [str(ffprobe), "-v", "error", "-of", "json", *arguments]
    try:
        done = subprocess.run(
            argv,
            capture_output=True,
            check=False,
            env=scrubbed_environment(),
            stdin=subprocess.DEVNULL,
            timeout=deadline.timeout(_PROBE_SECONDS, "reading a media file"),
        )
    except subprocess.TimeoutExpired as error:
        deadline.check("reading a media file")
        raise MEDIA_UNREADABLE(f"ffprobe took longer than {_PROBE_SECONDS:.0f} s") from error
    except OSError as error:
        raise MEDIA_UNREADABLE(f"ffprobe could not be run: {error}") from error
    if done.returncode != 0:
        raise MEDIA_UNREADABLE(f"ffprobe: {done.stderr.decode('utf-8', 'replace').strip()[-500:]}")
    try:
        result: dict[str, Any] = json.loads(done.stdout)
    except ValueError as error:
        raise MEDIA_UNREADABLE(f"ffprobe's answer is not JSON: {error}") from error
    return result
