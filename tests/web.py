"""A real web server on loopback for tests of what is fetched."""

import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self


@dataclass(frozen=True)
class Answer:
    """What the server says to one request."""

    body: bytes = b""
    media_type: str = "application/octet-stream"
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    pieces: Callable[[Callable[[bytes], object]], None] | None = None
    """Writes the body piece by piece, in place of `body`."""


class Web:
    """Answers GET requests by path and query, else by path, while its `with` block lasts; remembers them all."""

    def __init__(self, *, context: ssl.SSLContext | None = None) -> None:
        self.answers: dict[str, Answer | list[Answer]] = {}
        self.requests: list[str] = []
        self.headers: list[dict[str, str]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.requests.append(self.path)
                outer.headers.append(dict(self.headers))
                answer = outer._answer(self.path)
                self.send_response(answer.status)
                self.send_header("Content-Type", answer.media_type)
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                if answer.pieces is None:
                    self.send_header("Content-Length", str(len(answer.body)))
                self.end_headers()
                try:
                    if answer.pieces is None:
                        self.wfile.write(answer.body)
                    else:
                        answer.pieces(self.wfile.write)
                except OSError:
                    self.close_connection = True  # the client has had enough

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
                """Nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.scheme = "https" if context else "http"
        if context is not None:
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self.port = self._server.server_port
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    @property
    def url(self) -> str:
        """Scheme, host and port."""
        return f"{self.scheme}://127.0.0.1:{self.port}"

    def put(self, path: str, body: bytes | str, media_type: str = "application/octet-stream") -> str:
        """Serve a file; returns its URL."""
        self.answers[path] = Answer(body.encode() if isinstance(body, str) else body, media_type)
        return self.url + path

    def _answer(self, path: str) -> Answer:
        found = self.answers.get(path) or self.answers.get(path.partition("?")[0]) or Answer(b"no", status=404)
        if isinstance(found, list):
            return found.pop(0) if len(found) > 1 else found[0]
        return found

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
