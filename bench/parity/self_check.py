"""Checks that the comparison sees what it has to see, on pictures and sounds of known difference, before it is used."""

import itertools
from collections.abc import Iterator

import numpy as np

from bench.quality import EQUAL_DB, Frame, compare_frames, premultiply
from bench.sound import RATE, SILENT_DBFS, Samples, compare_sound

_FRAMES, _PIXELS = 5, 64 * 36 * 3
_OFFSET = 37
_NEAR = 0.01


def check_comparing() -> str:
    """Compare made pictures and sounds; says what was found.

    Raises:
        AssertionError: a difference is not measured as what it is, so no verdict would mean anything.
    """
    return f"{_check_pictures()}; {_check_sounds()}"


def _check_pictures() -> str:
    equal = compare_frames(_pictures(), _pictures())
    assert (equal.pooled_db, equal.worst_db, equal.frames) == (EQUAL_DB, EQUAL_DB, (_FRAMES, _FRAMES)), equal
    # One level off in every sample of one frame in five: 10 log10(255²) dB there, and 10 log10(5) more of all.
    changed = compare_frames(_pictures(raised=3), _pictures())
    assert abs(changed.worst_db - 48.13) < _NEAR, changed
    assert abs(changed.pooled_db - 55.12) < _NEAR, changed
    assert changed.worst_frame == 3, changed
    assert [db == EQUAL_DB for db in changed.frame_db] == [True, True, True, False, True], changed
    late = compare_frames(itertools.islice(_pictures(), 1, None), _pictures())
    assert late.frames == (_FRAMES - 1, _FRAMES), late
    assert late.worst_db < 20, late
    unseen = premultiply(np.array([200, 100, 50, 0, 200, 100, 50, 128], np.uint8))
    assert unseen.tolist() == [0, 0, 0, 0, 100, 50, 25, 128], unseen
    return f"one level in one frame of five measured as {changed.worst_db:.2f} dB, {changed.pooled_db:.2f} dB of all"


def _check_sounds() -> str:
    sound = _sound()
    equal = compare_sound(sound, sound)
    assert (equal.offset, equal.residual_dbfs) == (0, SILENT_DBFS), equal
    for offset in (_OFFSET, -_OFFSET):
        silence = np.zeros((abs(offset), 2), np.float32)
        moved = np.concatenate([silence, sound]) if offset > 0 else sound[-offset:]
        late = compare_sound(moved, sound)
        assert (late.offset, late.residual_dbfs) == (offset, SILENT_DBFS), late
    softer = compare_sound(sound * np.float32(0.9), sound)
    # A tenth of a sound is 20 dB below it.
    assert abs(softer.residual_dbfs - (softer.level_dbfs - 20)) < _NEAR, softer
    clicked = sound.copy()
    clicked[RATE // 2 : RATE // 2 + 48] += 0.5
    click = compare_sound(clicked, sound)
    assert click.worst_dbfs > click.residual_dbfs + 5, click
    silent = compare_sound(np.zeros_like(sound), np.zeros_like(sound))
    assert (silent.offset, silent.residual_dbfs) == (0, SILENT_DBFS), silent
    return f"a delay of {_OFFSET} samples as {_OFFSET}, a tenth of the sound as {softer.residual_dbfs:.1f} dBFS"


def _pictures(raised: int | None = None) -> Iterator[Frame]:
    """Noise, another one in every frame; all samples of the frame `raised` are one level higher."""
    random = np.random.default_rng(1)
    for number in range(_FRAMES):
        frame = random.integers(0, 255, _PIXELS, np.uint8)
        yield frame + np.uint8(number == raised)


def _sound() -> Samples:
    """A second of a rising tone in both channels."""
    seconds = np.arange(RATE) / RATE
    tone = 0.4 * np.sin(2 * np.pi * (200 * seconds + 300 * seconds**2))
    return np.stack([tone, tone], axis=1).astype(np.float32)
