"""The loopback web server that a page is loaded from.

Pages need an http origin (fetch, module scripts, untainted canvases) and media needs byte ranges.
Files come from a `resolve` function, so a blob is fetched from storage when the page first asks for it.
"""

import errno
import re
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self
from urllib.parse import unquote, urlsplit

from hf_lambda.errors import STORAGE_UNAVAILABLE, HfLambdaError

Resolve = Callable[[str], Path | None]
"""From a decoded path without its leading slash to the file to send, or None where there is none."""

_BLOCK_BYTES = 1 << 18
_OPTIONAL = frozenset(("favicon.ico", "caption-overrides.json"))
"""What browser and runtime ask for without being told to."""
_RANGE = re.compile(r"bytes=(?!-$)(\d*)-(\d*)")
_MEDIA_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".htm": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".wasm": "application/wasm",
    ".cube": "text/plain; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
    ".csv": "text/csv; charset=utf-8",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".gif": "image/gif",
    ".svg": "image/svg+xml",
    ".webp": "image/webp",
    ".avif": "image/avif",
    ".mp4": "video/mp4",
    ".m4v": "video/mp4",
    ".webm": "video/webm",
    ".mov": "video/quicktime",
    ".mp3": "audio/mpeg",
    ".m4a": "audio/mp4",
    ".wav": "audio/wav",
    ".ogg": "audio/ogg",
    ".aac": "audio/aac",
    ".woff": "font/woff",
    ".woff2": "font/woff2",
    ".ttf": "font/ttf",
    ".otf": "font/otf",
    ".glb": "model/gltf-binary",
    ".gltf": "model/gltf+json",
}

_STOP_SECONDS = 0.01
"""How long a server that is told to stop may go on; until then it looks so often whether it was told."""


class PageServer:
    """Serves GET requests on a free port of 127.0.0.1 while its `with` block lasts."""

    def __init__(self, resolve: Resolve) -> None:
        self.failure: HfLambdaError | None = None
        """The first error that kept a file from the page, which only saw a failed request."""
        self.served: set[str] = set()
        """Paths that were asked for and exist."""
        self.missing: list[str] = []
        """Paths that were asked for and do not exist."""
        self._resolve = resolve
        self._fetching = 0
        self._lock = threading.Lock()
        self._server = _Server(self)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(_STOP_SECONDS,), daemon=True)

    @property
    def origin(self) -> str:
        """Such as `http://127.0.0.1:40123`."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def is_fetching(self) -> bool:
        """Whether a file is fetched for a page; not whether one is on its way, for pages do not read all to the end."""
        return self._fetching > 0

    def find(self, url_path: str) -> Path | None:
        """The file behind a request path, or None; remembers what could not be had and why."""
        path = site_path(url_path)
        if "\0" in path or "\\" in path or ".." in path.split("/"):
            return None
        with self._lock:
            self._fetching += 1
        try:
            found = self._resolve(path)
        except Exception as error:  # noqa: BLE001 # of whatever fetches files, and the page sees none of it
            if not (isinstance(error, OSError) and error.errno == errno.ENAMETOOLONG):  # no file has such a name
                self.lose(path, error)
            return None
        finally:
            with self._lock:
                self._fetching -= 1
        if found is not None:
            self.served.add(path)
        elif path not in _OPTIONAL:
            self.missing.append(path)
        return found

    def lose(self, path: str, error: Exception) -> None:
        """Remember why a file could not be sent."""
        known = error if isinstance(error, HfLambdaError) else STORAGE_UNAVAILABLE(f"{path} could not be sent: {error}")
        self.failure = self.failure or known

    @contextmanager
    def nothing_lost(self) -> Iterator[None]:
        """Prove, for the length of the block, that the page got its files: what else went wrong is the consequence.

        Raises:
            HfLambdaError: the first `failure`.
        """
        try:
            yield
        except HfLambdaError as error:
            if self.failure is not None:
                raise self.failure from error
            raise
        if self.failure is not None:
            raise self.failure

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, page_server: PageServer) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.page_server = page_server

    def handle_error(self, request: object, client_address: object) -> None:
        """Remember what ended a request, or kept it from having a thread, unless it was the page itself."""
        error = sys.exc_info()[1]
        if isinstance(error, Exception) and not isinstance(error, ConnectionError | ValueError):
            self.page_server.lose("a file", error)


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # or a small body waits 40 ms for the headers to be acknowledged

    def do_GET(self) -> None:
        path = self.server.page_server.find(self.path)
        if path is None:
            self._send_headers(HTTPStatus.NOT_FOUND, 0, "text/plain")
            return
        with path.open("rb") as file:
            size = path.stat().st_size
            start, stop = 0, size
            wanted = _RANGE.fullmatch(self.headers.get("Range", ""))
            if wanted:
                start, stop = _span(wanted, size)
                if start >= stop:
                    self._send_headers(HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, 0, "text/plain", f"bytes */{size}")
                    return
            media_type = _MEDIA_TYPES.get(path.suffix.lower(), "application/octet-stream")
            status = HTTPStatus.PARTIAL_CONTENT if wanted else HTTPStatus.OK
            self._send_headers(status, stop - start, media_type, f"bytes {start}-{stop - 1}/{size}" if wanted else "")
            self._send_body(file, start, stop)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 # the base class names it so
        """Say nothing: what failed is in `PageServer.failure` and `PageServer.missing`."""

    def _send_headers(self, status: HTTPStatus, length: int, media_type: str, content_range: str = "") -> None:
        self.send_response(status)
        self.send_header("Content-Type", media_type)
        self.send_header("Content-Length", str(length))
        self.send_header("Accept-Ranges", "bytes")
        self.send_header("Cache-Control", "no-store")
        self.send_header("Access-Control-Allow-Origin", "*")
        if content_range:
            self.send_header("Content-Range", content_range)
        self.end_headers()

    def _send_body(self, file: BinaryIO, start: int, stop: int) -> None:
        file.seek(start)
        while start < stop:
            block = file.read(min(_BLOCK_BYTES, stop - start))
            if not block:
                return
            self.wfile.write(block)
            start += len(block)


def site_path(url: str) -> str:
    """The path of a site that a URL leads to; several slashes are one, as they are for file systems."""
    return re.sub("/+", "/", unquote(urlsplit(url).path)).lstrip("/")


def _span(wanted: re.Match[str], size: int) -> tuple[int, int]:
    """The half-open byte range that a single-range header asks for."""
    first, last = wanted.groups()
    if not first:
        return max(0, size - int(last)), size
    return int(first), min(size, int(last) + 1) if last else size
