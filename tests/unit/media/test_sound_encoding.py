from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from hf_lambda.config import INTEGER_FPS, NTSC_FPS, parse_fps
from hf_lambda.deadline import Deadline
from hf_lambda.errors import ENCODER_FAILED
from hf_lambda.media.probing import probe_media
from hf_lambda.media.sound_encoding import encode_sound, sound_format
from hf_lambda.toolchain import Toolchain
from tests.unit.media.sounds import Samples, chirp, decibels, decode_sound

RATE = 48_000
FORMATS = ("mp4", "webm")


def encode(toolchain: Toolchain, folder: Path, samples: Samples, video_format: str) -> tuple[Path, float]:
    """The encoded samples, and by how many dB they were lowered."""
    raw, kind = folder / "mix.f32", sound_format(video_format)
    raw.write_bytes(samples.tobytes())
    output = folder / f"audio{kind.suffix}"
    return output, encode_sound(toolchain.ffmpeg, raw, output, kind, deadline=Deadline(60))


@pytest.mark.parametrize("fps", [parse_fps(rate) for rate in (*INTEGER_FPS, *NTSC_FPS)])
@pytest.mark.parametrize("frames", [1, 7, 41])
def test_length_is_that_of_the_video(toolchain: Toolchain, tmp_path: Path, fps: Fraction, frames: int) -> None:
    """For every frame rate the m4a declares exactly the samples of its frames."""
    count = round(frames / fps * RATE)
    path, _ = encode(toolchain, tmp_path, chirp(2, RATE)[:count], "mp4")
    facts = probe_media(toolchain.ffprobe, path, deadline=Deadline(60))
    assert facts.audio is not None
    assert facts.audio.duration_seconds == pytest.approx(count / RATE, abs=1e-6)
    assert facts.audio.start_seconds == 0


@pytest.mark.parametrize("video_format", FORMATS)
def test_nothing_is_shifted_or_cut(toolchain: Toolchain, tmp_path: Path, video_format: str) -> None:
    """A decoder gives every sample back, in its place: the codec's delay is declared, and the end is whole."""
    samples = chirp(1.4597, RATE)
    path, _ = encode(toolchain, tmp_path, samples, video_format)
    decoded = decode_sound(toolchain, path)
    assert 0 <= len(decoded) - len(samples) < (1024 if video_format == "mp4" else 1)
    assert decibels(decoded[: len(samples)] - samples) < -45
    assert decibels(decoded[len(samples) - 480 : len(samples)] - samples[-480:]) < -30


@pytest.mark.parametrize("video_format", FORMATS)
def test_a_click_stays_at_its_sample(toolchain: Toolchain, tmp_path: Path, video_format: str) -> None:
    """The loudest sample after coding is the one before it."""
    samples = np.zeros((RATE, 2), "<f4")
    samples[31_234] = 0.9
    path, _ = encode(toolchain, tmp_path, samples, video_format)
    assert int(np.argmax(np.abs(decode_sound(toolchain, path)[:, 0]))) == pytest.approx(31_234, abs=2)


@pytest.mark.parametrize("video_format", FORMATS)
def test_equal_mixes_give_equal_bytes(toolchain: Toolchain, tmp_path: Path, video_format: str) -> None:
    """A retry writes the very same file."""
    samples = chirp(0.5, RATE)
    path, _ = encode(toolchain, tmp_path, samples, video_format)
    first = path.read_bytes()
    path.unlink()
    encode(toolchain, tmp_path, samples, video_format)
    assert path.read_bytes() == first


@pytest.mark.parametrize("video_format", FORMATS)
def test_what_is_too_loud_is_lowered_as_a_whole(toolchain: Toolchain, tmp_path: Path, video_format: str) -> None:
    """One gain brings the peak below -1 dBTP; everything else keeps its relation to it."""
    samples = chirp(2, RATE).copy()
    samples[RATE : RATE + 2_400] *= 5
    path, lowered_db = encode(toolchain, tmp_path, samples, video_format)
    decoded = decode_sound(toolchain, path)[: len(samples)]
    gain = 10 ** (-lowered_db / 20)
    assert 10 ** (-2.5 / 20) < np.abs(decoded).max() < 10 ** (-0.99 / 20)
    assert decibels(decoded[: RATE - 4_800] - gain * samples[: RATE - 4_800]) < -40
    assert decibels(decoded[RATE + 7_200 :] - gain * samples[RATE + 7_200 :]) < -40


def test_what_stays_below_the_limit_is_not_lowered(toolchain: Toolchain, tmp_path: Path) -> None:
    """A mix whose true peak is just below the limit passes as it is."""
    samples = chirp(0.5, RATE)
    _, lowered_db = encode(toolchain, tmp_path, samples / np.abs(samples).max() * 0.7, "mp4")
    assert lowered_db == 0


@pytest.mark.parametrize(
    ("video_format", "codec"), [("mp4", "aac"), ("mov", "aac"), ("png-sequence", "aac"), ("webm", "opus")]
)
def test_formats_have_their_codecs(toolchain: Toolchain, tmp_path: Path, video_format: str, codec: str) -> None:
    """AAC goes into mp4 and mov, and beside pictures; Opus into webm."""
    path, _ = encode(toolchain, tmp_path, chirp(0.2, RATE), video_format)
    facts = probe_media(toolchain.ffprobe, path, deadline=Deadline(60))
    assert facts.audio is not None
    assert (facts.audio.codec, facts.audio.channels, facts.audio.sample_rate) == (codec, 2, RATE)


def test_a_mix_that_is_missing_is_a_failure(toolchain: Toolchain, tmp_path: Path) -> None:
    """An output that cannot be written fails."""
    raw = tmp_path / "mix.f32"
    raw.write_bytes(chirp(0.1, RATE).tobytes())
    with pytest.raises(ENCODER_FAILED):
        encode_sound(toolchain.ffmpeg, raw, tmp_path / "no" / "a.m4a", sound_format("mp4"), deadline=Deadline(60))
