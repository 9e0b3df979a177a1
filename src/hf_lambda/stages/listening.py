"""What a page says about its sound: asked while the plan is made, before anything is mixed."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from hf_lambda.capture.media_elements import MediaElement
from hf_lambda.capture.page import Page
from hf_lambda.capture.sound import AudioGroup, VolumeSample, parse_audio_groups, sample_volumes, volumes_at

_SCRIPTS = (".html", ".htm", ".js", ".mjs")
_LARGEST_SCRIPT_BYTES = 8 << 20
_VOLUME_LANE = re.compile(r"""(["']|&quot;)target\1\s*:\s*\1volume\1""")
_VOLUME_IN_SCRIPT = re.compile(r"(?<![-\w])volume(?![-\w])")

Samples = Mapping[str, Sequence[tuple[float, float]]]
"""Volumes that scripts set, by the key of the element: (seconds of the whole video, volume)."""


@dataclass(frozen=True)
class Heard:
    """Everything that a page says about its sound."""

    elements: Sequence[MediaElement]
    groups: Sequence[AudioGroup]
    samples: Samples


def audible(heard: Heard) -> list[MediaElement]:
    """The elements that are to be heard, as far as the page knows."""
    hidden = {group.id for group in heard.groups if group.hidden}
    return [
        element
        for element in heard.elements
        if element.source is not None
        and element.has_audio
        and not (element.muted or element.hidden or element.group in hidden)
    ]


def effect_warnings(heard: Heard) -> list[str]:
    """What of the sound is not rendered: effect chains."""
    names = [f"{element.kind} {element.key}" for element in audible(heard) if element.fx_chain]
    names += [f"audio group {group.id}" for group in heard.groups if group.fx_chain and not group.hidden]
    return [f"{name}: data-fx-chain is not rendered, the sound is heard without effects" for name in names]


def listen(page: Page, open_another: Callable[[], Page], site: Path, duration: Fraction) -> Heard:
    """Ask a loaded page for its sound; volumes are sampled in other pages, on `SEEK_GRID`, which are used up by that.

    Raises:
        PAGE_SCRIPT_ERROR: the composition threw while it was seeked.
    """
    heard = Heard(page.media(float(duration)), parse_audio_groups(page.audio_groups()), {})
    windows = {
        element.key: (element.start, float(duration) if element.stop is None else element.stop)
        for element in audible(heard)
        if element.automation is None or '"volume"' not in element.automation
    }
    if not windows or not scripts_mention_volume(site):
        return heard

    def ask(keys: Sequence[str], times: Sequence[float]) -> Sequence[VolumeSample]:
        another = open_another()
        try:
            another.media(float(duration))  # gives elements that scripts made the keys that they have in `page`
            return volumes_at(another, keys, times)
        finally:
            another.close()

    return Heard(heard.elements, heard.groups, sample_volumes(ask, windows))


def scripts_mention_volume(site: Path) -> bool:
    """Whether any script of the project could set a volume; data-volume and lanes do not count."""
    return any(_VOLUME_IN_SCRIPT.search(_VOLUME_LANE.sub("", text)) for text in _scripts(site))


def _scripts(site: Path) -> Iterable[str]:
    for path in sorted(site.rglob("*")):
        if path.suffix.lower() in _SCRIPTS and path.is_file() and path.stat().st_size <= _LARGEST_SCRIPT_BYTES:
            yield path.read_text("utf-8", "replace")
