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
_ENTRIES = (
    "stream=codec_type,codec_name,width,height,pix_fmt,r_frame_rate,avg_frame_rate,start_time,duration,nb_read_packets"
    ":stream_tags=alpha_mode,ALPHA_MODE,DURATION,duration:format=duration"
)


@dataclass(frozen=True)
class VideoFacts:
    """One file's video stream, counted packet by packet, and whether it has sound.

    `start_seconds` is the time of the first picture or sound, whichever lies further from 0.
    """

    codec: str
    width: int
    height: int
    fps: Fraction
    average_fps: Fraction
    frame_count: int
    duration_seconds: float
    start_seconds: float
    has_alpha: bool
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


@dataclass(frozen=True)
class Packet:
    """When an encoded frame is shown, and for how long, exactly."""

    start_seconds: Fraction
    duration_seconds: Fraction


def probe_packets(ffprobe: Path, path: Path, *, deadline: Deadline) -> list[Packet]:
    """The times of every frame of the first video stream, in the order of the file.

    Raises:
        MEDIA_UNREADABLE: it is no media file, or some frame has no time.
    """
    entries = "stream=time_base:packet=pts,duration"
    facts = _run(ffprobe, ["-select_streams", "v:0", "-show_entries", entries, str(path)], deadline)
    try:
        tick = Fraction(facts["streams"][0]["time_base"])
        packets = [Packet(packet["pts"] * tick, packet["duration"] * tick) for packet in facts["packets"]]
    except (KeyError, IndexError, ValueError, TypeError, ZeroDivisionError) as error:
        raise MEDIA_UNREADABLE(f"{path.name} has frames without a time: ffprobe found no usable {error}") from error
    if not packets:
        raise MEDIA_UNREADABLE(f"{path.name} has no frames")
    return packets


def _video_facts(facts: dict[str, Any]) -> VideoFacts:
    streams = {stream["codec_type"]: stream for stream in reversed(facts["streams"])}
    video = streams["video"]
    tags = {name.lower(): value for name, value in video.get("tags", {}).items()}
    return VideoFacts(
        codec=video["codec_name"],
        width=video["width"],
        height=video["height"],
        fps=Fraction(video["r_frame_rate"]),
        average_fps=Fraction(video["avg_frame_rate"]),
        frame_count=int(video["nb_read_packets"]),
        duration_seconds=_duration(video, tags, facts["format"]),
        start_seconds=max((float(stream.get("start_time", 0)) for stream in streams.values()), key=abs),
        has_alpha="yuva" in video["pix_fmt"] or tags.get("alpha_mode") == "1",  # VP9's alpha is beside the stream
        has_audio="audio" in streams,
    )


def _duration(video: dict[str, Any], tags: dict[str, str], container: dict[str, Any]) -> float:
    """The stream's own length where it has one; webm keeps it in a tag, as hours:minutes:seconds."""
    if "duration" in video:
        return float(video["duration"])
    if "duration" in tags:
        hours, minutes, seconds = tags["duration"].split(":")
        return int(hours) * 3600 + int(minutes) * 60 + float(seconds)
    return float(container["duration"])


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
