"""Speed ramps: a rate lane becomes short stretches of one rate each, which follow one another in the source."""

import itertools
import math
from dataclasses import dataclass

from hf_lambda.media.envelopes import SAMPLE_RATE, Envelope

_STRETCH_SECONDS = 0.25
_MOST_STRETCHES = 240
_STEPS_PER_STRETCH = 64


@dataclass(frozen=True)
class Stretch:
    """`sample_count` samples of 48 kHz at one rate, from `source_seconds` beyond the trim point."""

    source_seconds: float
    sample_count: int
    rate: float


def stretches(speed: Envelope, sample_count: int) -> list[Stretch]:
    """Cuts `sample_count` samples into stretches; `speed` is the logarithm of the rate along the clip's own time.

    Each begins in the source where the one before it ended. Neighbours of one rate are one stretch.
    """
    pieces = min(_MOST_STRETCHES, max(1, math.ceil(sample_count / SAMPLE_RATE / _STRETCH_SECONDS)))
    edges = [round(sample_count * piece / pieces) for piece in range(pieces + 1)]
    found: list[Stretch] = []
    source = 0.0
    for start, stop in itertools.pairwise(edges):
        count = stop - start
        rate = _mean_rate(speed, start / SAMPLE_RATE, stop / SAMPLE_RATE)
        if found and math.isclose(found[-1].rate, rate, rel_tol=1e-9):
            found[-1] = Stretch(found[-1].source_seconds, found[-1].sample_count + count, rate)
        else:
            found.append(Stretch(source, count, rate))
        source += count / SAMPLE_RATE * rate
    return found


def _mean_rate(speed: Envelope, start: float, stop: float) -> float:
    """The mean of the rate, by the rule of the middle of each step."""
    step = (stop - start) / _STEPS_PER_STRETCH
    return sum(math.exp(speed.at(start + step * (number + 0.5))) for number in range(_STEPS_PER_STRETCH)) / (
        _STEPS_PER_STRETCH
    )
