"""What is in a media file, by ffprobe."""

import json
import re
import subprocess
from contextlib import suppress
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

from hf_lambda.deadline import Deadline
from hf_lambda.errors import ENCODER_FAILED, MEDIA_UNREADABLE
from hf_lambda.processes import static_tool_environment

_WAIT_SECONDS = 0.5
_COARSEST_ROUNDING_SECONDS = 0.001 + 0.000001
"""Matroska rounds the last frame's start and its length to milliseconds, and ffprobe what it says to microseconds."""
_LISTS = frozenset(("concat", "dash", "hls", "imf"))
"""Files that name others: no worker would have those, and they may be anywhere on its disk."""
_BARE = frozenset(("aac", "mp3"))
"""Bare packets of sound, as long as ffprobe guesses from the size of the first ones, unless a header says it."""
_HEADER_ENTRIES = (
    "stream=codec_type,codec_name,width,height,pix_fmt,r_frame_rate,avg_frame_rate,time_base,start_time,duration,"
    "color_range,color_space,color_transfer,color_primaries,channels,sample_rate"
    ":stream_tags=DURATION,alpha_mode,rotate:stream_disposition=attached_pic:stream_side_data=rotation"
    ":format=format_name,start_time,duration"
)
_ENTRIES = (
    "stream=codec_type,codec_name,width,height,pix_fmt,r_frame_rate,avg_frame_rate,start_time,duration,nb_read_packets"
    ":stream_tags=alpha_mode,ALPHA_MODE,DURATION,duration:format=duration"
)


@dataclass(frozen=True)
class VideoFacts:
    """One file's video stream, counted packet by packet, and whether it has sound.

    `start_seconds` is the time of the first picture.
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


@dataclass(frozen=True)
class VideoStream:
    """The first video stream of a file, from its header. Size in pixels as shown, pixel aspect ratio ignored."""

    codec: str
    width: int
    height: int
    rotation: int
    """Degrees that a player turns the picture by, counter-clockwise; width and height are those after it."""
    pixel_format: str
    time_base: Fraction
    r_fps: Fraction | None
    avg_fps: Fraction | None
    start_seconds: float | None
    duration_seconds: float | None
    colour_range: str | None
    colour_space: str | None
    colour_transfer: str | None
    colour_primaries: str | None
    has_alpha_tag: bool
    """Whether a WebM says that its frames have alpha, which its pixel format does not say."""

    @property
    def is_hdr(self) -> bool:
        """Whether the picture is PQ or HLG."""
        return self.colour_transfer in ("smpte2084", "arib-std-b67")


@dataclass(frozen=True)
class AudioStream:
    """The first audio stream of a file, from its header."""

    codec: str
    channels: int
    sample_rate: int
    start_seconds: float | None
    duration_seconds: float | None


@dataclass(frozen=True)
class MediaFacts:
    """What a media file says of itself, without a look at its frames. Times in seconds.

    Streams may begin at different times; the file begins with the first of them, but not before 0: what lies there
    gets a decoder ready.
    """

    container: str
    start_seconds: float
    duration_seconds: float | None
    video: VideoStream | None
    audio: AudioStream | None

    @property
    def video_seconds(self) -> float | None:
        """From the file's beginning to the end of its pictures."""
        video, end = self.video, self._end_of(self.video)
        return end if video is None or end is None else in_whole_frames(end, video.r_fps or video.avg_fps)

    @property
    def audio_seconds(self) -> float | None:
        """From the file's beginning to the end of its sound."""
        return self._end_of(self.audio)

    @property
    def has_audio(self) -> bool:
        """Whether there is an audio stream."""
        return self.audio is not None

    @property
    def video_size(self) -> tuple[int, int] | None:
        """Width and height of the pictures as shown."""
        return (self.video.width, self.video.height) if self.video else None

    def begin_of(self, stream: VideoStream | AudioStream) -> float:
        """How much later than the file a stream begins."""
        return _begin(stream.start_seconds, self.start_seconds)

    def _end_of(self, stream: VideoStream | AudioStream | None) -> float | None:
        seconds = stream.duration_seconds if stream else None
        return None if stream is None or seconds is None else self.begin_of(stream) + seconds


