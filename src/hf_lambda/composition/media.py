"""Normalises `<video>` and `<audio>` elements of the entry document: ids, windows, attributes that block loading.

Everything later in a render knows a media element by its `data-hf-render-id` and its window by `data-start` and
`data-duration`, so both are written here where the author left them out. Input: the document with its
sub-compositions mounted. Output: the new text; only start tags of media elements change.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Protocol
from urllib.parse import quote

from hf_lambda.composition.asset_paths import is_local_reference, project_path
from hf_lambda.composition.document import read_number
from hf_lambda.composition.markup import Edit, Element, apply_edits, edit_start_tag, scan_elements

RENDER_ID = "data-hf-render-id"
FACTS = "data-hf-lambda-media"
"""Holds what the page would learn from the file: {"width", "height", "seconds"}, and "pictures" that end earlier."""
SOURCE = "data-hf-lambda-src"
"""Holds what the author wrote as `src`: pages never load media themselves."""
_TAGS = ("video", "audio")
_SLOWEST, _FASTEST = 0.1, 10.0


class ProbedMedia(Protocol):
    """What is asked of a media file here; times in seconds since its beginning, None where it has no such stream."""

    @property
    def video_seconds(self) -> float | None:
        """End of the video stream."""

    @property
    def audio_seconds(self) -> float | None:
        """End of the audio stream."""

    @property
    def has_audio(self) -> bool:
        """Whether there is an audio stream."""

    @property
    def video_size(self) -> tuple[int, int] | None:
        """Width and height of the pictures as shown."""


Probe = Callable[[Path], ProbedMedia | None]
"""Looks into a file of the project; None where it is missing or no media."""


def normalise_media(html: str, project: Path, probe: Probe | None) -> str:
    """The document with every media element identified, timed and able to load; without `probe`, files stay shut."""
    elements = scan_elements(html)
    media = [element for element in elements if element.tag in _TAGS]
    if not media:
        return html
    names = _Names(elements)
    sources = _find_sources(elements)
    bound = _find_bound(elements)
    edits = [_move_source(html, element) for element in elements if _is_source_child(element)]
    for element in media:
        changes: dict[str, str | None] = {**names.of(element), **_loading_changes(element)}
        facts = _probe_source(sources.get(element), project, probe)
        lasting_facts = None if element in bound else facts
        changes.update(_timing_changes(element, lasting_facts))
        if element.tag == "video" and "data-has-audio" not in element.attributes:
            changes["data-has-audio"] = _has_audio(element, lasting_facts)
        if facts is not None:
            changes.update(_fact_attributes(element, facts))
        if "src" in element.attributes:
            changes.update({"src": None, SOURCE: element.attributes["src"]})
        edits.append(_edit_tag(html, element, changes))
    return apply_edits(html, edits)


def page_facts(facts: ProbedMedia) -> dict[str, float]:
    """What a page is told of a media file."""
    pictures = facts.video_seconds
    length = max((seconds for seconds in (pictures, facts.audio_seconds) if seconds is not None), default=None)
    width, height = facts.video_size or (0, 0)
    told: dict[str, float] = {"width": width, "height": height}
    if length is not None:
        told["seconds"] = length
        if pictures is not None and pictures < length:
            told["pictures"] = pictures
    return told


def _fact_attributes(element: Element, facts: ProbedMedia) -> dict[str, str]:
    """The facts, and for a video an empty poster of its size, so that it is laid out as if it had loaded."""
    attributes = {FACTS: json.dumps(page_facts(facts))}
    if element.tag == "video" and facts.video_size is not None:
        width, height = facts.video_size
        svg = f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}"/>'
        attributes["poster"] = f"data:image/svg+xml,{quote(svg)}"
    return attributes


def _is_source_child(element: Element) -> bool:
    parent = element.parent
    return element.tag == "source" and parent is not None and parent.tag in _TAGS and "src" in element.attributes


def _move_source(html: str, element: Element) -> Edit:
    return _edit_tag(html, element, {"src": None, SOURCE: element.attributes["src"]})


def _edit_tag(html: str, element: Element, changes: Mapping[str, str | None]) -> Edit:
    return Edit(element.start, element.inner_start, edit_start_tag(html[element.start : element.inner_start], changes))


class _Names:
    """Hands out ids: `hf-video-0` where there is none, and a render id that no other element has."""

    def __init__(self, elements: Iterable[Element]) -> None:
        self._ids = {element.attributes["id"] for element in elements if element.attributes.get("id")}
        self._render_ids: set[str] = set()

    def of(self, element: Element) -> Mapping[str, str]:
        """The ids that are missing on `element`."""
        given = element.attributes.get("id")
        authored = given or self._unused(f"hf-{element.tag}-{{}}", self._ids, 0)
        self._ids.add(authored)
        render_id = authored
        if render_id in self._render_ids:
            render_id = self._unused(f"{authored}__hf{{}}", self._render_ids, 2)
        self._render_ids.add(render_id)
        return {RENDER_ID: render_id} if given else {"id": authored, RENDER_ID: render_id}

    @staticmethod
    def _unused(pattern: str, used: set[str], number: int) -> str:
        while pattern.format(number) in used:
            number += 1
        return pattern.format(number)


def _find_sources(elements: Iterable[Element]) -> dict[Element, str]:
    """The URL of each media element: its own, or that of the first `<source>` in it."""
    sources: dict[Element, str] = {}
    for element in elements:
        if element.tag in _TAGS and element.attributes.get("src"):
            sources[element] = element.attributes["src"]
        elif _is_source_child(element) and element.parent is not None and element.attributes["src"]:
            sources.setdefault(element.parent, element.attributes["src"])
    return sources


def _find_bound(elements: Iterable[Element]) -> set[Element | None]:
    """The elements whose file a variable may replace in the page, where its length and sound are asked for then."""
    bound = (element for element in elements if "data-var-src" in element.attributes)
    return {element.parent if element.tag == "source" else element for element in bound}


def _probe_source(url: str | None, project: Path, probe: Probe | None) -> ProbedMedia | None:
    if probe is None or url is None or not is_local_reference(url) or url.startswith(("data:", "blob:")):
        return None
    return probe(project / project_path(url))


def _loading_changes(element: Element) -> dict[str, None]:
    """Without these the file server's answers are refused, or loading never begins."""
    changes: dict[str, None] = {}
    if "crossorigin" in element.attributes:
        changes["crossorigin"] = None
    if element.attributes.get("preload", "").strip().lower() == "none":
        changes["preload"] = None
    return changes


