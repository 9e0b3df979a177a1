import math
from array import array
from itertools import accumulate
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hf_lambda.media.envelopes import (
    MAX_GAIN,
    SAMPLE_RATE,
    Envelope,
    clamp_gain,
    fades,
    gain_blocks,
    simplify,
    write_gains,
)

GAINS = st.floats(0, 4)
STEPS = st.one_of(st.just(0.0), st.floats(1e-6, 0.5))


@st.composite
def envelopes(draw: st.DrawFn) -> Envelope:
    """An envelope of up to six points, steps among them."""
    first = draw(st.floats(-1, 1))
    steps = draw(st.lists(STEPS, max_size=5))
    times = list(accumulate(steps, initial=first))
    return Envelope(tuple((seconds, draw(GAINS)) for seconds in times))


def joined(blocks: "list[array[float]]") -> list[float]:
    """The gains of all blocks."""
    return [gain for block in blocks for gain in block]


@given(envelope=envelopes(), start=st.integers(0, SAMPLE_RATE), count=st.integers(0, 400))
def test_samples_are_the_gains_at_their_times(envelope: Envelope, start: int, count: int) -> None:
    """Sample n has exactly the gain of time n / 48000."""
    gains = envelope.samples(start, start + count)
    expected = [envelope.at(number / SAMPLE_RATE) for number in range(start, start + count)]
    assert list(gains) == pytest.approx(expected, abs=1e-9)


@given(envelope=envelopes(), start=st.integers(0, SAMPLE_RATE), count=st.integers(1, 4000))
def test_level_is_told_only_where_there_is_one(envelope: Envelope, start: int, count: int) -> None:
    """Where an envelope claims to stand still, all of its samples are equal."""
    level = envelope.level(start, start + count)
    if level is not None:
        assert set(envelope.samples(start, start + count)) == {level}


@given(several=st.lists(envelopes(), max_size=3), count=st.integers(0, 70_000))
def test_blocks_are_the_product(several: list[Envelope], count: int) -> None:
    """The blocks together have the wanted length and the product of all envelopes."""
    gains = joined(list(gain_blocks(several, count)))
    assert len(gains) == count
    for number in {0, count // 3, count - 1} & set(range(count)):
        product = math.prod(envelope.at(number / SAMPLE_RATE) for envelope in several)
        assert gains[number] == pytest.approx(product, rel=1e-6, abs=1e-6)


@given(
    points=st.lists(st.tuples(st.floats(0, 10), GAINS), min_size=1, max_size=40, unique_by=lambda point: point[0]),
    tolerance=st.floats(1e-4, 0.5),
)
def test_simplified_points_stay_close(points: list[tuple[float, float]], tolerance: float) -> None:
    """Every point that was left out lies within the tolerance of the lines that are left."""
    points.sort()
    kept = simplify(points, tolerance)
    assert set(kept) <= set(points)
    envelope = Envelope(kept)
    assert all(abs(envelope.at(seconds) - gain) <= tolerance + 1e-9 for seconds, gain in points)


def test_straight_lines_need_their_ends_only() -> None:
    """A ramp that was sampled is two points, and so is stillness."""
    assert simplify([(n / 30, n / 30) for n in range(31)], 1e-4) == ((0, 0), (1, 1))
    assert simplify([(n / 30, 0.5) for n in range(31)], 1e-4) == ((0, 0.5), (1, 0.5))


def test_two_points_of_one_time_are_a_step() -> None:
    """At the time of a step the later gain counts."""
    envelope = Envelope(((0, 1), (0.5, 1), (0.5, 0.25), (1, 0.25)))
    assert (envelope.at(0.5 - 1e-9), envelope.at(0.5)) == (1, 0.25)
    assert list(envelope.samples(23_999, 24_001)) == [1, 0.25]


@pytest.mark.parametrize("points", [(), ((1.0, 0.0), (0.5, 1.0))])
def test_points_come_in_order(points: tuple[tuple[float, float], ...]) -> None:
    """An envelope without points, or with points that run backwards, is refused."""
    with pytest.raises(ValueError, match="ascending"):
        Envelope(points)


def test_fades_are_straight() -> None:
    """A fade of a second is half open after half a second, at both ends."""
    fade_in, fade_out = fades(4, 1, 2)
    assert [fade_in.at(seconds) for seconds in (0, 0.5, 1, 4)] == [0, 0.5, 1, 1]
    assert [fade_out.at(seconds) for seconds in (0, 2, 3, 4)] == [1, 1, 0.5, 0]


def test_fades_that_do_not_fit_shrink() -> None:
    """Fades of 3 and 1 seconds in a clip of 2 take 1.5 and 0.5."""
    fade_in, fade_out = fades(2, 3, 1)
    assert fade_in.points == ((0, 0), (1.5, 1))
    assert fade_out.points == ((1.5, 1), (2, 0))
    assert fades(2, 0, 0) == []


def test_gains_have_a_ceiling() -> None:
    """Volumes beyond +12 dB, and negative ones, are cut."""
    assert [clamp_gain(gain) for gain in (-1, 0.5, 9)] == [0, 0.5, pytest.approx(3.981, abs=1e-3)]
    assert clamp_gain(9) == MAX_GAIN


def test_gains_are_written_as_floats(tmp_path: Path) -> None:
    """The file has four bytes for each sample, and no step between samples of a slow ramp."""
    path = tmp_path / "gains.f32"
    write_gains([Envelope(((0, 0), (2, 1)))], 96_000, path)
    gains = np.frombuffer(path.read_bytes(), "<f4")
    assert gains == pytest.approx(np.arange(96_000) / 96_000, abs=1e-7)