def probe_media(ffprobe: Path, path: Path, *, deadline: Deadline) -> MediaFacts:
    """Read the header of `path`: the time that takes does not depend on its length, but for bare packets of sound.

    Raises:
        MEDIA_UNREADABLE: it is no media file, or a list of others.
    """
    facts = run_ffprobe(ffprobe, ["-show_entries", _HEADER_ENTRIES, str(path)], deadline)
    try:
        if facts["format"]["format_name"] in _LISTS:
            raise MEDIA_UNREADABLE(f"{path.name} is a list of other files")
        found = _media_facts(facts)
        if found.container not in _BARE or found.audio is None:
            return found
        seconds = _counted_seconds(ffprobe, path, deadline)
        return replace(found, duration_seconds=seconds, audio=replace(found.audio, duration_seconds=seconds))
    except (LookupError, ValueError, TypeError) as error:
        raise MEDIA_UNREADABLE(f"{path.name} is no usable media file: ffprobe found no usable {error}") from error


def _counted_seconds(ffprobe: Path, path: Path, deadline: Deadline) -> float:
    """When the last packet of a file's sound ends."""
    entries = ["-select_streams", "a:0", "-show_entries", "packet=pts_time,duration_time"]
    last = run_ffprobe(ffprobe, [*entries, str(path)], deadline)["packets"][-1]
    return float(last["pts_time"]) + float(last["duration_time"])


def probe_video(ffprobe: Path, path: Path, *, deadline: Deadline) -> VideoFacts:
    """Read `path` to its end and say what it holds.

    Raises:
        MEDIA_UNREADABLE: it is no media file, or has no video.
    """
    facts = run_ffprobe(ffprobe, ["-count_packets", "-show_entries", _ENTRIES, str(path)], deadline)
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
    facts = run_ffprobe(ffprobe, ["-select_streams", "v:0", "-show_entries", entries, str(path)], deadline)
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
    length = _stream_seconds(video, _number(facts["format"].get("duration")))
    if length is None:
        raise ValueError("duration")
    return VideoFacts(
        codec=video["codec_name"],
        width=video["width"],
        height=video["height"],
        fps=Fraction(video["r_frame_rate"]),
        average_fps=Fraction(video["avg_frame_rate"]),
        frame_count=int(video["nb_read_packets"]),
        duration_seconds=length,
        start_seconds=float(video.get("start_time", 0)),
        has_alpha="yuva" in video["pix_fmt"] or tags.get("alpha_mode") == "1",  # VP9's alpha is beside the stream
        has_audio="audio" in streams,
    )


def _media_facts(facts: dict[str, Any]) -> MediaFacts:
    whole = facts["format"]
    streams = {stream["codec_type"]: stream for stream in reversed(facts["streams"]) if not _is_cover(stream)}
    video, audio = streams.get("video"), streams.get("audio")
    start, length = max(0.0, _number(whole.get("start_time")) or 0.0), _number(whole.get("duration"))
    return MediaFacts(
        container=whole["format_name"],
        start_seconds=start,
        duration_seconds=length,
        video=_video_stream(video, start, length) if video else None,
        audio=_audio_stream(audio, start, length) if audio else None,
    )


def _is_cover(stream: dict[str, Any]) -> bool:
    """Whether a stream is the picture on a song's sleeve."""
    return bool(stream.get("disposition", {}).get("attached_pic"))


def _video_stream(stream: dict[str, Any], file_start: float, length: float | None) -> VideoStream:
    rotation = _rotation(stream)
    size = (int(stream["width"]), int(stream["height"]))
    width, height = size[::-1] if rotation % 180 else size
    start = _number(stream.get("start_time"))
    return VideoStream(
        codec=stream["codec_name"],
        width=width,
        height=height,
        rotation=rotation,
        pixel_format=stream.get("pix_fmt", "unknown"),
        time_base=Fraction(stream["time_base"]),
        r_fps=_rate(stream.get("r_frame_rate")),
        avg_fps=_rate(stream.get("avg_frame_rate")),
        start_seconds=start,
        duration_seconds=_stream_seconds(stream, length, _begin(start, file_start)),
        colour_range=stream.get("color_range"),
        colour_space=stream.get("color_space"),
        colour_transfer=stream.get("color_transfer"),
        colour_primaries=stream.get("color_primaries"),
        has_alpha_tag=stream.get("tags", {}).get("alpha_mode") == "1",
    )


