"""Gain over time, as straight lines between points, and its exact value for every sample.

ffmpeg's own volume filters change gain in steps (per frame of 20 ms or so), which is heard as zipper noise.
So gains are computed here, sample by sample, written as raw floats, and multiplied with the sound.
"""

import math
import operator
import sys
from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise, repeat
from pathlib import Path

SAMPLE_RATE = 48_000
"""Samples per second of everything that is mixed here."""
MAX_GAIN = 10 ** (12 / 20)
"""The loudest that an author may ask for: +12 dB, 3.981."""
_BLOCK_SAMPLES = 1 << 16


def clamp_gain(gain: float) -> float:
    """`gain` within 0 and `MAX_GAIN`."""
    return min(MAX_GAIN, max(0.0, gain))


@dataclass(frozen=True)
class Envelope:
    """Gain along time: (seconds, gain) points in ascending order, straight lines between them.

    The first gain holds before the first point, the last one after the last. Two points of one time make a step:
    from that time on the later one counts.
    """

    points: tuple[tuple[float, float], ...]

    def __post_init__(self) -> None:
        if not self.points or any(later[0] < earlier[0] for earlier, later in pairwise(self.points)):
            raise ValueError("an envelope needs points in ascending order")

    def at(self, seconds: float) -> float:
        """The gain at a time."""
        after = bisect_right(self.points, seconds, key=operator.itemgetter(0))
        if after == 0:
            return self.points[0][1]
        start, gain = self.points[after - 1]
        if after == len(self.points):
            return gain
        stop, next_gain = self.points[after]
        return gain + (next_gain - gain) * ((seconds - start) / (stop - start))

    def is_constant(self) -> bool:
        """Whether the gain is the same at all times."""
        return len({gain for _, gain in self.points}) == 1

    def level(self, start: int, stop: int) -> float | None:
        """The one gain of all samples from number `start` up to `stop`, or None where it moves."""
        first, last = (
            bisect_right(self.points, number / SAMPLE_RATE, key=operator.itemgetter(0)) for number in (start, stop)
        )
        gains = {gain for _, gain in self.points[max(0, first - 1) : last + 1]}
        return gains.pop() if len(gains) == 1 else None

    def samples(self, start: int, stop: int) -> "array[float]":
        """The gains of the samples from number `start` (of `SAMPLE_RATE` a second) up to `stop`."""
        gains = array("d")
        while start < stop:
            after = bisect_right(self.points, start / SAMPLE_RATE, key=operator.itemgetter(0))
            end = stop if after == len(self.points) else min(stop, _first_sample_from(self.points[after][0]))
            gains.extend(self._line(after, start, end))
            start = end
        return gains

    def _line(self, after: int, start: int, stop: int) -> Iterable[float]:
        """Gains of samples that all lie between the points number `after` - 1 and `after`."""
        count = stop - start
        if after in (0, len(self.points)) or self.points[after - 1][1] == self.points[after][1]:
            return repeat(self.points[max(0, after - 1)][1], count)
        (begin, gain), (end, next_gain) = self.points[after - 1], self.points[after]
        step = (next_gain - gain) / (end - begin) / SAMPLE_RATE
        offset = gain - begin * SAMPLE_RATE * step
        return [offset + step * number for number in range(start, stop)]


def fades(span_seconds: float, fade_in_seconds: float, fade_out_seconds: float) -> list[Envelope]:
    """Straight fades at both ends of a clip; fades that are longer than the clip together shrink alike."""
    total = fade_in_seconds + fade_out_seconds
    scale = span_seconds / total if total > span_seconds else 1.0
    envelopes = []
    if fade_in_seconds > 0:
        envelopes.append(Envelope(((0.0, 0.0), (fade_in_seconds * scale, 1.0))))
    if fade_out_seconds > 0:
        envelopes.append(Envelope(((span_seconds - fade_out_seconds * scale, 1.0), (span_seconds, 0.0))))
    return envelopes


def simplify(points: Sequence[tuple[float, float]], tolerance: float) -> tuple[tuple[float, float], ...]:
    """As few of the `points` as keep every other one within `tolerance` of the lines between them."""
    kept = {0, len(points) - 1}
    spans = [(0, len(points) - 1)]
    while spans:
        first, last = spans.pop()
        if last - first < 2:
            continue
        line = Envelope((points[first], points[last]))
        worst = max(range(first + 1, last), key=lambda index: abs(points[index][1] - line.at(points[index][0])))
        if abs(points[worst][1] - line.at(points[worst][0])) > tolerance:
            kept.add(worst)
            spans += [(first, worst), (worst, last)]
    return tuple(points[index] for index in sorted(kept))


def gain_blocks(envelopes: Sequence[Envelope], sample_count: int) -> Iterator["array[float]"]:
    """The product of `envelopes` for the first `sample_count` samples, as 32-bit floats, block by block."""
    for start in range(0, sample_count, _BLOCK_SAMPLES):
        stop = min(sample_count, start + _BLOCK_SAMPLES)
        levels = [envelope.level(start, stop) for envelope in envelopes]
        level = math.prod(one for one in levels if one is not None)
        moving = [envelope for envelope, one in zip(envelopes, levels, strict=True) if one is None]
        if not moving:
            yield array("f", [level]) * (stop - start)
            continue
        product: Iterable[float] = moving[0].samples(start, stop)
        for envelope in moving[1:]:
            product = map(operator.mul, product, envelope.samples(start, stop))
        yield array("f", product if level == 1 else (gain * level for gain in product))


def write_gains(envelopes: Sequence[Envelope], sample_count: int, path: Path) -> None:
    """Write the product of `envelopes` as raw little-endian 32-bit floats, one for each sample."""
    with path.open("wb") as file:
        for block in gain_blocks(envelopes, sample_count):
            if sys.byteorder == "big":
                block.byteswap()
            file.write(block)


def _first_sample_from(seconds: float) -> int:
    """The first sample number that does not lie before `seconds`, by the same comparison as `bisect_right`."""
    number = round(seconds * SAMPLE_RATE)
    while number / SAMPLE_RATE < seconds:
        number += 1
    while (number - 1) / SAMPLE_RATE >= seconds:
        number -= 1
    return number
