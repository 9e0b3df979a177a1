import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hf_lambda.media.envelopes import Envelope
from hf_lambda.media.speed import stretches

RATES = st.floats(0.1, 5)


@given(first=RATES, last=RATES, count=st.integers(1, 96_000 * 40))
def test_stretches_follow_one_another(first: float, last: float, count: int) -> None:
    """They fill the clip, and each begins in the source where the one before it ended."""
    found = stretches(Envelope(((0.5, math.log(first)), (2, math.log(last)))), count)
    assert sum(stretch.sample_count for stretch in found) == count
    source = 0.0
    for stretch in found:
        assert stretch.source_seconds == pytest.approx(source)
        assert min(first, last) * 0.999 <= stretch.rate <= max(first, last) * 1.001
        source += stretch.sample_count / 48_000 * stretch.rate


def test_a_ramp_reaches_the_integral_of_its_rate() -> None:
    """From 1 to 4 within two seconds 3 / ln 2 seconds of source are heard: the mean of an exponential."""
    found = stretches(Envelope(((0, 0), (2, math.log(4)))), 96_000)
    assert len(found) == 8
    heard = sum(stretch.sample_count / 48_000 * stretch.rate for stretch in found)
    assert heard == pytest.approx(2 * 3 / math.log(4), rel=1e-4)


def test_one_rate_is_one_stretch() -> None:
    """Where nothing changes nothing is cut."""
    (stretch,) = stretches(Envelope(((0, math.log(2)),)), 100_000)
    assert (stretch.source_seconds, stretch.sample_count) == (0, 100_000)
    assert stretch.rate == pytest.approx(2)
