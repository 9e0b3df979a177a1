import subprocess
from fractions import Fraction
from pathlib import Path

import pytest

from hf_lambda.deadline import Deadline
from hf_lambda.errors import CHUNK_DEADLINE_EXCEEDED, MEDIA_UNREADABLE, RENDER_CANCELLED, HfLambdaError
from hf_lambda.media.probing import AudioStream, VideoFacts, probe_media, probe_video
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
        "h264", 64, 48, Fraction(30), 6, 0.2, has_audio=False
    )


def test_sound_is_noticed(toolchain: Toolchain, make_clip: MakeClip, deadline: Deadline) -> None:
    """A file with sound says so, and its video is described all the same."""
    clip = make_clip("av.mp4", "-c:v", "libx264", sources=("sound", "video"))
    facts = probe_video(toolchain.ffprobe, clip, deadline=deadline)
    assert (facts.has_audio, facts.codec, facts.frame_count) == (True, "h264", 6)


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


def test_missing_ffprobe_is_an_error_of_the_table(tmp_path: Path, deadline: Deadline) -> None:
    """A worker without ffprobe fails readably."""
    with pytest.raises(HfLambdaError, match="ffprobe"):
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


def test_streams_of_matroska_have_their_own_lengths(
    toolchain: Toolchain, make_clip: MakeClip, deadline: Deadline
) -> None:
    """Matroska keeps them in tags, and names the alpha of a WebM there too."""
    clip = make_clip("a.webm", "-c:v", "libvpx-vp9", "-pix_fmt", "yuva420p", "-r", "30", sources=("video",))
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
