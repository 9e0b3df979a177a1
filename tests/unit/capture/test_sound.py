import itertools
from collections.abc import Callable, Sequence
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from hf_lambda.capture.sound import VolumeSample, parse_audio_groups, sample_times, sample_volumes

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
    assert sample_times([(0.09, 0.14), (0.5, 0.51)], 60) == [0.09, 6 / 60, 7 / 60, 8 / 60, 0.14, 0.5, 0.51]
    assert sample_times([], 60) == []


@given(st.lists(st.tuples(st.floats(0, 5), st.floats(0, 2)).map(lambda pair: (pair[0], sum(pair))), max_size=4))
def test_no_gap_is_longer_than_a_step(windows: list[tuple[float, float]]) -> None:
    """Times ascend, stay within the windows, and leave out no step in them."""
    times = sample_times(windows, 60)
    assert times == sorted(set(times))
    assert all(any(start <= seconds <= stop for start, stop in windows) for seconds in times)
    for start, stop in windows:
        inside = [seconds for seconds in times if start <= seconds <= stop]
        assert all(later - earlier <= 1 / 60 + 1e-9 for earlier, later in itertools.pairwise(inside))


class Script:
    """Pages on which a script sets the volume of each of two elements, `one` in `spans` of time only."""

    def __init__(self, volume: Callable[[float], float], spans: Sequence[tuple[float, float]] = ()) -> None:
        self.asked: list[list[float]] = []
        self._volume = volume
        self._spans = spans

    def __call__(self, keys: Sequence[str], times: Sequence[float]) -> list[VolumeSample]:
        """The samples of a new page."""
        self.asked.append(list(times))
        before = [0.0, *times]
        return [
            VolumeSample(
                now,
                [self._volume(now) if key == "one" else None for key in keys],
                any(start < now and last <= stop for start, stop in self._spans),
            )
            for last, now in zip(before, times, strict=False)
        ]


def test_volume_that_nobody_sets_is_glanced_at() -> None:
    """Four times a second, within the windows and at their ends, on one page."""
    script = Script(lambda _: 0.5)
    found = sample_volumes(script, {"one": (0.1, 0.6), "other": (2, 2.1)})
    assert script.asked == [[0.1, 0.25, 0.5, 0.6, 2, 2.1]]
    assert found == {"one": [(0.1, 0.5), (0.25, 0.5), (0.5, 0.5), (0.6, 0.5)], "other": []}


def test_volume_is_looked_at_closely_where_it_is_set() -> None:
    """Between the glances around a moment at which it is set, and nowhere else, be it the same before and after."""
    script = Script(lambda seconds: 0.1 if 1.3 < seconds < 1.4 else 1.0, [(1.3, 1.4)])
    found = sample_volumes(script, {"one": (0, 600)})
    rough, fine = script.asked
    assert len(rough) == 2401
    assert sorted(set(fine) - set(rough)) == [number / 60 for number in range(76, 90)]
    assert [seconds for seconds, volume in found["one"] if volume == 0.1] == [number / 60 for number in range(79, 84)]


def test_volume_that_differs_without_having_been_set_is_looked_at_closely() -> None:
    """Whoever changed it."""
    script = Script(lambda seconds: 1.0 if seconds < 1.3 else 0.2)
    found = sample_volumes(script, {"one": (1, 2)})
    assert (77 / 60, 1.0) in found["one"]
    assert (78 / 60, 0.2) in found["one"]
    assert len(script.asked[1]) == 5 + 14


@given(
    st.lists(st.tuples(st.floats(0, 3), st.floats(0.01, 0.5), st.floats(0, 1)), max_size=4),
    st.floats(0, 2),
    st.floats(0.1, 2),
)
def test_what_is_not_looked_at_closely_does_not_change(
    dips: list[tuple[float, float, float]], start: float, length: float
) -> None:
    """Every sixtieth of a second has the volume that the last sample at or before it has, or is a sample itself."""

    def volume(seconds: float) -> float:
        return next((level for begin, span, level in dips if begin <= seconds < begin + span), 1.0)

    spans = [(begin, begin + span) for begin, span, _ in dips]
    found = sample_volumes(Script(volume, spans), {"one": (start, start + length)})["one"]
    assert found == sorted(found)
    for seconds in sample_times([(start, start + length)], 60):
        assert [level for at, level in found if at <= seconds][-1] == volume(seconds)
