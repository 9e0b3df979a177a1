"""Fetches a project's remote files at plan time, within limits, from public addresses only.

In: a URL. Out: a file. Redirects are followed by hand, because each hop is vetted like the first. Network trouble
is tried again; what the server says about the file itself is not.
"""

import shutil
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, urljoin, urlsplit

from hf_lambda.composition.addresses import DEFAULT_PORTS, AddressRefusedError, Lookup, look_up, vetted_addresses
from hf_lambda.deadline import Deadline
from hf_lambda.files import is_of_disk

if TYPE_CHECKING:
    from urllib3 import BaseHTTPResponse

USER_AGENT = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36 hf-lambda"
)
"""A desktop Chrome's, because font services answer others with formats that are larger."""

_BLOCK_BYTES = 1 << 16
_REDIRECTS = {301, 302, 303, 307, 308}
_TRANSIENT = {408, 425, 429}
_LARGEST_URL_SHOWN = 200


class FetchError(Exception):
    """A file could not be had; the text says which and why, without the query of its URL."""


class FetchUnavailableError(FetchError):
    """The network or the server failed; another attempt may succeed."""


class FetchFailedError(FetchError):
    """The server does not have the file, or it is not what it should be."""


class FetchRefusedError(FetchError):
    """We do not fetch this: its scheme, its address, its size."""


@dataclass(frozen=True)
class FetchLimits:
    """How long and how much. Sizes are bytes after decompression."""

    attempts: int = 2
    attempt_seconds: float = 60.0
    """For one attempt, redirects and body included."""
    total_seconds: float = 300.0
    """For all files of a plan."""
    retry_delay_seconds: float = 0.25
    file_bytes: int = 1 << 30
    total_bytes: int = 2 << 30
    redirects: int = 5


FONT_LIMITS = FetchLimits(attempt_seconds=8.0, total_seconds=20.0, file_bytes=32 << 20, total_bytes=128 << 20)
"""For font services: short, because a page waits for many small files."""


@dataclass(frozen=True)
class Fetched:
    """A fetched file: where it came from in the end, its media type in lower case, its digest."""

    url: str
    path: Path
    media_type: str
    sha256: str


