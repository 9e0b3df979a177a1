import json
import subprocess
import threading
from fractions import Fraction
from pathlib import Path

import pytest

from hf_lambda.deadline import Deadline
from hf_lambda.errors import CHUNK_DEADLINE_EXCEEDED, ENCODER_FAILED, MEDIA_UNREADABLE, RENDER_CANCELLED
from hf_lambda.media.probing import (
    AudioStream,
    Packet,
    VideoFacts,
    in_whole_frames,
    probe_media,
    probe_packets,
    probe_video,
)
from hf_lambda.toolchain import Toolchain
from tests.unit.doubles import write_program
from tests.unit.media.conftest import MakeClip


@pytest.fixture
def deadline() -> Deadline:
    """More time than any test needs."""
    return Deadline(60)


def test_video_is_counted_and_described(toolchain: Toolchain, make_clip: MakeClip, deadline: Deadline) -> None:
    """A video's stream is described exactly, its frames counted."""
    clip = make_clip("a.mp4", "-c:v", "libx264")
    assert probe_video(toolchain.ffprobe, clip, deadline=deadline) == VideoFacts(
        codec="h264",
        width=64,
        height=48,
        fps=Fraction(30),
        average_fps=Fraction(30),
        frame_count=6,
        duration_seconds=0.2,
        start_seconds=0.0,
        has_alpha=False,
        has_audio=False,
    )


def test_sound_is_noticed(toolchain: Toolchain, make_clip: MakeClip, deadline: Deadline) -> None:
    """A file with sound says so, and its video is described all the same."""
    clip = make_clip("av.mp4", "-c:v", "libx264", sources=("sound", "video"))
    facts = probe_video(toolchain.ffprobe, clip, deadline=deadline)
    assert (facts.has_audio, facts.codec, facts.frame_count) == (True, "h264", 6)


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("alpha.mov", ("-c:v", "prores_ks", "-profile:v", "4444", "-pix_fmt", "yuva444p10le")),
        ("alpha.webm", ("-c:v", "libvpx-vp9", "-auto-alt-ref", "0", "-pix_fmt", "yuva420p")),
    ],
)
def test_alpha_is_noticed(
    toolchain: Toolchain, make_clip: MakeClip, deadline: Deadline, name: str, arguments: tuple[str, ...]
) -> None:
    """Alpha is seen whether it lies in the stream, as ProRes has it, or beside it, as VP9 has it."""
    tag = ("-metadata:s:v:0", "alpha_mode=1") if name.endswith("webm") else ()
    assert probe_video(toolchain.ffprobe, make_clip(name, *arguments, *tag), deadline=deadline).has_alpha


def test_length_of_a_stream_is_its_own(toolchain: Toolchain, make_clip: MakeClip, deadline: Deadline) -> None:
    """In webm, where streams have no length but in a tag, longer sound does not lengthen the video."""
    arguments = ("-af", "apad=whole_dur=1", "-c:v", "libvpx-vp9", "-deadline", "realtime", "-c:a", "libopus")
    clip = make_clip("long-sound.webm", *arguments, sources=("video", "sound"))
    assert probe_video(toolchain.ffprobe, clip, deadline=deadline).duration_seconds == pytest.approx(0.2, abs=0.001)


def test_late_start_is_noticed(toolchain: Toolchain, make_clip: MakeClip, deadline: Deadline) -> None:
    """A stream that does not begin at 0 says when it begins."""
    clip = make_clip("late.mp4", "-c:v", "libx264", "-bf", "0", "-output_ts_offset", "0.5")
    assert probe_video(toolchain.ffprobe, clip, deadline=deadline).start_seconds == pytest.approx(0.5, abs=0.001)


def test_packets_have_exact_times(toolchain: Toolchain, make_clip: MakeClip, deadline: Deadline) -> None:
    """Each frame's start and length are exact fractions of a second."""
    packets = probe_packets(toolchain.ffprobe, make_clip("plain.mp4", "-c:v", "libx264", "-bf", "0"), deadline=deadline)
    assert packets == [Packet(Fraction(frame, 30), Fraction(1, 30)) for frame in range(6)]


