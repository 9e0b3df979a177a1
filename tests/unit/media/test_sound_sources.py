import math
import subprocess
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hf_lambda.deadline import Deadline
from hf_lambda.errors import CHUNK_DEADLINE_EXCEEDED, ENCODER_FAILED, MEDIA_UNREADABLE, SCRATCH_UNAVAILABLE
from hf_lambda.media.probing import probe_media
from hf_lambda.media.sound_sources import SoundCut, cut_sound, tempo_steps
from hf_lambda.toolchain import Toolchain
from tests.unit.doubles import write_program
from tests.unit.media.sounds import Samples, chirp, decibels, decode_sound, read_raw, write_sound

SECONDS = 8
NO_NOISE = ("-c:a", "aac", "-aac_pns", "0")  # AAC's noise substitution is random, whatever the decoder starts with
FORMATS = {
    "constant.mp3": (44_100, ("-b:a", "128k")),
    "variable.mp3": (44_100, ("-q:a", "4")),
    "without-index.mp3": (44_100, ("-q:a", "4", "-write_xing", "0")),
    "a.m4a": (44_100, NO_NOISE),
    "a.aac": (48_000, NO_NOISE),
    "a.ogg": (44_100, ("-c:a", "libvorbis")),
    "a.opus": (48_000, ("-c:a", "libopus")),
    "opus.webm": (48_000, ("-c:a", "libopus")),
    "vorbis.webm": (44_100, ("-c:a", "libvorbis")),
    "a.wav": (22_050, ()),
    "a.flac": (44_100, ()),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for sources."""
    return tmp_path_factory.mktemp("sources")


def make(toolchain: Toolchain, folder: Path, name: str) -> Path:
    """A source of one of the formats, made once."""
    path = folder / name
    rate, options = FORMATS[name]
    return path if path.exists() else write_sound(toolchain, path, chirp(SECONDS, rate), rate, *options)


def cut(toolchain: Toolchain, source: Path, media_start: float, count: int, **how: float) -> Samples:
    """What `cut_sound` takes from a source."""
    facts = probe_media(toolchain.ffprobe, source, deadline=Deadline(60))
    output = source.with_suffix(".cut.f32")
    what = SoundCut(source, facts, media_start, count, rate=how.get("rate", 1.0), loop=bool(how.get("loop")))
    found = cut_sound(toolchain.ffmpeg, what, output, deadline=Deadline(60))
    samples = read_raw(output)
    assert len(samples) == found
    return samples


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("media_start", [0.5, 4.123456])
def test_a_cut_equals_a_decoding_from_the_start(
    toolchain: Toolchain, folder: Path, name: str, media_start: float
) -> None:
    """Wherever a cut begins, its samples are those of the whole file, to the bit."""
    source = make(toolchain, folder, name)
    whole = decode_sound(toolchain, source)
    first = round(media_start * 48_000)
    assert np.array_equal(cut(toolchain, source, media_start, 24_000), whole[first : first + 24_000])


def test_a_cut_is_what_the_author_hears(toolchain: Toolchain, folder: Path) -> None:
    """Sample n of a lossless source is sample n of a cut from its start: no filter shifts anything."""
    samples = chirp(1, 48_000)
    source = write_sound(toolchain, folder / "exact.wav", samples, 48_000, "-c:a", "pcm_f32le")
    assert np.array_equal(cut(toolchain, source, 0, 48_000), samples)
    assert np.array_equal(cut(toolchain, source, 0.25, 12_000), samples[12_000:24_000])


def test_a_source_may_end_early(toolchain: Toolchain, folder: Path) -> None:
    """A cut beyond the end has the samples that are there, or none."""
    source = make(toolchain, folder, "a.flac")
    assert len(cut(toolchain, source, SECONDS - 0.5, 48_000)) == pytest.approx(24_000, abs=1)
    assert len(cut(toolchain, source, SECONDS + 3, 48_000)) == 0


def test_a_loop_begins_again_at_its_trim_point(toolchain: Toolchain, folder: Path) -> None:
    """The trimmed source follows itself without a seam until the cut is full."""
    samples = chirp(1, 48_000)
    source = write_sound(toolchain, folder / "loop.wav", samples, 48_000, "-c:a", "pcm_f32le")
    once = samples[36_000:]
    found = cut(toolchain, source, 0.75, 30_000, loop=True)
    assert np.array_equal(found, np.concatenate([once, once, once[:6_000]]))


@pytest.mark.parametrize("pass_samples", [4_800, 9_600, 14_400])
def test_a_loop_may_be_shorter_or_longer_than_its_sound(toolchain: Toolchain, folder: Path, pass_samples: int) -> None:
    """The sound of a looped video begins again with its pictures: it is cut off there, or silence fills the rest."""
    samples = chirp(1, 48_000)
    source = write_sound(toolchain, folder / "passes.wav", samples, 48_000, "-c:a", "pcm_f32le")
    facts = probe_media(toolchain.ffprobe, source, deadline=Deadline(60))
    what = SoundCut(source, facts, 0.8, 30_000, loop=True, pass_samples=pass_samples)
    assert cut_sound(toolchain.ffmpeg, what, folder / "passes.f32", deadline=Deadline(60)) == 30_000
    once = np.concatenate([samples[38_400:], np.zeros((9_600, 2), "<f4")])[:pass_samples]
    assert np.array_equal(read_raw(folder / "passes.f32"), np.tile(once, (9, 1))[:30_000])


def test_mono_is_as_loud_on_both_sides(toolchain: Toolchain, folder: Path) -> None:
    """One channel goes to both at full level, not 3 dB lower."""
    samples = chirp(1, 48_000, channels=1)
    source = write_sound(toolchain, folder / "mono.wav", samples, 48_000, "-c:a", "pcm_f32le")
    assert np.array_equal(cut(toolchain, source, 0, 48_000), np.repeat(samples, 2, axis=1))


def test_six_channels_are_mixed_down_without_clipping(toolchain: Toolchain, folder: Path) -> None:
    """The standard matrix for 5.1, normalised: centre and surrounds 3 dB down, no bass channel."""
    channels = np.tile(np.array([0.1, 0.2, 0.4, 0.9, 0.05, 0.03], "<f4"), (48_000, 1))
    source = write_sound(toolchain, folder / "six.wav", channels, 48_000, "-c:a", "pcm_f32le")
    sum_of_weights = 1 + 2 * math.sqrt(0.5)
    left = (0.1 + (0.4 + 0.05) * math.sqrt(0.5)) / sum_of_weights
    right = (0.2 + (0.4 + 0.03) * math.sqrt(0.5)) / sum_of_weights
    middle = cut(toolchain, source, 0, 48_000)[24_000]
    assert middle == pytest.approx([left, right], abs=1e-5)


@pytest.mark.parametrize("rate", [0.25, 0.8, 1.5, 5.0])
def test_rate_changes_the_tempo_but_not_the_pitch(toolchain: Toolchain, folder: Path, rate: float) -> None:
    """A tone keeps its frequency, and the cut its length, at every speed."""
    tone = 0.5 * np.sin(2 * np.pi * 1000 * np.arange(8 * 48_000) / 48_000)
    source = write_sound(toolchain, folder / "tone.wav", np.stack([tone, tone], 1).astype("<f4"), 48_000)
    found = cut(toolchain, source, 0.5, 48_000, rate=rate)
    assert len(found) == 48_000
    spectrum = np.abs(np.fft.rfft(found[:, 0]))
    assert int(np.argmax(spectrum)) == pytest.approx(1000, abs=3)
    assert decibels(found) == pytest.approx(decibels(np.stack([tone, tone], 1).astype("<f4")), abs=1)


@given(rate=st.floats(0.1, 10))
def test_tempo_steps_multiply_to_the_rate(rate: float) -> None:
    """Every step is one that the filter takes without loss."""
    steps = tempo_steps(rate)
    assert math.prod(steps) == pytest.approx(rate)
    assert all(0.5 <= step <= 2 for step in steps)


def test_sound_that_begins_after_its_pictures_stays_late(toolchain: Toolchain, folder: Path) -> None:
    """A file whose sound begins 0.5 s after its pictures has silence there, from any trim point."""
    samples = chirp(3, 48_000)
    sound = write_sound(toolchain, folder / "late.wav", samples, 48_000, "-c:a", "pcm_f32le")
    pictures = ["-f", "lavfi", "-i", "testsrc=s=64x48:r=30:d=4"]
    source = folder / "late.mov"
    options = ["-map", "0", "-map", "1", "-c:v", "libx264", "-c:a", "pcm_f32le"]
    argv = [
        str(toolchain.ffmpeg),
        "-v",
        "error",
        "-y",
        *pictures,
        "-itsoffset",
        "0.5",
        "-i",
        str(sound),
        *options,
        str(source),
    ]
    subprocess.run(argv, check=True)
    assert not cut(toolchain, source, 0, 23_000).any()
    assert np.array_equal(cut(toolchain, source, 0, 48_000)[24_000:], samples[:24_000])
    assert np.array_equal(cut(toolchain, source, 2.5, 24_000), samples[96_000:120_000])


@pytest.mark.parametrize("codec", ["aac", "libmp3lame", "libopus"])
def test_sound_before_zero_is_not_heard(toolchain: Toolchain, folder: Path, codec: str) -> None:
    """What gets a decoder ready lies before 0 in Matroska, to its millisecond, and delays nothing."""
    click = np.zeros((48_000, 2), "<f4")
    click[12_000:12_010] = 0.9
    source = write_sound(toolchain, folder / f"{codec}.mkv", click, 48_000, "-c:a", codec)
    assert np.argmax(np.abs(cut(toolchain, source, 0, 24_000)[:, 0])) == pytest.approx(12_000, abs=48)


def test_damage_costs_what_is_damaged_only(toolchain: Toolchain, folder: Path) -> None:
    """Players skip what they cannot decode, and so do we."""
    good = make(toolchain, folder, "constant.mp3").read_bytes()
    source = folder / "damaged.mp3"
    source.write_bytes(good[:40_000] + b"\0" * 2_000 + good[42_000:])
    assert len(cut(toolchain, source, 0, SECONDS * 48_000)) > 7 * 48_000


def test_what_is_no_sound_is_an_error(toolchain: Toolchain, folder: Path) -> None:
    """A source that ffmpeg cannot open is named."""
    good = make(toolchain, folder, "a.wav")
    facts = probe_media(toolchain.ffprobe, good, deadline=Deadline(60))
    source = folder / "broken.wav"
    source.write_bytes(b"no sound at all")
    with pytest.raises(MEDIA_UNREADABLE, match=r"broken\.wav"):
        cut_sound(toolchain.ffmpeg, SoundCut(source, facts, 0, 100), folder / "no.f32", deadline=Deadline(60))


@pytest.mark.parametrize("script", ["kill -9 $$", None])
def test_killed_ffmpeg_is_no_fault_of_the_source(toolchain: Toolchain, folder: Path, script: str | None) -> None:
    """Another attempt may succeed where ffmpeg was killed or could not be started."""
    source = make(toolchain, folder, "a.wav")
    facts = probe_media(toolchain.ffprobe, source, deadline=Deadline(60))
    ffmpeg = folder / "none" if script is None else write_program(folder / "ffmpeg", script)
    with pytest.raises(ENCODER_FAILED):
        cut_sound(ffmpeg, SoundCut(source, facts, 0, 100), folder / "no.f32", deadline=Deadline(60))


def test_full_disk_is_no_fault_of_the_source(toolchain: Toolchain, folder: Path) -> None:
    """A cut that the disk has no room for is retried where there is some."""
    source = make(toolchain, folder, "a.wav")
    facts = probe_media(toolchain.ffprobe, source, deadline=Deadline(60))
    with pytest.raises(SCRATCH_UNAVAILABLE):
        cut_sound(toolchain.ffmpeg, SoundCut(source, facts, 0, 48_000), Path("/dev/full"), deadline=Deadline(60))


def test_cutting_ends_with_the_deadline(toolchain: Toolchain, folder: Path) -> None:
    """Without time left nothing is cut."""
    source = make(toolchain, folder, "a.wav")
    facts = probe_media(toolchain.ffprobe, source, deadline=Deadline(60))
    with pytest.raises(CHUNK_DEADLINE_EXCEEDED):
        cut_sound(toolchain.ffmpeg, SoundCut(source, facts, 0, 100), folder / "no.f32", deadline=Deadline(0))
