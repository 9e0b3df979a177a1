"""S3 as it is on a bad day, over HTTP: what the stand-in of the other tests never does."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar


class _Quiet(BaseHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 # the name of the base class
        """Nothing."""


class Contested(_Quiet):
    """Has no object yet, and gives `answers` to those who write one."""

    protocol_version = "HTTP/1.1"
    answers: ClassVar[list[int]] = []

    def do_HEAD(self) -> None:
        """No object."""
        self.answer(404)

    def do_PUT(self) -> None:
        """The next answer."""
        self.rfile.read(int(self.headers["Content-Length"]))
        self.answer(self.answers.pop(0))

    def answer(self, status: int) -> None:
        """A status, with the word that S3 has for it."""
        names = {409: "ConditionalRequestConflict", 412: "PreconditionFailed"}
        body = f"<Error><Code>{names[status]}</Code></Error>".encode() if status in names else b""
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


class CutShort(_Quiet):
    """Promises an object of a thousand bytes, sends ten of them and hangs up."""

    def do_HEAD(self) -> None:
        """Promise."""
        self.send_response(200)
        self.send_header("Content-Length", "1000")
        self.send_header("ETag", '"e"')
        self.end_headers()

    def do_GET(self) -> None:
        """Send less than promised."""
        self.do_HEAD()
        self.wfile.write(b"0123456789")


class Replaced(_Quiet):
    """Has an object of two parts, which is replaced by another before the second one is sent."""

    size = (8 << 20) + 1

    def do_HEAD(self) -> None:
        """The first object."""
        self.answer(200, self.size)

    def do_GET(self) -> None:
        """The first part of the first object, and then no more of it."""
        if "If-Match" in self.headers:
            body = b"<Error><Code>PreconditionFailed</Code></Error>"
            self.answer(412, len(body))
            self.wfile.write(body)
        else:
            self.answer(206, self.size - 1)
            self.wfile.write(bytes(self.size - 1))

    def answer(self, status: int, length: int) -> None:
        """A status, and what belongs to it."""
        self.send_response(status)
        self.send_header("Content-Length", str(length))
        self.send_header("Content-Range", f"bytes 0-{self.size - 2}/{self.size}")
        self.send_header("ETag", '"e"')
        self.end_headers()


def serve(kind: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    """The address of a server of our own, while it is wanted."""
    with ThreadingHTTPServer(("127.0.0.1", 0), kind) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()