@pytest.mark.parametrize(
    "answer",
    [
        "{}",
        '{"streams": []}',
        '{"streams": [{"time_base": "1/30"}], "packets": []}',
        '{"streams": [{"time_base": "1/30"}], "packets": [{"pts": 0}]}',
        '{"streams": [{"time_base": "1/0"}], "packets": [{"pts": 0, "duration": 1}]}',
    ],
)
def test_packets_without_times_are_unreadable(tmp_path: Path, deadline: Deadline, answer: str) -> None:
    """Frames without a time are an error of the table."""
    (tmp_path / "answer").write_text(answer)
    ffprobe = write_program(tmp_path / "ffprobe", f"cat '{tmp_path / 'answer'}'")
    with pytest.raises(MEDIA_UNREADABLE):
        probe_packets(ffprobe, tmp_path / "x.mp4", deadline=deadline)


def test_first_of_two_videos_counts(toolchain: Toolchain, make_clip: MakeClip, deadline: Deadline) -> None:
    """Where a file has two video streams, the first is described."""
    clip = make_clip("two.mp4", "-map", "0", "-map", "0", "-s:v:1", "32x24", "-c:v", "libx264")
    assert probe_video(toolchain.ffprobe, clip, deadline=deadline).width == 64


def test_file_without_video_is_unreadable(toolchain: Toolchain, make_clip: MakeClip, deadline: Deadline) -> None:
    """Sound alone is no video, and the file is named."""
    clip = make_clip("a.wav", sources=("sound",))
    with pytest.raises(MEDIA_UNREADABLE, match=r"a\.wav has no video stream"):
        probe_video(toolchain.ffprobe, clip, deadline=deadline)


@pytest.mark.parametrize("contents", [b"", b"text\n", b"<html></html>", b"\0" * 5000, b"\x00\x00\x00\x18ftypisom"])
def test_file_that_is_no_media_is_unreadable(
    toolchain: Toolchain, tmp_path: Path, deadline: Deadline, contents: bytes
) -> None:
    """Anything but media is named with ffprobe's own words."""
    (tmp_path / "x.mp4").write_bytes(contents)
    with pytest.raises(MEDIA_UNREADABLE, match="ffprobe: "):
        probe_video(toolchain.ffprobe, tmp_path / "x.mp4", deadline=deadline)


def test_missing_file_is_unreadable(toolchain: Toolchain, tmp_path: Path, deadline: Deadline) -> None:
    """A file that is not there cannot be read."""
    with pytest.raises(MEDIA_UNREADABLE, match="No such file"):
        probe_video(toolchain.ffprobe, tmp_path / "none.mp4", deadline=deadline)


def test_index_without_pictures_is_unreadable(
    toolchain: Toolchain, make_clip: MakeClip, tmp_path: Path, deadline: Deadline
) -> None:
    """A video that ends after its index is incomplete."""
    whole = make_clip("fast.mp4", "-c:v", "libx264", "-movflags", "+faststart").read_bytes()
    (tmp_path / "cut.mp4").write_bytes(whole[: whole.index(b"mdat") - 4])
    with pytest.raises(MEDIA_UNREADABLE):
        probe_video(toolchain.ffprobe, tmp_path / "cut.mp4", deadline=deadline)


@pytest.mark.parametrize(
    ("name", "arguments"),
    [("a.png", ("-frames:v", "1")), ("a.h264", ("-c:v", "libx264")), ("a.jpg", ("-frames:v", "1"))],
)
def test_file_without_a_length_is_described_or_unreadable(
    toolchain: Toolchain, make_clip: MakeClip, deadline: Deadline, name: str, arguments: tuple[str, ...]
) -> None:
    """A picture or a bare stream has no length, which is no error of Python."""
    try:
        facts = probe_video(toolchain.ffprobe, make_clip(name, *arguments), deadline=deadline)
    except MEDIA_UNREADABLE:
        return
    assert facts.width == 64


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "{",
        "[]",
        "{}",
        '{"streams": [{"codec_type": "video"}], "format": {}}',
        '{"streams": [{"codec_type": "video", "codec_name": "h264", "width": 2, "height": 2, "r_frame_rate": "0/0",'
        ' "nb_read_packets": "1", "duration": "1"}]}',
        '{"streams": [{"codec_type": "video", "codec_name": "h264", "width": 2, "height": 2, "r_frame_rate": "30/1",'
        ' "nb_read_packets": "1", "duration": "N/A"}]}',
        '{"streams": [{}]}',
    ],
)
def test_incomplete_answer_is_unreadable(tmp_path: Path, deadline: Deadline, answer: str) -> None:
    """Whatever ffprobe leaves out, the outcome is an error of the table."""
    (tmp_path / "answer").write_text(answer)
    ffprobe = write_program(tmp_path / "ffprobe", f"cat '{tmp_path / 'answer'}'")
    with pytest.raises(MEDIA_UNREADABLE):
        probe_video(ffprobe, tmp_path / "x.mp4", deadline=deadline)


