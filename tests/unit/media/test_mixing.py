from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from hf_lambda.deadline import Deadline
from hf_lambda.errors import ENCODER_FAILED
from hf_lambda.media.envelopes import Envelope, fades
from hf_lambda.media.mixing import AudioTrack, Mixer, RawSound
from hf_lambda.media.probing import MediaFacts, probe_media
from hf_lambda.toolchain import Toolchain
from tests.unit.media.sounds import Samples, chirp, read_raw, write_sound

RATE = 48_000
TOTAL = 3 * RATE
EXACT = 2e-7
"""Of a sum of a few floats below 1."""

Source = tuple[Path, MediaFacts, Samples]


@pytest.fixture(scope="module")
def source(toolchain: Toolchain, tmp_path_factory: pytest.TempPathFactory) -> Source:
    """Two seconds of a lossless sound."""
    samples = chirp(2, RATE)
    path = tmp_path_factory.mktemp("mix") / "source.wav"
    write_sound(toolchain, path, samples, RATE, "-c:a", "pcm_f32le")
    return path, probe_media(toolchain.ffprobe, path, deadline=Deadline(60)), samples


@pytest.fixture
def mixer(toolchain: Toolchain, tmp_path: Path) -> Mixer:
    """A mixer for three seconds."""
    return Mixer(toolchain.ffmpeg, tmp_path, TOTAL, deadline=Deadline(60))


def mix(mixer: Mixer, *tracks: AudioTrack, envelopes: tuple[Envelope, ...] = ()) -> Samples:
    """The sum of tracks."""
    sounds = [sound for sound in map(mixer.cut, tracks) if sound is not None]
    return read_raw(added(mixer, sounds, envelopes).path)


def added(mixer: Mixer, sounds: list[RawSound], envelopes: tuple[Envelope, ...] = ()) -> RawSound:
    """The sum of sounds of which there are some."""
    total = mixer.add(sounds, envelopes)
    assert total is not None
    return total


def placed(samples: Samples, first: int) -> Samples:
    """Samples within three seconds of silence."""
    whole = np.zeros((TOTAL, 2), "<f4")
    whole[first : first + len(samples)] = samples[: TOTAL - first]
    return whole


def test_a_track_lies_where_it_belongs(mixer: Mixer, source: Source) -> None:
    """A track is bit for bit its source, from the sample nearest to its start."""
    path, facts, samples = source
    found = mix(mixer, AudioTrack(path, facts, 0.70001, 0.70001, 1.5, media_start=0.25))
    assert np.array_equal(found, placed(samples[12_000:50_400], 33_600))


def test_tracks_are_added(mixer: Mixer, source: Source) -> None:
    """More tracks than are added in one go make their plain sum."""
    path, facts, samples = source
    starts = [number * 1237 for number in range(20)]
    tracks = [AudioTrack(path, facts, start / RATE, start / RATE, 3, media_start=0.1) for start in starts]
    expected = sum((placed(samples[4_800:], start) for start in starts), np.zeros((TOTAL, 2)))
    assert mix(mixer, *tracks) == pytest.approx(expected, abs=20 * EXACT)


def test_gains_follow_their_envelopes_sample_by_sample(mixer: Mixer, source: Source) -> None:
    """Volume ramps and fades multiply each sample with its own gain, so nothing steps."""
    path, facts, samples = source
    envelopes = (Envelope(((0.1, 0), (0.9, 1.5), (1, 0.2))), *fades(2, 0.5, 0.25))
    found = mix(mixer, AudioTrack(path, facts, 0.5, 0.5, 2.5, envelopes=envelopes))
    times = np.arange(2 * RATE) / RATE
    gains = np.interp(times, [0.1, 0.9, 1], [0, 1.5, 0.2])
    gains *= np.interp(times, [0, 0.5], [0, 1]) * np.interp(times, [1.75, 2], [1, 0])
    assert found == pytest.approx(placed(samples * gains[:, None].astype("<f4"), 24_000), abs=EXACT)


@pytest.mark.parametrize("gain", [0.0, 0.3, 3.981])
def test_a_gain_that_stays_is_exact(mixer: Mixer, source: Source, gain: float) -> None:
    """A volume between 0 and +12 dB multiplies, and nothing clips in between."""
    path, facts, samples = source
    found = mix(mixer, AudioTrack(path, facts, 0, 0, 2, envelopes=(Envelope(((0, gain),)),)))
    assert found == pytest.approx(placed(samples * gain, 0), abs=EXACT * 4)


