"""What a page says about its sound beyond the attributes of its media elements: groups, and volumes set by scripts."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from hf_lambda.capture.page import Page

SEEK_GRID = Fraction(1200)
"""Steps a second that seeks are rounded down to: a page rounds them to its frames."""
_SAMPLES_PER_SECOND = 60
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


def sample_times(windows: Iterable[tuple[float, float]]) -> list[float]:
    """The times on the sampling grid within the windows, and their ends, in ascending order."""
    times = set()
    for start, stop in windows:
        times |= {start, stop}
        first, last = -(-Fraction(start) * _SAMPLES_PER_SECOND // 1), Fraction(stop) * _SAMPLES_PER_SECOND // 1
        times |= {number / _SAMPLES_PER_SECOND for number in range(first, last + 1)}
    return sorted(times)


def sample_volumes(page: Page, windows: Mapping[str, tuple[float, float]]) -> dict[str, list[tuple[float, float]]]:
    """The volume of elements along their windows, by their keys: (seconds of the whole video, volume).

    The page is seeked through all of the windows: it is good for nothing else afterwards. It shows times between
    frames too where it was opened with `SEEK_GRID` in the place of its frame rate.

    Raises:
        PAGE_SCRIPT_ERROR: the composition threw while it was seeked.
    """
    keys, times = list(windows), sample_times(windows.values())
    samples: dict[str, list[tuple[float, float]]] = {key: [] for key in keys}
    for first in range(0, len(times), _TIMES_AT_ONCE):
        some = times[first : first + _TIMES_AT_ONCE]
        for seconds, volumes in zip(some, page.volumes(keys, some), strict=True):
            for key, volume in zip(keys, volumes, strict=True):
                start, stop = windows[key]
                if volume is not None and start <= seconds <= stop:
                    samples[key].append((seconds, volume))
    return samples