def _timing_changes(element: Element, facts: ProbedMedia | None) -> dict[str, str]:
    changes = {}
    if not element.attributes.get("data-start", "").strip():
        changes.update({"data-start": "0", "data-hf-auto-start": ""})
    if _has_length(element):
        return changes
    seconds = _room_to_loop(element) if "loop" in element.attributes else None
    if seconds is None and facts is not None:
        seconds = _natural_seconds(element, facts)
    if seconds is not None and seconds > 0:
        changes["data-duration"] = f"{seconds:.6f}".rstrip("0").rstrip(".")
    return changes


def _has_length(element: Element) -> bool:
    duration = read_number(element.attributes.get("data-duration"))
    return bool(duration and duration > 0) or read_number(element.attributes.get("data-end")) is not None


def _natural_seconds(element: Element, facts: ProbedMedia) -> float | None:
    """How long the source plays from its trim point at its rate; for a video the length of its pictures counts."""
    length = facts.audio_seconds
    if element.tag == "video" and facts.video_seconds is not None:
        length = facts.video_seconds
    return None if length is None else (length - _media_start(element)) / _playback_rate(element)


def _room_to_loop(element: Element) -> float | None:
    """From the element's start to the end of the composition that it is in, if that declares its length.

    Behind another clip the whole length is taken: windows end with their composition anyway.
    """
    start = read_number(element.attributes.get("data-start")) or 0.0
    for ancestor in element.ancestors():
        if "data-composition-id" not in ancestor.attributes and "data-composition-file" not in ancestor.attributes:
            continue
        length = read_number(ancestor.attributes.get("data-duration"))
        if length is not None:
            return length - start
    return None


def _media_start(element: Element) -> float:
    for name in ("data-playback-start", "data-media-start"):
        start = read_number(element.attributes.get(name))
        if start is not None and start >= 0:
            return start
    return 0.0


def _playback_rate(element: Element) -> float:
    rate = read_number(element.attributes.get("data-playback-rate"))
    return 1.0 if rate is None or rate <= 0 else min(_FASTEST, max(_SLOWEST, rate))


def _has_audio(element: Element, facts: ProbedMedia | None) -> str:
    is_silent = "muted" in element.attributes or (facts is not None and not facts.has_audio)
    return "false" if is_silent else "true"