@pytest.mark.parametrize("script", ["kill -9 $$", None])
def test_ffprobe_that_gives_no_answer_is_no_fault_of_the_file(
    tmp_path: Path, deadline: Deadline, script: str | None
) -> None:
    """Where it was killed, or could not be started, another attempt may succeed."""
    if script is not None:
        write_program(tmp_path / "ffprobe", script)
    with pytest.raises(ENCODER_FAILED, match="ffprobe"):
        probe_video(tmp_path / "ffprobe", tmp_path / "x.mp4", deadline=deadline)


def test_slow_reading_ends_with_the_deadline(tmp_path: Path) -> None:
    """When the invocation's time is up, that is the error, not the file."""
    ffprobe = write_program(tmp_path / "ffprobe", "exec sleep 60")
    with pytest.raises(CHUNK_DEADLINE_EXCEEDED):
        probe_video(ffprobe, tmp_path / "x.mp4", deadline=Deadline(0.05))


def test_cancelled_render_reads_nothing(tmp_path: Path, deadline: Deadline) -> None:
    """After a cancellation ffprobe is not started."""
    ffprobe = write_program(tmp_path / "ffprobe", f"touch '{tmp_path / 'started'}'")
    deadline.cancel()
    with pytest.raises(RENDER_CANCELLED):
        probe_video(ffprobe, tmp_path / "x.mp4", deadline=deadline)
    assert not (tmp_path / "started").exists()


def test_long_reading_ends_when_the_render_is_cancelled(tmp_path: Path, deadline: Deadline) -> None:
    """A large file may take as long as there is time, but nobody waits for it any more."""
    ffprobe = write_program(tmp_path / "ffprobe", "exec sleep 5")
    cancel = threading.Timer(0.1, deadline.cancel)
    cancel.start()
    with pytest.raises(RENDER_CANCELLED):
        probe_video(ffprobe, tmp_path / "x.mp4", deadline=deadline)


