import socket
from urllib.parse import urlsplit

import pytest

from hf_lambda.composition.http_get import http_get
from tests.web import Answer, Web


def get(url: str, address: str = "127.0.0.1") -> bytes:
    """The body of what is at `url`, asked for at `address`."""
    with http_get(urlsplit(url), address, {"X-Mine": "yes"}, seconds=5, ca_file=None) as response:
        return response.read()


def test_request_names_the_host_of_the_url_and_goes_to_the_address(web: Web) -> None:
    """Path and query arrive as they were, with our headers and the URL's host."""
    web.put("/a?b=c", b"body")
    assert get(f"http://example.test:{web.port}/a?b=c") == b"body"
    assert web.requests == ["/a?b=c"]
    assert (web.headers[0]["Host"], web.headers[0]["X-Mine"]) == (f"example.test:{web.port}", "yes")


def test_redirect_is_not_followed(web: Web) -> None:
    """Where to look next is the caller's business: each address is vetted."""
    web.answers["/a"] = Answer(status=302, headers={"Location": "/b"})
    with http_get(urlsplit(f"{web.url}/a"), "127.0.0.1", {}, seconds=5, ca_file=None) as response:
        assert (response.status, response.headers["Location"]) == (302, "/b")
    assert web.requests == ["/a"]


def test_body_that_cannot_be_read_is_an_os_error(web: Web) -> None:
    """What fails in the block fails as what fails before it."""
    web.answers["/a"] = Answer(b"not gzip", headers={"Content-Encoding": "gzip"})
    with pytest.raises(OSError, match="gzip"):
        get(f"{web.url}/a")


def test_server_that_is_not_there_is_an_os_error() -> None:
    """Nobody listens at a port that was just closed."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(OSError, match="refused"):
        get(f"http://127.0.0.1:{port}/")
