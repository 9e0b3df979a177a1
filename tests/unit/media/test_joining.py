import subprocess
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from hf_lambda.config import parse_config
from hf_lambda.deadline import Deadline
from hf_lambda.errors import CHUNK_DEADLINE_EXCEEDED, ENCODER_FAILED
from hf_lambda.media.encoding import encoder_recipe
from hf_lambda.media.joining import join_videos
from hf_lambda.media.probing import probe_media, probe_video
from hf_lambda.media.sound_encoding import encode_sound, sound_format
from hf_lambda.toolchain import Toolchain
from tests.unit.media.conftest import PICTURES, MakeClip, decode, encode_segment
from tests.unit.media.sounds import Samples, chirp, decibels, decode_sound

NTSC = Fraction(30000, 1001)
MakePart = Callable[..., Path]


@pytest.fixture
def make_part(toolchain: Toolchain, tmp_path: Path) -> MakePart:
    """Encodes a segment of grey pictures, one for each level, in the format that its name says."""
    formats: dict[str, dict[str, Any]] = {
        ".mp4": {"crf": 1},
        ".webm": {"crf": 1, "format": "webm"},
        ".mov": {"format": "mov"},
    }

    def make(name: str, *levels: int, fps: Fraction = NTSC) -> Path:
        output = tmp_path / name
        recipe = encoder_recipe(parse_config({"quality": "draft", "fps": fps, **formats[output.suffix]}), "jpeg")
        picture = PICTURES[recipe.picture_codec]
        return encode_segment(toolchain, recipe, output, [picture((level,) * 3) for level in levels], fps=fps)

    return make


def _packet_digests(toolchain: Toolchain, path: Path) -> list[str]:
    """Digests of the encoded sound, packet by packet, without their times."""
    argv = [str(toolchain.ffmpeg), "-v", "error", "-i", str(path), "-map", "0:a", "-c", "copy", "-f", "framemd5", "-"]
    lines = subprocess.run(argv, capture_output=True, check=True, text=True).stdout.splitlines()
    digests = [line.rsplit(",", 1)[1] for line in lines if not line.startswith("#")]
    assert digests
    return digests


@pytest.fixture
def deadline() -> Deadline:
    """More time than any test needs."""
    return Deadline(60)


@pytest.mark.parametrize("suffix", [".mp4", ".webm", ".mov"])
@pytest.mark.parametrize("fps", [NTSC, Fraction(24), Fraction(60)])
def test_parts_follow_one_another(
    toolchain: Toolchain, make_part: MakePart, tmp_path: Path, deadline: Deadline, fps: Fraction, suffix: str
) -> None:
    """The joined video has every frame of every part, in order, at the exact rate and length."""
    parts = [
        make_part(f"a{suffix}", 20, 40, 60, fps=fps),
        make_part(f"b{suffix}", 80, fps=fps),
        make_part(f"c{suffix}", 100, 120, fps=fps),
    ]
    output = tmp_path / f"out{suffix}"
    join_videos(toolchain.ffmpeg, parts, output, fps=fps, deadline=deadline)
    facts = probe_video(toolchain.ffprobe, output, deadline=deadline)
    assert (facts.frame_count, facts.fps, facts.average_fps, facts.has_audio) == (6, fps, fps, False)
    assert facts.duration_seconds == pytest.approx(float(6 / fps), abs=0.001 if suffix == ".webm" else 1e-5)
    assert (facts.start_seconds, facts.has_alpha) == (0, suffix != ".mp4")
    levels = [frame[0] for frame in decode(toolchain, output)]
    assert [round(level / 20) for level in levels] == [1, 2, 3, 4, 5, 6]


def test_joined_video_can_be_joined_again(
    toolchain: Toolchain, make_part: MakePart, tmp_path: Path, deadline: Deadline
) -> None:
    """Segments make chunks and chunks make the final file, by the same means."""
    segments = [make_part(f"{index}.mp4", 20 * index, 20 * index) for index in (1, 2, 3, 4)]
    for name, parts in (("one.mp4", segments[:2]), ("two.mp4", segments[2:])):
        join_videos(toolchain.ffmpeg, parts, tmp_path / name, fps=NTSC, deadline=deadline)
    chunks = [tmp_path / "one.mp4", tmp_path / "two.mp4"]
    join_videos(toolchain.ffmpeg, chunks, tmp_path / "out.mp4", fps=NTSC, deadline=deadline)
    facts = probe_video(toolchain.ffprobe, tmp_path / "out.mp4", deadline=deadline)
    assert (facts.frame_count, facts.fps) == (8, NTSC)
    assert facts.duration_seconds == pytest.approx(float(8 / NTSC), abs=1e-5)


