"""What the URLs of a project mean: the remote file, or the project's path, that each leads to, and a name for it."""

import posixpath
import re
from pathlib import PurePosixPath
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

from hf_lambda.composition.css_urls import UrlKind

_REMOTE = re.compile(r"(https?:)?//", re.IGNORECASE)
_ANY_SCHEME = re.compile(r"[a-z][a-z\d+.-]*:|//", re.IGNORECASE)
_SUFFIX = re.compile(r"\.[a-z\d]{1,5}")
_SUFFIXES = {
    "text/css": ".css",
    "text/javascript": ".js",
    "application/javascript": ".js",
    "image/png": ".png",
    "image/jpeg": ".jpg",
    "image/gif": ".gif",
    "image/webp": ".webp",
    "image/avif": ".avif",
    "image/svg+xml": ".svg",
    "video/mp4": ".mp4",
    "video/webm": ".webm",
    "video/quicktime": ".mov",
    "audio/mpeg": ".mp3",
    "audio/mp4": ".m4a",
    "audio/wav": ".wav",
    "audio/ogg": ".ogg",
    "font/woff2": ".woff2",
    "font/woff": ".woff",
    "font/ttf": ".ttf",
    "font/otf": ".otf",
}
_KIND_SUFFIXES = {"script": ".js", "module": ".js", "style": ".css"}


def absolute_url(url: str, base: str | None) -> str | None:
    """The URL to fetch, without its fragment; None for what lies in the project or in the URL itself."""
    stripped = url.strip()
    try:
        urlsplit(stripped)  # refuses what no server can have
        if _REMOTE.match(stripped):
            return urldefrag(f"https:{stripped}" if stripped.startswith("//") else stripped).url
        if base is None or not stripped or stripped.startswith("#") or _ANY_SCHEME.match(stripped):
            return None
        return urldefrag(urljoin(base, stripped)).url
    except ValueError:
        return None


def local_path(url: str, holder: str) -> str | None:
    """The project's path that a URL in `holder`, another of its files, leads to; None for all other URLs."""
    path = re.split(r"[?#]", url.strip(), maxsplit=1)[0]
    if not path or _ANY_SCHEME.match(url.strip()) or "{" in path or path.startswith("/__hf_lambda__/"):
        return None
    joined = posixpath.join("/", posixpath.dirname(holder), unquote(path))
    return posixpath.normpath(joined).lstrip("/")


def suffix_for(url: str, kind: UrlKind, media_type: str) -> str:
    """The suffix by which our own server will know the file's type: by what it is for, else as its server says."""
    if kind in _KIND_SUFFIXES:
        return _KIND_SUFFIXES[kind]
    own = PurePosixPath(urlsplit(url).path).suffix.lower()
    return _SUFFIXES.get(media_type) or (own if _SUFFIX.fullmatch(own) else ".bin")
