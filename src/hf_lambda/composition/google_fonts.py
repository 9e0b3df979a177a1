"""Google Fonts at plan time: which families its URLs ask for, which URL asks for a family, and which faces matter."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from html import unescape
from urllib.parse import parse_qsl, quote_plus, urlencode, urlsplit

from hf_lambda.composition.fetching import Fetcher

GOOGLE_FONTS = "https://fonts.googleapis.com"
"""The service that documents name; another may stand in for it (`HF_LAMBDA_FONT_SERVICE`)."""

_HOSTS = {"fonts.googleapis.com", "fonts.bunny.net"}
_WEIGHTS = ";".join([*(f"0,{weight}" for weight in range(100, 1000, 100)), "1,400", "1,700"])
_FACE = re.compile(r"@font-face\s*\{[^{}]*\}", re.IGNORECASE)
_RANGE = re.compile(r"unicode-range\s*:\s*([^;}]+)", re.IGNORECASE)
_SPAN = re.compile(r"u\+([0-9a-f?]{1,6})(?:-([0-9a-f]{1,6}))?", re.IGNORECASE)
_ESCAPE = re.compile(r"\\(?:u\{([0-9a-fA-F]{1,6})\}|u([0-9a-fA-F]{4})|([0-9a-fA-F]{2,6}))")
_SURROGATES = re.compile("[\ud800-\udbff][\udc00-\udfff]")
_ALWAYS = frozenset(range(0x20, 0x7F))


@dataclass(frozen=True)
class FontService:
    """How font families are fetched. `is_known` tells which ones need not be."""

    fetcher: Fetcher
    url: str
    """Scheme and host of the service that is asked in place of Google's."""
    is_known: Callable[[str], bool]
    characters: Callable[[], frozenset[int]]
    """Finds the code points that the project can draw."""
    fail_closed: bool
    """Whether a family that cannot be had ends the plan."""

    def source(self, url: str) -> str | None:
        """The URL to fetch for a URL of the service or of a file that it names; None where nothing need be."""
        if not is_font_service(url):
            return url
        reduced = without_families(url, self.is_known)
        return None if reduced is None else self._at_service(reduced)

    def family_urls(self, family: str) -> list[str]:
        """Where to ask for a family: with all weights and the usual italics, then as the service likes."""
        name = quote_plus(family.replace("+", " ").strip())
        return [f"{self.url}/css2?family={name}:ital,wght@{_WEIGHTS}", f"{self.url}/css2?family={name}"]

    def drop_unused_faces(self, css: str) -> str:
        """The stylesheet without faces whose characters occur nowhere; large scripts come in a hundred files."""
        characters = self.characters()
        return _FACE.sub(lambda match: match.group() if _is_needed(match.group(), characters) else "", css)

    def _at_service(self, url: str) -> str:
        parts = urlsplit(url)
        is_google = parts.hostname == urlsplit(GOOGLE_FONTS).hostname
        return f"{self.url}{parts._replace(scheme='', netloc='').geturl()}" if is_google else url


def is_font_service(url: str) -> bool:
    """Whether a URL asks a font service for a stylesheet."""
    parts = urlsplit(url)
    return parts.hostname in _HOSTS and parts.path.rstrip("/") in ("/css", "/css2")


def without_families(url: str, is_known: Callable[[str], bool]) -> str | None:
    """The URL without the families that need not be fetched; None where none is left."""
    parts = urlsplit(url)
    kept: list[tuple[str, str]] = []
    for name, value in parse_qsl(parts.query):
        if name != "family":
            kept.append((name, value))
            continue
        entries = [entry for entry in value.split("|") if not is_known(entry.partition(":")[0].strip())]
        if entries:
            kept.append((name, "|".join(entries)))
    if not any(name == "family" for name, _ in kept):
        return None
    return parts._replace(query=urlencode(kept, safe=":;,@|.", quote_via=quote_plus)).geturl()


def characters_of(texts: Iterable[str]) -> frozenset[int]:
    """The code points that texts can draw, plain or escaped as HTML, JavaScript, JSON or CSS do; and all of ASCII."""
    found = set(_ALWAYS)
    for text in texts:
        plain = unescape(text) if "&" in text else text
        found.update(map(ord, plain))
        if "\\" in plain:
            decoded = _ESCAPE.sub(_decode, plain)
            found.update(map(ord, _SURROGATES.sub(_join, decoded)))
    return frozenset(found)


def _decode(match: re.Match[str]) -> str:
    number = int(next(digits for digits in match.groups() if digits), 16)
    return chr(number) if number <= 0x10FFFF else ""


def _join(match: re.Match[str]) -> str:
    return match.group().encode("utf-16", "surrogatepass").decode("utf-16")


def _is_needed(face: str, characters: frozenset[int]) -> bool:
    ranges = _RANGE.search(face)
    if ranges is None:
        return True
    spans = [_span(first, last) for first, last in _SPAN.findall(ranges.group(1))]
    return not spans or any(low <= character <= high for character in characters for low, high in spans)


def _span(first: str, last: str) -> tuple[int, int]:
    low = int(first.replace("?", "0"), 16)
    return low, int(last, 16) if last else int(first.replace("?", "f"), 16)