@pytest.mark.parametrize(("suffix", "sound"), [(".mp4", "a.m4a"), (".mov", "a.m4a"), (".webm", "a.webm")])
def test_sound_is_added(
    toolchain: Toolchain,
    make_part: MakePart,
    make_clip: MakeClip,
    tmp_path: Path,
    deadline: Deadline,
    suffix: str,
    sound: str,
) -> None:
    """With a sound file the output has both from 0 on, the sound packet by packet as it was."""
    audio = make_clip(sound, "-c:a", "libopus" if suffix == ".webm" else "aac", sources=("sound",))
    output = tmp_path / f"out{suffix}"
    parts = [make_part(f"a{suffix}", *range(20, 140, 20))]
    join_videos(toolchain.ffmpeg, parts, output, fps=NTSC, audio=audio, deadline=deadline)
    facts = probe_video(toolchain.ffprobe, output, deadline=deadline)
    assert (facts.frame_count, facts.has_audio, facts.start_seconds) == (6, True, 0)
    assert _packet_digests(toolchain, output) == _packet_digests(toolchain, audio)


@pytest.mark.parametrize("suffix", [".mp4", ".mov"])
def test_index_comes_first(
    toolchain: Toolchain, make_part: MakePart, tmp_path: Path, deadline: Deadline, suffix: str
) -> None:
    """Playback can start while the rest is still loading."""
    output = tmp_path / f"out{suffix}"
    join_videos(toolchain.ffmpeg, [make_part(f"a{suffix}", 20, 40)], output, fps=NTSC, deadline=deadline)
    contents = output.read_bytes()
    assert contents.index(b"moov") < contents.index(b"mdat")


@pytest.mark.parametrize(("fps", "frames"), [(NTSC, 7), (Fraction(24), 5), (Fraction(50), 13)])
def test_sound_keeps_its_place_and_length(
    toolchain: Toolchain, make_part: MakePart, tmp_path: Path, deadline: Deadline, fps: Fraction, frames: int
) -> None:
    """In MP4 both streams begin at 0 and end together, to the sample, for every frame rate."""
    samples = chirp(1, 48_000)[: round(frames / fps * 48_000)]
    audio = encode_chirp(toolchain, tmp_path, samples, "mp4", deadline)
    output = tmp_path / "out.mp4"
    part = make_part("a.mp4", *range(20, 20 + 10 * frames, 10), fps=fps)
    join_videos(toolchain.ffmpeg, [part], output, fps=fps, audio=audio, deadline=deadline)
    facts = probe_media(toolchain.ffprobe, output, deadline=deadline)
    assert facts.video is not None
    assert facts.audio is not None
    assert (facts.video.start_seconds, facts.audio.start_seconds) == (0, 0)
    assert facts.audio_seconds == pytest.approx(len(samples) / 48_000, abs=1e-6)
    assert facts.video_seconds == pytest.approx(float(frames / fps), abs=1e-6)
    assert decibels(decode_sound(toolchain, output)[: len(samples)] - samples) < -35


def test_sound_keeps_its_place_in_webm(toolchain: Toolchain, tmp_path: Path, deadline: Deadline) -> None:
    """Opus begins before 0 with what its decoder drops, and ends with the last sample."""
    samples = chirp(1, 48_000)[:12_345]
    audio = encode_chirp(toolchain, tmp_path, samples, "webm", deadline)
    part, output = tmp_path / "a.webm", tmp_path / "out.webm"
    pictures = ["-f", "lavfi", "-i", "testsrc=size=64x48:rate=30", "-frames:v", "8", "-c:v", "libvpx", str(part)]
    subprocess.run([str(toolchain.ffmpeg), "-v", "error", *pictures], check=True)
    join_videos(toolchain.ffmpeg, [part], output, fps=Fraction(30), audio=audio, deadline=deadline)
    facts = probe_media(toolchain.ffprobe, output, deadline=deadline)
    assert facts.video is not None
    assert facts.audio is not None
    assert (facts.video.start_seconds, facts.audio.start_seconds) == (0, -0.007)
    decoded = decode_sound(toolchain, output)
    assert len(decoded) == len(samples)
    assert decibels(decoded - samples) < -35


