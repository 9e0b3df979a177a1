"""The storage protocol, and which storage a request may use."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

from hf_lambda.deadline import Deadline
from hf_lambda.errors import S3_URI_NOT_ALLOWED
from hf_lambda.settings import Settings

TRANSFERS_AT_ONCE = 8
"""Most objects that one invocation moves side by side; large ones go in parts beside that."""


@dataclass(frozen=True)
class StoredObject:
    """A stored object whose bytes were checked against the digest it was stored with."""

    size_bytes: int
    sha256: str
    metadata: Mapping[str, str] = field(default_factory=dict)


class Storage(Protocol):
    """Reads and writes whole objects by URI. Writes are atomic: an object is absent or whole."""

    def download(self, uri: str, path: Path, *, deadline: Deadline | None = None) -> None:
        """Copy the object to `path`; one that comes from afar is given up when `deadline` ends.

        Raises:
            OBJECT_NOT_FOUND: there is no such object.
            STORAGE_UNAVAILABLE: the transfer failed.
        """

    def upload(self, path: Path, uri: str, *, metadata: Mapping[str, str] | None = None) -> None:
        """Copy `path` to the object, replacing what is there; `metadata` makes it findable by `find_intact`.

        Raises:
            STORAGE_UNAVAILABLE: the transfer failed.
        """

    def upload_blob(self, path: Path, uri: str) -> None:
        """Copy `path` to a content-addressed object, unless it is stored already.

        Raises:
            STORAGE_UNAVAILABLE: the transfer failed.
        """

    def find_intact(self, uri: str) -> StoredObject | None:
        """The object, where it was uploaded with metadata and its bytes are still those; else None."""


def join_uri(prefix: str, *names: str) -> str:
    """A URI below a prefix, whether the prefix ends with a slash or not."""
    return "/".join([prefix.rstrip("/"), *names])


def check_uris_allowed(uris: Iterable[str], settings: Settings) -> None:
    """Refuse, before anything is touched, a URI that this worker may not use.

    Raises:
        S3_URI_NOT_ALLOWED: a file:// URI inside Lambda, another bucket than the allowed one, or no storage URI.
    """
    for uri in uris:
        if not _is_allowed(uri, settings):
            raise S3_URI_NOT_ALLOWED(f"{uri!r} is outside the storage of this worker")


def _is_allowed(uri: str, settings: Settings) -> bool:
    try:
        parts = urlsplit(uri)
    except ValueError:
        return False
    if not parts.path.strip("/") or "\0" in unquote(parts.path):
        return False
    if parts.scheme == "s3":
        return bool(parts.netloc) and settings.render_bucket in (None, parts.netloc)
    return parts.scheme == "file" and not parts.netloc and settings.allow_file_uris
