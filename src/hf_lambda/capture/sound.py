"""What a page says about its sound beyond the attributes of its media elements: groups, and volumes set by scripts."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any

from hf_lambda.capture.page import Page

SEEK_GRID = Fraction(1200)
"""Steps a second that seeks are rounded down to: a page rounds them to its frames."""
_SAMPLES_PER_SECOND = 60
"""Where volumes are set."""
_GLANCES_PER_SECOND = 4
"""To find out where that is."""
_TIMES_AT_ONCE = 200


@dataclass(frozen=True)
class AudioGroup:
    """One `<hf-audio-group>`: a fader for all media elements that name it."""

    id: str
    volume: float
    hidden: bool
    automation: str | None
    """Its data-automation as written: JSON, in seconds of the whole video."""
    fx_chain: str | None
    """Its data-fx-chain as written: JSON."""


def parse_audio_groups(values: Iterable[Mapping[str, Any]]) -> list[AudioGroup]:
    """The answer of the page's `audioGroups()`; of groups with one id the first counts."""
    groups: dict[str, AudioGroup] = {}
    for value in values:
        group = AudioGroup(value["id"], value["volume"], value["hidden"], value["automation"], value["fxChain"])
        groups.setdefault(group.id, group)
    return list(groups.values())


@dataclass(frozen=True)
class VolumeSample:
    """The volumes of some elements at one time."""

    seconds: float
    volumes: Sequence[float | None]
    was_set: bool
    """Whether scripts set any on the way here from the time before."""


def volumes_at(page: Page, keys: Sequence[str], times: Sequence[float]) -> list[VolumeSample]:
    """The volumes of elements at ascending times, in seconds of the whole video.

    The page is seeked through them: it is good for nothing else afterwards. It shows times between frames too where it
    was opened with `SEEK_GRID` in the place of its frame rate.

    Raises:
        PAGE_SCRIPT_ERROR: the composition threw while it was seeked.
    """
    samples: list[VolumeSample] = []
    for first in range(0, len(times), _TIMES_AT_ONCE):
        some = times[first : first + _TIMES_AT_ONCE]
        answers = zip(some, page.volumes(keys, some), strict=True)
        samples += [VolumeSample(seconds, answer["volumes"], answer["wasSet"]) for seconds, answer in answers]
    return samples


def sample_volumes(
    ask: Callable[[Sequence[str], Sequence[float]], Sequence[VolumeSample]],
    windows: Mapping[str, tuple[float, float]],
) -> dict[str, list[tuple[float, float]]]:
    """The volume of elements along their windows, by their keys: (seconds of the whole video, volume).

    `ask` is `volumes_at` of a page that was never asked before. The first one is asked now and then. A script that
    changes a volume in between, and back, sets it: only there is a second page asked more closely.
    """
    keys = list(windows)
    samples = ask(keys, sample_times(windows.values(), _GLANCES_PER_SECOND))
    moving = [
        (before.seconds, after.seconds)
        for before, after in pairwise(samples)
        if after.was_set or after.volumes != before.volumes
    ]
    if moving:
        times = {sample.seconds for sample in samples} | set(sample_times(moving, _SAMPLES_PER_SECOND))
        samples = ask(keys, sorted(times))
    return {
        key: [
            (sample.seconds, volume)
            for sample in samples
            if (volume := sample.volumes[index]) is not None and start <= sample.seconds <= stop
        ]
        for index, (key, (start, stop)) in enumerate(windows.items())
    }


def sample_times(windows: Iterable[tuple[float, float]], per_second: int) -> list[float]:
    """The times on a grid within the windows, and their ends, in ascending order."""
    times = set()
    for start, stop in windows:
        times |= {start, stop}
        first, last = -(-Fraction(start) * per_second // 1), Fraction(stop) * per_second // 1
        times |= {number / per_second for number in range(first, last + 1)}
    return sorted(times)
