"""Where a sub-composition's relative URLs lead once its markup is part of the entry document.

Two conventions are in use: `logo.png` means the file beside the sub-composition, or the one at the top
of the project. Only the file system tells them apart: the file beside it wins if it exists.
"""

import posixpath
import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, unquote

from hf_lambda.files import exists

_ABSOLUTE = re.compile(r"[a-zA-Z][a-zA-Z\d+.-]*:|/|#|\?")
_PLACEHOLDER = re.compile(r"__[A-Z_]+__|<<|\{\{|\$\{")
_SAFE_IN_URLS = "/!$&'()*+,;=:@~-._"


@dataclass(frozen=True)
class AssetPaths:
    """Rewrites URLs of the file at `source`, a path inside `project`, for a document at the project's top."""

    project: Path
    source: str

    def rewrite(self, url: str) -> str:
        """The URL as the entry document must spell it; unchanged where that is the same."""
        stripped = url.strip()
        if not stripped or _ABSOLUTE.match(stripped):
            return url
        path, suffix = _split_suffix(stripped)
        beside = _clamp(posixpath.join(posixpath.dirname(self.source), unquote(path)))
        climbs = path.startswith("../") or path == ".."
        if not climbs and (beside == path or not exists(self.project / beside)):
            return url
        return quote(beside, safe=_SAFE_IN_URLS) + suffix


def project_path(reference: str) -> str:
    """The file that a reference leads to, as a path from the project's top, which it cannot leave."""
    path, _ = _split_suffix(reference.strip())
    return _clamp(unquote(path))


def is_local_reference(reference: str) -> bool:
    """Whether a data-composition-src names a file of the project: not a remote URL, not an unfilled placeholder."""
    stripped = reference.strip()
    is_remote = stripped.startswith("//") or "://" in stripped
    return bool(stripped) and not is_remote and not _PLACEHOLDER.search(stripped)


def _clamp(path: str) -> str:
    return posixpath.normpath(posixpath.join("/", path)).lstrip("/")


def _split_suffix(url: str) -> tuple[str, str]:
    marker = re.search(r"[?#]", url)
    return (url[: marker.start()], url[marker.start() :]) if marker else (url, "")
