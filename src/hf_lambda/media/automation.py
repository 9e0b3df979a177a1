"""Lanes of `data-automation` for volume and speed: keyframes, with the curves between them, as an envelope.

The attribute is JSON: `{"version": 1, "lanes": [{"target": "volume", "points": [{"t": seconds, "v": gain}, …]}]}`.
Times are relative to the clip, or to the composition for a group. A point may bend the way to the next one: with
`curve` (-1 to 1, a power of the progress), or with `viaX`, `viaY` (a point that the way passes through).
"""

import json
import math
from collections.abc import Callable
from itertools import pairwise
from typing import Any

from hf_lambda.media.envelopes import MAX_GAIN, Envelope

_VERSION = 1
_MOST_POINTS = 512
_STEPS_PER_SECOND = 200
_MOST_STEPS = 2000
_EDGE = 0.999
_SLOWEST, _FASTEST = 0.1, 5.0

Shape = tuple[float, tuple[float, float] | None]


def volume_envelope(text: str) -> Envelope | None:
    """The volume lane of a `data-automation` attribute, or None where it has none.

    Raises:
        ValueError: the text is not such an attribute; the message says why.
    """
    return _lane_envelope(text, "volume", lambda gain: min(MAX_GAIN, max(0.0, gain)))


def speed_envelope(text: str) -> Envelope | None:
    """The rate lane, 0.1 to 5, as the natural logarithm of the rate: the way between two rates is even in pitch.

    Raises:
        ValueError: as `volume_envelope`.
    """
    return _lane_envelope(text, "rate", lambda rate: math.log(min(_FASTEST, max(_SLOWEST, rate))))


def _lane_envelope(text: str, target: str, scale: Callable[[float], float]) -> Envelope | None:
    lane = next((lane for lane in _lanes(text) if lane.get("target") == target), None)
    points = [] if lane is None else _clean_points(lane.get("points"), scale)
    if not points:
        return None
    bent: list[tuple[float, float]] = []
    for (start, value, shape), (end, next_value, _) in pairwise(points):
        bent.append((start, value))
        steps = _steps(end - start, shape)
        for step in range(1, steps):
            progress = step / steps
            bent.append((start + (end - start) * progress, value + (next_value - value) * _shaped(progress, shape)))
    bent.append(points[-1][:2])
    return Envelope(tuple(bent))


def _lanes(text: str) -> list[dict[str, Any]]:
    try:
        values = json.loads(text)
    except ValueError as error:
        raise ValueError(f"it is not JSON: {error}") from error
    if not isinstance(values, dict) or values.get("version") != _VERSION:
        raise ValueError(f"it is not an object with version {_VERSION}")
    lanes = values.get("lanes")
    if not isinstance(lanes, list) or not all(isinstance(lane, dict) for lane in lanes):
        raise ValueError("it has no list of lanes")
    return lanes


def _clean_points(values: object, scale: Callable[[float], float]) -> list[tuple[float, float, Shape]]:
    if not isinstance(values, list):
        raise ValueError("a lane has no list of points")
    found: dict[float, tuple[float, float, Shape]] = {}
    for value in values:
        seconds, gain = (_number(value.get(key)) for key in ("t", "v")) if isinstance(value, dict) else (None, None)
        if seconds is not None and gain is not None:
            seconds = max(0.0, seconds)
            found[seconds] = (seconds, scale(gain), _shape(value))
    return sorted(found.values())[:_MOST_POINTS]


def _shape(value: dict[str, Any]) -> Shape:
    curve, via_x, via_y = (_number(value.get(key)) for key in ("curve", "viaX", "viaY"))
    via = None
    if via_x is not None and via_y is not None:
        via = (_inside(via_x), _inside(via_y))
    if via is not None and abs(via[0] - via[1]) < 1e-6:
        via = None
    return (min(1.0, max(-1.0, curve or 0.0)), via)


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(str(value).replace("_", "no digit"))
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _inside(value: float) -> float:
    return min(_EDGE, max(1 - _EDGE, value))


def _steps(seconds: float, shape: Shape) -> int:
    """Into how many straight pieces a way is cut: one where it is straight."""
    if shape == (0.0, None):
        return 1
    return max(2, min(_MOST_STEPS, math.ceil(seconds * _STEPS_PER_SECOND)))


def _shaped(progress: float, shape: Shape) -> float:
    curve, via = shape
    return progress ** (4.0**curve) if via is None else _through(progress, *via)


def _through(progress: float, via_x: float, via_y: float) -> float:
    """Where a conic from (0, 0) to (1, 1) that passes through (via_x, via_y) is at x = `progress`.

    It is a rational quadratic Bézier curve. Its weight is the smallest, from 1 up, whose control point lies within
    the unit square; then neither x nor y ever runs backwards.
    """
    weight = max(1.0, _least_weight(via_x), _least_weight(via_y))
    control_x = via_x + (via_x - 0.5) / weight
    control_y = via_y + (via_y - 0.5) / weight
    low, high = 0.0, 1.0
    while high - low > 1e-12:
        middle = (low + high) / 2
        if _conic(middle, control_x, weight) < progress:
            low = middle
        else:
            high = middle
    return _conic(low, control_y, weight)


def _conic(along: float, control: float, weight: float) -> float:
    rest = 1 - along
    pull = 2 * weight * along * rest
    return (pull * control + along * along) / (rest * rest + pull + along * along)


def _least_weight(via: float) -> float:
    """The weight at which the control point's coordinate reaches the edge of the unit square."""
    offset = via - 0.5
    room = (_EDGE - via) if offset > 0 else (via - (1 - _EDGE))
    return min(1e6, abs(offset) / room) if room > 0 else 1e6