def _audio_stream(stream: dict[str, Any], file_start: float, length: float | None) -> AudioStream:
    start = _number(stream.get("start_time"))
    return AudioStream(
        codec=stream.get("codec_name", "unknown"),
        channels=int(stream["channels"]),
        sample_rate=int(stream["sample_rate"]),
        start_seconds=start,
        duration_seconds=_stream_seconds(stream, length, _begin(start, file_start)),
    )


def _rotation(stream: dict[str, Any]) -> int:
    for data in stream.get("side_data_list", []):
        if "rotation" in data:
            return round(float(data["rotation"])) % 360
    return 0


def _begin(start: float | None, file_start: float) -> float:
    return 0.0 if start is None else max(0.0, start - file_start)


def _stream_seconds(stream: dict[str, Any], length: float | None, begin: float = 0.0) -> float | None:
    """A stream's own length: a field in MP4; in Matroska a tag says when it ends; elsewhere it ends with the file."""
    seconds = _number(stream.get("duration"))
    if seconds is not None:
        return seconds
    clock = re.fullmatch(r"(\d+):(\d\d):(\d\d(?:\.\d+)?)", stream.get("tags", {}).get("DURATION", ""))
    if clock:
        hours, minutes, rest = clock.groups()
        end = int(hours) * 3600 + int(minutes) * 60 + float(rest)
        return end - max(0.0, _number(stream.get("start_time")) or 0.0)
    return None if length is None else length - begin


def in_whole_frames(seconds: float, fps: Fraction | None) -> float:
    """A length as it was before it was rounded to be stated, where it was one of whole frames.

    A loop that is a millionth of a second too long shows its last frame twice, and is a frame late from then on.
    """
    exact = seconds if fps is None else float(round(seconds * fps) / fps)
    return exact if exact > 0 and abs(exact - seconds) <= _COARSEST_ROUNDING_SECONDS else seconds


def _number(text: str | None) -> float | None:
    return None if text is None or text == "N/A" else float(text)


def _rate(text: str | None) -> Fraction | None:
    numerator, _, denominator = (text or "0/0").partition("/")
    return Fraction(int(numerator), int(denominator)) if int(numerator) and int(denominator or 1) else None


def run_ffprobe(ffprobe: Path, arguments: list[str], deadline: Deadline) -> dict[str, Any]:
    """ffprobe's answer to `arguments`.

    Raises:
        MEDIA_UNREADABLE: it has none.
        ENCODER_FAILED: ffprobe could not be started, or was killed.
    """
    argv = [str(ffprobe), "-v", "error", "-of", "json", *arguments]
    code, answer, said = _run(argv, deadline)
    if code < 0:
        raise ENCODER_FAILED(f"ffprobe ended with code {code}")
    if code != 0:
        raise MEDIA_UNREADABLE(f"ffprobe: {said.decode('utf-8', 'replace').strip()[-500:]}")
    try:
        result: dict[str, Any] = json.loads(answer)
    except ValueError as error:
        raise MEDIA_UNREADABLE(f"ffprobe's answer is not JSON: {error}") from error
    return result


def _run(argv: list[str], deadline: Deadline) -> tuple[int, bytes, bytes]:
    """The exit code, and what was said on stdout and stderr."""
    deadline.check("reading a media file")
    try:
        process = subprocess.Popen(
            argv,
            env=static_tool_environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
    except OSError as error:
        raise ENCODER_FAILED(f"ffprobe could not be started: {error}") from error
    with process:
        try:
            while True:
                with suppress(subprocess.TimeoutExpired):
                    texts = process.communicate(timeout=deadline.timeout(_WAIT_SECONDS, "reading a media file"))
                    return process.returncode, *texts
        finally:
            process.kill()
