import itertools
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from hf_lambda.capture.sound import parse_audio_groups, sample_times

NTSC = Fraction(30000, 1001)


def test_of_groups_with_one_id_the_first_counts() -> None:
    """An id means the first element that has it, as everywhere in a document."""
    values = [
        {"id": "music", "volume": 0.5, "hidden": False, "automation": None, "fxChain": "{}"},
        {"id": "music", "volume": 1, "hidden": True, "automation": "{}", "fxChain": None},
    ]
    (group,) = parse_audio_groups(values)
    assert (group.volume, group.hidden, group.automation, group.fx_chain) == (0.5, False, None, "{}")


def test_times_are_those_of_the_grid_and_ends() -> None:
    """Within the windows every sixtieth of a second is looked at, and the ends of windows that lie in between."""
    assert sample_times([(0.09, 0.14), (0.5, 0.51)]) == [0.09, 6 / 60, 7 / 60, 8 / 60, 0.14, 0.5, 0.51]
    assert sample_times([]) == []


@given(st.lists(st.tuples(st.floats(0, 5), st.floats(0, 2)).map(lambda pair: (pair[0], sum(pair))), max_size=4))
def test_no_gap_is_longer_than_a_step(windows: list[tuple[float, float]]) -> None:
    """Times ascend, stay within the windows, and leave out no step in them."""
    times = sample_times(windows)
    assert times == sorted(set(times))
    assert all(any(start <= seconds <= stop for start, stop in windows) for seconds in times)
    for start, stop in windows:
        inside = [seconds for seconds in times if start <= seconds <= stop]
        assert all(later - earlier <= 1 / 60 + 1e-9 for earlier, later in itertools.pairwise(inside))