def test_a_clip_that_its_host_cuts_off_keeps_its_own_time(mixer: Mixer, source: Source) -> None:
    """What lies before `start` is not heard; source and envelope go on as from `origin`."""
    path, facts, samples = source
    ramp = Envelope(((0, 0), (1, 1)))
    found = mix(mixer, AudioTrack(path, facts, 0.25, 1, 2, envelopes=(ramp,)))
    gains = np.minimum(1, np.arange(2 * RATE) / RATE)[:, None]
    assert found == pytest.approx(placed((samples * gains)[36_000:84_000], 48_000), abs=EXACT)


def test_a_loop_fills_its_window(mixer: Mixer, source: Source) -> None:
    """A looped second and a half is heard again until the track stops."""
    path, facts, samples = source
    found = mix(mixer, AudioTrack(path, facts, 0, 0, 2.5, media_start=0.5, loop=True))
    once = samples[24_000:]
    assert np.array_equal(found, placed(np.concatenate([once, once])[:120_000], 0))


def test_a_ramp_plays_its_stretches(mixer: Mixer, source: Source) -> None:
    """Where a ramp stands at 1 the source is heard as it is, later by what went before."""
    path, facts, samples = source
    speed = Envelope(((0, 0), (0.25, 0), (0.25, np.log(2)), (0.5, np.log(2)), (0.5, 0)))
    found = mix(mixer, AudioTrack(path, facts, 0, 0, 3, speed=speed))
    assert np.array_equal(found[:12_000], samples[:12_000])
    assert np.array_equal(found[24_000:60_000], samples[36_000:72_000])
    assert not found[84_000:].any()


def test_a_group_is_a_track(mixer: Mixer, source: Source) -> None:
    """What was added together can be turned down together."""
    path, facts, samples = source
    members = [mixer.cut(AudioTrack(path, facts, start, start, 3)) for start in (0, 1)]
    group = added(mixer, [one for one in members if one is not None], (Envelope(((0, 1), (3, 0))),))
    found = read_raw(added(mixer, [group]).path)
    expected = (placed(samples, 0) + placed(samples, 48_000)) * (1 - np.arange(TOTAL) / TOTAL)[:, None]
    assert found == pytest.approx(expected, abs=4 * EXACT)


@pytest.mark.parametrize("window", [(3, 5), (1, 1), (2, 1)])
def test_a_track_outside_the_composition_is_none(mixer: Mixer, source: Source, window: tuple[float, float]) -> None:
    """A window that is empty or begins after the end gives no sound."""
    path, facts, _ = source
    assert mixer.cut(AudioTrack(path, facts, window[0], *window)) is None


def test_a_track_beyond_its_source_is_none(mixer: Mixer, source: Source) -> None:
    """A track of which only what its host cuts off has sound gives none."""
    path, facts, _ = source
    assert mixer.cut(AudioTrack(path, facts, 0, 2.5, 3)) is None


def test_only_the_sum_is_left(mixer: Mixer, source: Source, tmp_path: Path) -> None:
    """Raw files go as soon as they are added."""
    path, facts, _ = source
    ramp = Envelope(((0, 0), (1, 1)))
    sounds = [mixer.cut(AudioTrack(path, facts, 0, 0, 3, envelopes=(ramp,))) for _ in range(3)]
    total = added(mixer, [sound for sound in sounds if sound is not None])
    assert list(tmp_path.iterdir()) == [total.path]


def test_equal_tracks_give_equal_bytes(mixer: Mixer, source: Source) -> None:
    """A retry mixes the very same samples."""
    path, facts, _ = source
    tracks = [AudioTrack(path, facts, start, start, 3, rate=1.3) for start in (0, 0.5)]
    assert np.array_equal(mix(mixer, *tracks), mix(mixer, *tracks))


def test_no_sounds_have_no_sum(mixer: Mixer) -> None:
    """Nothing added up is nothing, not silence."""
    assert mixer.add([]) is None


def test_a_sound_that_is_missing_is_a_failure(mixer: Mixer, tmp_path: Path) -> None:
    """A raw file that is not there ends the mix."""
    with pytest.raises(ENCODER_FAILED, match=r"none\.f32"):
        mixer.add([RawSound(tmp_path / "none.f32", 100)])


def test_a_sum_of_one_sum_is_that_sum(mixer: Mixer, source: Source) -> None:
    """What is as long as the composition already is not added to silence; what has to be louder is."""
    path, facts, _ = source
    first = mixer.add(filter(None, [mixer.cut(AudioTrack(path, facts, 1, 1, 3))]))
    assert first is not None
    assert mixer.add([first]) == first
    louder = mixer.add([replace(first, envelopes=(Envelope(((0.0, 2.0),)),))])
    assert louder is not None
    assert louder.path != first.path
