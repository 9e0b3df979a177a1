import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hf_lambda.media.automation import speed_envelope, volume_envelope
from hf_lambda.media.envelopes import MAX_GAIN, Envelope


def automation(*points: dict[str, Any], target: str = "volume") -> str:
    """A data-automation attribute with one lane."""
    return json.dumps({"version": 1, "lanes": [{"target": target, "points": points}]})


def envelope_of(*points: dict[str, Any]) -> Envelope:
    """The envelope of a volume lane that has one."""
    envelope = volume_envelope(automation(*points))
    assert envelope is not None
    return envelope


def test_points_are_joined_by_lines() -> None:
    """Straight ways need their ends only, and points may come in any order."""
    envelope = envelope_of({"t": 2, "v": 0}, {"t": 0.5, "v": 1}, {"t": 1, "v": 0.5})
    assert envelope.points == ((0.5, 1), (1, 0.5), (2, 0))


def test_of_two_points_of_one_time_the_later_counts() -> None:
    """An editor that wrote a point twice meant the second."""
    assert envelope_of({"t": 0, "v": 1}, {"t": 1, "v": 0}, {"t": 1, "v": 0.5}).points == ((0, 1), (1, 0.5))


def test_gains_and_times_are_cut_to_their_ranges() -> None:
    """Gains stay within 0 and +12 dB, times begin at 0, and what is no number is left out."""
    envelope = envelope_of({"t": -1, "v": 9}, {"t": "1.5", "v": "0.5"}, {"t": None, "v": 1}, {"t": 2, "v": -3})
    assert envelope.points == ((0, MAX_GAIN), (1.5, 0.5), (2, 0))


@pytest.mark.parametrize(("curve", "middle"), [(0.5, 0.25), (1, 0.0625), (-0.5, math.sqrt(0.5)), (0, 0.5)])
def test_curves_are_powers_of_the_progress(curve: float, middle: float) -> None:
    """Half-way a curve c is at 0.5 to the power of 4 to the c."""
    assert envelope_of({"t": 0, "v": 0, "curve": curve}, {"t": 1, "v": 1}).at(0.5) == pytest.approx(middle, abs=1e-5)


@given(x=st.floats(0.01, 0.99), y=st.floats(0.01, 0.99))
def test_a_way_passes_through_its_point(x: float, y: float) -> None:
    """A way with a via point goes through it, and never turns back."""
    envelope = envelope_of({"t": 0, "v": 0, "viaX": x, "viaY": y}, {"t": 1, "v": 1})
    assert envelope.at(x) == pytest.approx(y, abs=0.02)
    gains = [gain for _, gain in envelope.points]
    assert gains == sorted(gains)
    assert (gains[0], gains[-1]) == (0, 1)


def test_other_lanes_are_no_volume() -> None:
    """Lanes for other targets, and lanes without points, give no envelope."""
    assert volume_envelope(automation({"t": 0, "v": 2}, target="rate")) is None
    assert volume_envelope(automation()) is None
    assert volume_envelope('{"version": 1, "lanes": []}') is None
    assert speed_envelope(automation({"t": 0, "v": 2})) is None


def test_rates_are_even_in_pitch() -> None:
    """Half-way from 1 to 4 the rate is 2, and rates stay within 0.1 and 5."""
    speed = speed_envelope(automation({"t": 0, "v": 1}, {"t": 2, "v": 4}, {"t": 3, "v": 99}, target="rate"))
    assert speed is not None
    assert [math.exp(speed.at(seconds)) for seconds in (0, 1, 2, 3)] == pytest.approx([1, 2, 4, 5])


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", '{"lanes": []}', '{"version": 2, "lanes": []}', '{"version": 1}', '{"version": 1, "lanes": [1]}'],
)
def test_other_texts_are_refused(text: str) -> None:
    """What is no automation of the known version is an error that says so."""
    with pytest.raises(ValueError, match="it "):
        volume_envelope(text)


def test_a_lane_needs_a_list_of_points() -> None:
    """Points that are no list are an error too."""
    with pytest.raises(ValueError, match="points"):
        volume_envelope('{"version": 1, "lanes": [{"target": "volume", "points": {}}]}')
