"""The media elements of a page that was loaded and seeked, as the plan needs them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from hf_lambda.capture.server import site_path


@dataclass(frozen=True)
class MediaElement:
    """One `<video>` or `<audio>`. Times are seconds of the whole video, but where another clock is named."""

    kind: Literal["video", "audio"]
    key: str
    """Its render id, unique in the document."""
    source: str | None
    """A path inside the project, decoded; an absolute URL where the file is elsewhere; None where there is none."""
    origin: float
    """Where its own time begins: `start`, but for a clip whose beginning its host cuts off."""
    start: float
    stop: float | None
    """First moment without it, within its hosts and the composition; None where that is unknown."""
    media_start: float
    """Where in the source it begins, in seconds of the source."""
    rate: float
    loop: bool
    volume: float
    muted: bool
    has_audio: bool
    """Whether its sound is to be heard, as far as its attributes say; the file may have none."""
    hidden: bool
    """Whether it, or an element around it, has data-hidden."""
    group: str | None
    automation: str | None
    """Its data-automation as written: JSON."""
    fade_in: float
    fade_out: float
    fx_chain: str | None
    """Its data-fx-chain as written: JSON."""
    order: int
    """Its place among the document's media elements."""


def parse_media_elements(values: Iterable[Mapping[str, Any]], origin: str, end: float) -> list[MediaElement]:
    """The answer of the page's `media()`; files at `origin` are paths, and everything stops at `end` seconds."""
    return [_parse(value, origin, end) for value in values]


def _parse(value: Mapping[str, Any], origin: str, end: float) -> MediaElement:
    stop = value["stop"]
    return MediaElement(
        kind=value["kind"],
        key=value["key"],
        source=_project_path(value["source"], origin),
        origin=value["origin"],
        start=value["start"],
        stop=None if stop is None else min(stop, end),
        media_start=value["mediaStart"],
        rate=value["rate"],
        loop=value["loop"],
        volume=value["volume"],
        muted=value["muted"],
        has_audio=value["hasAudio"],
        hidden=value["hidden"],
        group=value["group"],
        automation=value["automation"],
        fade_in=value["fadeIn"],
        fade_out=value["fadeOut"],
        fx_chain=value["fxChain"],
        order=value["order"],
    )


def _project_path(url: str | None, origin: str) -> str | None:
    if url is None or not url.startswith(f"{origin}/"):
        return url
    return site_path(url)