def test_ffprobe_sees_no_credentials(tmp_path: Path, deadline: Deadline, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of our environment reaches the tool that reads strangers' files."""
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    ffprobe = write_program(tmp_path / "ffprobe", "env >&2; exit 1")
    with pytest.raises(MEDIA_UNREADABLE) as caught:
        probe_video(ffprobe, tmp_path / "x.mp4", deadline=deadline)
    assert "PATH=" in caught.value.cause
    assert "secret" not in caught.value.cause


def test_header_tells_both_streams(toolchain: Toolchain, make_clip: MakeClip, deadline: Deadline) -> None:
    """Size, rates, lengths and sound come from the header."""
    clip = make_clip("av.mp4", "-c:v", "libx264", sources=("sound", "video"))
    facts = probe_media(toolchain.ffprobe, clip, deadline=deadline)
    assert facts.video is not None
    assert facts.audio is not None
    assert (facts.video.codec, facts.video.width, facts.video.height, facts.video.r_fps) == (
        "h264",
        64,
        48,
        Fraction(30),
    )
    assert (facts.video_seconds, facts.video.rotation, facts.video.is_hdr) == (0.2, 0, False)
    assert facts.audio == AudioStream("aac", 1, 44100, 0.0, facts.audio_seconds)
    assert facts.audio_seconds == pytest.approx(0.2, abs=0.03)


@pytest.mark.parametrize(("name", "options"), [("a.aac", []), ("a.mp3", ["-q:a", "4", "-write_xing", "0"])])
def test_bare_packets_are_counted(
    toolchain: Toolchain, tmp_path: Path, deadline: Deadline, name: str, options: list[str]
) -> None:
    """A file that does not say how long it is lasts until its last packet, however much larger its first ones are."""
    sound = "anoisesrc=d=1:r=44100,apad=whole_dur=11"
    argv: list[str | Path] = [toolchain.ffmpeg, "-v", "error", "-f", "lavfi", "-i", sound, *options, tmp_path / name]
    subprocess.run(argv, check=True)
    facts = probe_media(toolchain.ffprobe, tmp_path / name, deadline=deadline)
    assert facts.audio_seconds == pytest.approx(11, abs=0.1)
    assert facts.duration_seconds == facts.audio_seconds


def test_sound_of_an_unknown_kind_leaves_the_pictures(
    toolchain: Toolchain, make_clip: MakeClip, tmp_path: Path, deadline: Deadline
) -> None:
    """A file whose sound ffprobe has no name for is read all the same, and its sound is there."""
    known = make_clip("av.mp4", "-c:v", "libx264", sources=("sound", "video")).read_bytes()
    (tmp_path / "unknown.mp4").write_bytes(known.replace(b"mp4a", b"what").replace(b"esds", b"what"))
    facts = probe_media(toolchain.ffprobe, tmp_path / "unknown.mp4", deadline=deadline)
    assert facts.video is not None
    assert facts.audio is not None
    assert facts.audio.codec == "unknown"


@pytest.mark.parametrize(
    ("file", "pictures", "ends"),
    [
        ({"start_time": "0.0", "duration": "9.0"}, {"start_time": "3.0", "duration": "2.0"}, (5, 4)),
        ({"start_time": "1.5", "duration": "9.0"}, {"start_time": "4.5", "duration": "2.0"}, (5, 4)),
        ({"start_time": "0.0", "duration": "9.0"}, {"start_time": "3.0", "tags": {"DURATION": "00:00:05.000"}}, (5, 4)),
        ({"start_time": "0.0", "duration": "9.0"}, {"start_time": "3.0"}, (9, 4)),
        ({"start_time": "0.0", "duration": "9.0"}, {"start_time": "0.333333", "duration": "0.333333"}, (2 / 3, 4)),
        (
            {"start_time": "10.0", "duration": "15.0"},
            {"start_time": "10.0", "tags": {"DURATION": "00:00:15.0"}},
            (5, 4),
        ),
        ({"start_time": "-0.007", "duration": "9.0"}, {"start_time": "0.0", "duration": "2.0"}, (2, 4)),
        ({"duration": "9.0"}, {"duration": "2.0"}, (2, 4)),
        ({}, {}, (None, 4)),
    ],
)
def test_streams_end_where_their_pictures_and_sound_do(
    tmp_path: Path, deadline: Deadline, file: dict[str, str], pictures: dict[str, str], ends: tuple[float, float]
) -> None:
    """A stream that begins later than its file ends later, too, in whatever way its container says how long it is."""
    video = {"codec_type": "video", "codec_name": "h264", "width": 2, "height": 2, "time_base": "1/30"}
    audio = {"codec_type": "audio", "codec_name": "aac", "channels": 2, "sample_rate": 48000, "duration": "4.0"}
    answer = {"streams": [{**video, "r_frame_rate": "30/1", **pictures}, audio], "format": {"format_name": "x", **file}}
    (tmp_path / "answer").write_text(json.dumps(answer))
    ffprobe = write_program(tmp_path / "ffprobe", f"cat '{tmp_path / 'answer'}'")
    facts = probe_media(ffprobe, tmp_path / "x.mp4", deadline=deadline)
    assert (facts.video_seconds, facts.audio_seconds) == ends


@pytest.mark.parametrize(
    ("seconds", "fps", "expected"),
    [
        (0.666667, Fraction(30), 20 / 30),
        (0.667, Fraction(30), 20 / 30),
        (0.334, Fraction(60), 20 / 60),
        (0.667334, Fraction(30000, 1001), 20 * 1001 / 30000),
        (0.668, Fraction(30), 0.668),
        (0.0001, Fraction(30), 0.0001),
        (0.666667, None, 0.666667),
    ],
)
def test_length_of_whole_frames_is_exact(seconds: float, fps: Fraction | None, expected: float) -> None:
    """What ffprobe rounds to microseconds and Matroska to milliseconds is made whole frames again, and nothing else."""
    assert in_whole_frames(seconds, fps) == expected


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("list.m3u8", "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:1,\n{}\n#EXT-X-ENDLIST\n"),
        ("list.mp4", "ffconcat version 1.0\nfile {0.name}\n"),
        (
            "list.mpd",
            '<MPD type="static" profiles="urn:mpeg:dash:profile:isoff-on-demand:2011" mediaPresentationDuration="PT1S">'
            '<Period><AdaptationSet mimeType="video/mp4"><Representation id="1" bandwidth="9"><BaseURL>{}</BaseURL>'
            "</Representation></AdaptationSet></Period></MPD>",
        ),
    ],
)
def test_lists_of_other_files_are_unreadable(
    toolchain: Toolchain, make_clip: MakeClip, deadline: Deadline, name: str, text: str
) -> None:
    """What a project brings cannot lead to files of the worker that are not in it."""
    other = make_clip("other.mp4", "-c:v", "libx264")
    path = other.with_name(name)
    path.write_text(text.format(other))
    with pytest.raises(MEDIA_UNREADABLE, match="is a list of other files"):
        probe_media(toolchain.ffprobe, path, deadline=deadline)