def encode_chirp(toolchain: Toolchain, folder: Path, samples: Samples, video_format: str, deadline: Deadline) -> Path:
    """Samples as a plan stores them for an output format."""
    raw, kind = folder / "mix.f32", sound_format(video_format)
    raw.write_bytes(samples.tobytes())
    audio = folder / f"audio{kind.suffix}"
    encode_sound(toolchain.ffmpeg, raw, audio, kind, deadline=deadline)
    return audio


@pytest.mark.parametrize("suffix", [".mp4", ".webm", ".mov"])
def test_equal_parts_give_equal_bytes(
    toolchain: Toolchain, make_part: MakePart, tmp_path: Path, deadline: Deadline, suffix: str
) -> None:
    """A retry writes the very same file."""
    parts = [make_part(f"a{suffix}", 20, 40), make_part(f"b{suffix}", 60)]
    outputs = [tmp_path / f"{name}{suffix}" for name in ("one", "other")]
    for output in outputs:
        join_videos(toolchain.ffmpeg, parts, output, fps=NTSC, deadline=deadline)
    assert outputs[0].read_bytes() == outputs[1].read_bytes()


def test_paths_may_hold_any_character(
    toolchain: Toolchain, make_part: MakePart, tmp_path: Path, deadline: Deadline
) -> None:
    """Quotes, spaces and letters beyond ASCII in a path are part of its name."""
    folder = tmp_path / "it's a 'test' #1 ü \\ %d"
    folder.mkdir()
    part = make_part("a.mp4", 20, 40).rename(folder / "part 'one'.mp4")
    join_videos(toolchain.ffmpeg, [part], folder / "out 'put'.mp4", fps=NTSC, deadline=deadline)
    assert probe_video(toolchain.ffprobe, folder / "out 'put'.mp4", deadline=deadline).frame_count == 2


def test_nothing_but_the_output_is_left(
    toolchain: Toolchain, make_part: MakePart, tmp_path: Path, deadline: Deadline
) -> None:
    """The list of parts goes, whether joining succeeds or not."""
    part = make_part("a.mp4", 20)
    join_videos(toolchain.ffmpeg, [part], tmp_path / "out.mp4", fps=NTSC, deadline=deadline)
    with pytest.raises(ENCODER_FAILED):
        join_videos(toolchain.ffmpeg, [tmp_path / "none.mp4"], tmp_path / "no.mp4", fps=NTSC, deadline=deadline)
    assert {path.name for path in tmp_path.iterdir()} - {"no.mp4"} == {"a.mp4", "out.mp4"}


@pytest.mark.parametrize("suffix", [".mp4", ".webm", ".mov"])
def test_missing_part_is_a_failure(
    toolchain: Toolchain, make_part: MakePart, tmp_path: Path, deadline: Deadline, suffix: str
) -> None:
    """A part that is not there fails the whole, also after some that are, and the error names nothing else."""
    parts = [make_part(f"a{suffix}", 20), make_part(f"b{suffix}", 40), tmp_path / f"none{suffix}"]
    with pytest.raises(ENCODER_FAILED, match=rf"none\{suffix}") as caught:
        join_videos(toolchain.ffmpeg, parts, tmp_path / f"out{suffix}", fps=NTSC, deadline=deadline)
    assert "whitelist" not in caught.value.cause
    assert "codec parameters" not in caught.value.cause


@pytest.mark.parametrize("contents", [b"", b"no video"])
def test_damaged_part_is_a_failure(
    toolchain: Toolchain, make_part: MakePart, tmp_path: Path, deadline: Deadline, contents: bytes
) -> None:
    """A part that is no video fails the whole."""
    (tmp_path / "bad.mp4").write_bytes(contents)
    parts = [tmp_path / "bad.mp4", make_part("a.mp4", 20)]
    with pytest.raises(ENCODER_FAILED):
        join_videos(toolchain.ffmpeg, parts, tmp_path / "out.mp4", fps=NTSC, deadline=deadline)


def test_joining_ends_with_the_deadline(toolchain: Toolchain, make_part: MakePart, tmp_path: Path) -> None:
    """Without time left nothing is joined."""
    part = make_part("a.mp4", 20)
    with pytest.raises(CHUNK_DEADLINE_EXCEEDED):
        join_videos(toolchain.ffmpeg, [part], tmp_path / "out.mp4", fps=NTSC, deadline=Deadline(0))