class Fetcher:
    """Fetches files into `folder`; thread-safe. Nothing is kept between two of them."""

    def __init__(
        self,
        folder: Path,
        limits: FetchLimits,
        *,
        deadline: Deadline,
        allow_private: bool = False,
        ca_file: Path | None = None,
        lookup: Lookup = look_up,
    ) -> None:
        self._folder = folder
        self._limits = limits
        self._deadline = deadline
        self._end = time.monotonic() + limits.total_seconds
        self._allow_private = allow_private
        self._ca_file = ca_file
        self._lookup = lookup
        self._lock = threading.Lock()
        self._bytes = 0
        self._count = 0

    def fetch(self, url: str) -> Fetched:
        """Fetch one file.

        Raises:
            FetchUnavailableError, FetchFailedError, FetchRefusedError: it could not be had.
            OSError: our own disk refused it.
            RENDER_CANCELLED, CHUNK_DEADLINE_EXCEEDED: the invocation is over.
        """
        for attempt in range(1, self._limits.attempts + 1):
            try:
                return self._attempt(url)
            except FetchUnavailableError:
                if attempt == self._limits.attempts or self._seconds_left() <= self._limits.retry_delay_seconds:
                    raise
                time.sleep(self._limits.retry_delay_seconds * attempt)
        raise AssertionError("there is at least one attempt")

    def _seconds_left(self) -> float:
        return min(self._end - time.monotonic(), self._deadline.remaining_seconds())

    def _attempt(self, url: str) -> Fetched:
        self._deadline.check(f"fetching {shown(url)}")
        if self._seconds_left() <= 0:
            raise FetchUnavailableError(f"{shown(url)}: the {self._limits.total_seconds:g} s for remote files are over")
        end = time.monotonic() + min(self._limits.attempt_seconds, self._seconds_left())
        location = url
        try:
            for _ in range(self._limits.redirects + 1):
                step = self._request(location, end)
                if isinstance(step, Fetched):
                    return step
                location = urljoin(location, step)
        except FetchError as error:
            if location == url:
                raise
            raise type(error)(f"{shown(url)}: it leads to {error}") from error
        except (OSError, ValueError) as error:
            if isinstance(error, OSError) and is_of_disk(error):
                raise
            raise FetchUnavailableError(f"{shown(url)}: {_reason(error)}") from error
        raise FetchFailedError(f"{shown(url)}: more than {self._limits.redirects} redirects")

    def _request(self, url: str, end: float) -> Fetched | str:
        """One request: the file, or where to look instead."""
        from hf_lambda.composition.http_get import http_get  # most pages fetch nothing, and urllib3 takes a while

        parts = _split(url)
        headers = {"User-Agent": USER_AGENT, "Accept-Encoding": "gzip, deflate"}
        with http_get(parts, self._vet(parts), headers, seconds=_left(end), ca_file=self._ca_file) as response:
            if response.status in _REDIRECTS and "Location" in response.headers:
                return str(response.headers["Location"])
            _check_status(url, response.status)
            return self._store(url, response, end)

    def _vet(self, parts: SplitResult) -> str:
        host, port = parts.hostname or "", parts.port or DEFAULT_PORTS[parts.scheme]
        try:
            return vetted_addresses(host, port, allow_private=self._allow_private, lookup=self._lookup)[0]
        except AddressRefusedError as error:
            raise FetchRefusedError(f"{shown(parts.geturl())}: {error}") from error

    def _store(self, url: str, response: "BaseHTTPResponse", end: float) -> Fetched:
        with self._lock:
            self._count += 1
            path = self._folder / f"{self._count:05}.part"
        self._folder.mkdir(parents=True, exist_ok=True)
        digest, size = sha256(), 0
        with path.open("wb") as file:
            # read1 gives what has arrived: a server that sends a byte a second does not hold us beyond the end.
            while block := response.read1(_BLOCK_BYTES, decode_content=True):
                _left(end)
                self._deadline.check(f"fetching {shown(url)}")
                size += len(block)
                self._count_bytes(url, size, len(block))
                digest.update(block)
                file.write(block)
        media_type = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        return Fetched(url, path, media_type, digest.hexdigest())

    def _count_bytes(self, url: str, size: int, more: int) -> None:
        with self._lock:
            self._bytes += more
            total = self._bytes
        if size > self._limits.file_bytes:
            raise FetchRefusedError(f"{shown(url)}: larger than {self._limits.file_bytes} bytes")
        if total > self._limits.total_bytes:
            raise FetchRefusedError(
                f"{shown(url)}: remote files are larger than {self._limits.total_bytes} bytes together"
            )

    def clear(self) -> None:
        """Remove what was fetched and not moved away."""
        with suppress(OSError):
            shutil.rmtree(self._folder)


def shown(url: str) -> str:
    """A URL for messages: without user, query and fragment, where secrets are."""
    if url.startswith("data:"):
        return "a data URL"
    with suppress(ValueError):
        parts = urlsplit(url)
        host = parts.hostname or ""
        port = f":{parts.port}" if parts.port else ""
        return f"{parts.scheme}://{host}{port}{parts.path}"[:_LARGEST_URL_SHOWN]
    return url.partition("?")[0][:_LARGEST_URL_SHOWN]


def _split(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        is_fine = parts.scheme in DEFAULT_PORTS and bool(parts.hostname) and parts.username is None and parts.port != 0
    except ValueError:
        is_fine = False
    if not is_fine:
        raise FetchRefusedError(f"{shown(url)}: not a plain http or https URL")
    return parts


def _left(end: float) -> float:
    left = end - time.monotonic()
    if left <= 0:
        raise TimeoutError("it took too long")
    return left


def _check_status(url: str, status: int) -> None:
    if status >= 500 or status in _TRANSIENT:
        raise FetchUnavailableError(f"{shown(url)}: the server answered {status}")
    if status != 200:
        raise FetchFailedError(f"{shown(url)}: the server answered {status}")


def _reason(error: Exception) -> str:
    return str(error).splitlines()[0][:_LARGEST_URL_SHOWN] if str(error) else type(error).__name__