def test_streams_of_matroska_have_their_own_lengths(
    toolchain: Toolchain, make_clip: MakeClip, deadline: Deadline
) -> None:
    """Matroska keeps them in tags, and names the alpha of a WebM there too."""
    clip = make_clip("transparent.webm", "-c:v", "libvpx-vp9", "-pix_fmt", "yuva420p", "-r", "30", sources=("video",))
    facts = probe_media(toolchain.ffprobe, clip, deadline=deadline)
    assert facts.video is not None
    assert facts.video_seconds == pytest.approx(0.2, abs=0.002)
    assert facts.video.has_alpha_tag


def test_rotation_turns_the_size(toolchain: Toolchain, make_clip: MakeClip, tmp_path: Path, deadline: Deadline) -> None:
    """A clip that was filmed upright is as high as it is stored wide."""
    upright = tmp_path / "upright.mp4"
    plain = make_clip("a.mp4", "-c:v", "libx264")
    argv: list[str | Path] = [
        toolchain.ffmpeg,
        "-v",
        "error",
        "-display_rotation",
        "90",
        "-i",
        plain,
        "-c",
        "copy",
        upright,
    ]
    subprocess.run(argv, check=True)
    facts = probe_media(toolchain.ffprobe, upright, deadline=deadline)
    assert facts.video is not None
    assert (facts.video.width, facts.video.height, facts.video.rotation) == (48, 64, 90)


def test_picture_on_a_sleeve_is_no_video(
    toolchain: Toolchain, make_clip: MakeClip, tmp_path: Path, deadline: Deadline
) -> None:
    """A song with a cover has sound and no pictures."""
    song, cover = make_clip("a.mp3", sources=("sound",)), make_clip("cover.jpg", "-frames:v", "1")
    both = tmp_path / "song.mp3"
    maps = ["-map", "0", "-map", "1", "-c", "copy", "-disposition:v", "attached_pic"]
    argv: list[str | Path] = [toolchain.ffmpeg, "-v", "error", "-i", song, "-i", cover, *maps, both]
    subprocess.run(argv, check=True)
    facts = probe_media(toolchain.ffprobe, both, deadline=deadline)
    assert (facts.video, facts.has_audio) == (None, True)


@pytest.mark.parametrize("contents", [b"", b"text\n", b"<html></html>"])
def test_header_of_no_media_is_unreadable(
    toolchain: Toolchain, tmp_path: Path, deadline: Deadline, contents: bytes
) -> None:
    """Anything but media is an error of the table."""
    (tmp_path / "x.mp4").write_bytes(contents)
    with pytest.raises(MEDIA_UNREADABLE):
        probe_media(toolchain.ffprobe, tmp_path / "x.mp4", deadline=deadline)
