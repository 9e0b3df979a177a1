import http.client
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from hf_lambda.capture.server import PageServer
from hf_lambda.errors import MISSING_PLAN_ARTIFACT, PAGE_NOT_READY, PLAN_ARTIFACT_DIGEST_MISMATCH, STORAGE_UNAVAILABLE

BODY = bytes(range(256)) * 4


class Answer:
    """One answer of the server, read to its end."""

    def __init__(self, response: http.client.HTTPResponse) -> None:
        self.status = response.status
        self.body = response.read()
        self.headers = response.headers


class Client:
    """Sends request paths as they are; a library would tidy them up."""

    def __init__(self, server: PageServer) -> None:
        self._address = urlsplit(server.origin).netloc

    def get(self, path: str, **headers: str) -> Answer:
        """The answer to one request."""
        connection = http.client.HTTPConnection(self._address, timeout=10)
        try:
            connection.putrequest("GET", path, skip_accept_encoding=True)
            for name, value in headers.items():
                connection.putheader(name, value)
            connection.endheaders()
            return Answer(connection.getresponse())
        finally:
            connection.close()


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A folder to serve, with something beside it."""
    (tmp_path / "secret.txt").write_text("secret")
    site = tmp_path / "site"
    (site / "a b").mkdir(parents=True)
    (site / "index.html").write_text("<p>page</p>")
    (site / "a b" / "ü.bin").write_bytes(BODY)
    (site / "empty.txt").write_bytes(b"")
    (site / "large.mp4").write_bytes(BODY * 1000)
    return site


@pytest.fixture
def server(site: Path) -> Iterator[PageServer]:
    """The folder behind a server; some paths fail."""

    def resolve(path: str) -> Path | None:
        if path == "fails":
            raise MISSING_PLAN_ARTIFACT("the blob is gone")
        if path == "fails too":
            raise PLAN_ARTIFACT_DIGEST_MISMATCH("the blob is another")
        if path == "fails oddly":
            raise RuntimeError("can't start new thread")
        if path == "folder":
            return site
        file = site / path
        return file if file.is_file() else None

    with PageServer(resolve) as server:
        yield server


@pytest.fixture
def client(server: PageServer) -> Client:
    """A client of the server."""
    return Client(server)


def test_file_is_sent_whole(server: PageServer, client: Client) -> None:
    """A file comes with its length, its type, and leave for every origin."""
    answer = client.get("/index.html")
    assert (answer.status, answer.body) == (200, b"<p>page</p>")
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert answer.headers["Content-Length"] == "11"
    assert answer.headers["Accept-Ranges"] == "bytes"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["Cache-Control"] == "no-store"
    assert server.served == {"index.html"}
    assert server.missing == []
    assert server.failure is None


@pytest.mark.parametrize("path", ["/a%20b/%C3%BC.bin", "/a%20b/%C3%BC.bin?v=1", "/a%20b/%C3%BC.bin#part"])
def test_path_is_decoded_and_its_query_ignored(client: Client, path: str) -> None:
    """Names with spaces and letters beyond ASCII are found, whatever is asked of them."""
    assert client.get(path).body == BODY


def test_empty_file_is_a_file(client: Client) -> None:
    """An empty file is sent as such."""
    answer = client.get("/empty.txt")
    assert (answer.status, answer.body) == (200, b"")


def test_large_file_is_sent_in_blocks(client: Client) -> None:
    """A file of many blocks arrives whole."""
    assert client.get("/large.mp4").body == BODY * 1000


@pytest.mark.parametrize(
    ("wanted", "start", "stop"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=0-", 0, 1024),
        ("bytes=10-19", 10, 20),
        ("bytes=1023-", 1023, 1024),
        ("bytes=1000-9999", 1000, 1024),
        ("bytes=-24", 1000, 1024),
        ("bytes=-9999", 0, 1024),
    ],
)
def test_range_is_sent_as_a_part(client: Client, wanted: str, start: int, stop: int) -> None:
    """A range gives just these bytes, and says which they are."""
    answer = client.get("/a%20b/%C3%BC.bin", Range=wanted)
    assert (answer.status, answer.body) == (206, BODY[start:stop])
    assert answer.headers["Content-Range"] == f"bytes {start}-{stop - 1}/1024"
    assert answer.headers["Content-Length"] == str(stop - start)


@pytest.mark.parametrize("wanted", ["bytes=1024-", "bytes=5000-6000", "bytes=-0"])
def test_range_beyond_the_end_is_refused(client: Client, wanted: str) -> None:
    """A range without a byte in the file is answered with the file's size."""
    answer = client.get("/a%20b/%C3%BC.bin", Range=wanted)
    assert (answer.status, answer.body) == (416, b"")
    assert answer.headers["Content-Range"] == "bytes */1024"


@pytest.mark.parametrize("wanted", ["bytes=0-1,5-6", "lines=0-1", "bytes=a-b", "bytes", "bytes=-", "bytes= 0-1"])
def test_range_of_another_kind_is_ignored(client: Client, wanted: str) -> None:
    """What is no single byte range gets the whole file, as HTTP has it."""
    answer = client.get("/a%20b/%C3%BC.bin", Range=wanted)
    assert (answer.status, answer.body) == (200, BODY)
    assert "Content-Range" not in answer.headers


@pytest.mark.parametrize(
    "path",
    [
        "/../secret.txt",
        "/a%20b/../../secret.txt",
        "/%2e%2e/secret.txt",
        "/..%2fsecret.txt",
        "/a%20b/..%2f..%2fsecret.txt",
        "/..%5csecret.txt",
        "/index.html%00.png",
    ],
)
def test_path_that_leaves_the_site_is_not_found(server: PageServer, client: Client, path: str) -> None:
    """No spelling of a way out is followed, nor handed to whoever resolves paths."""
    answer = client.get(path)
    assert (answer.status, answer.body) == (404, b"")
    assert server.missing == []


@pytest.mark.parametrize("path", ["//secret.txt", "///secret.txt"])
def test_leading_slashes_do_not_make_a_path_absolute(client: Client, path: str) -> None:
    """Several slashes in front lead into the site like one."""
    assert client.get(path).status == 404


def test_slashes_that_file_systems_take_for_one_are_one(server: PageServer, client: Client) -> None:
    """A plan knows its files by one spelling, and a chunk must find them by any that the plan's page did."""
    client.get("/a%20b//%C3%BC.bin")
    client.get("/no//such.png")
    assert server.served == {"a b/ü.bin"}
    assert server.missing == ["no/such.png"]


def test_missing_file_is_remembered(server: PageServer, client: Client) -> None:
    """What a page asked for in vain can be named afterwards."""
    assert [client.get(path).status for path in ("/no.png", "/a%20b/no.js", "/no.png")] == [404, 404, 404]
    assert server.missing == ["no.png", "a b/no.js", "no.png"]


@pytest.mark.parametrize("path", ["/favicon.ico", "/caption-overrides.json"])
def test_optional_files_are_not_missed(server: PageServer, client: Client, path: str) -> None:
    """What browser and runtime ask for of themselves is no finding."""
    assert client.get(path).status == 404
    assert server.missing == []


def test_first_failure_is_kept(server: PageServer, client: Client) -> None:
    """A file that could not be fetched is a 404 for the page, and the first cause is kept."""
    assert [client.get(path).status for path in ("/fails", "/fails%20too")] == [404, 404]
    assert isinstance(server.failure, MISSING_PLAN_ARTIFACT)
    assert server.missing == []


def test_failure_of_any_kind_is_kept(server: PageServer, client: Client) -> None:
    """Whatever keeps a file from the page is no lack of the page's."""
    assert client.get("/fails%20oddly").status == 404
    assert isinstance(server.failure, STORAGE_UNAVAILABLE)
    assert server.failure.cause == "fails oddly could not be sent: can't start new thread"
    assert server.missing == []


def test_file_that_cannot_be_read_is_a_failure(server: PageServer, client: Client) -> None:
    """So is a file that is there, but cannot be opened."""
    with pytest.raises(http.client.BadStatusLine):
        client.get("/folder")
    assert isinstance(server.failure, STORAGE_UNAVAILABLE)


def test_nonsense_of_the_page_is_no_failure(server: PageServer, client: Client) -> None:
    """A request that means nothing is not answered, and nothing else happens."""
    with pytest.raises(http.client.BadStatusLine):
        client.get("/index.html", Range=f"bytes={'9' * 5000}-")
    assert server.failure is None


def test_lost_file_is_the_cause_of_what_follows(server: PageServer, client: Client) -> None:
    """A page that misses a file fails in its own way, or not at all; the block tells why."""
    with server.nothing_lost():
        client.get("/index.html")
    with pytest.raises(PAGE_NOT_READY), server.nothing_lost():
        raise PAGE_NOT_READY("its own fault")
    client.get("/fails")
    with pytest.raises(MISSING_PLAN_ARTIFACT), server.nothing_lost():
        raise PAGE_NOT_READY("an image never came")
    with pytest.raises(MISSING_PLAN_ARTIFACT), server.nothing_lost():
        pass


@pytest.mark.parametrize(
    ("name", "media_type"),
    [
        ("a.js", "text/javascript; charset=utf-8"),
        ("a.mjs", "text/javascript; charset=utf-8"),
        ("a.css", "text/css; charset=utf-8"),
        ("a.wasm", "application/wasm"),
        ("a.svg", "image/svg+xml"),
        ("A.PNG", "image/png"),
        ("a.mp4", "video/mp4"),
        ("a.woff2", "font/woff2"),
        ("a.unknown", "application/octet-stream"),
        ("noending", "application/octet-stream"),
    ],
)
def test_type_follows_the_ending(site: Path, client: Client, name: str, media_type: str) -> None:
    """Browsers refuse scripts and modules of another type, so endings decide it."""
    (site / name).write_text("x")
    assert client.get(f"/{name}").headers["Content-Type"] == media_type


def test_connection_serves_several_requests(server: PageServer) -> None:
    """A page's requests share connections, a missing file among them."""
    connection = http.client.HTTPConnection(urlsplit(server.origin).netloc, timeout=10)
    statuses = []
    for path in ("/index.html", "/no.png", "/index.html"):
        connection.request("GET", path)
        response = connection.getresponse()
        response.read()
        statuses.append(response.status)
    connection.close()
    assert statuses == [200, 404, 200]


def test_server_listens_on_loopback_only(server: PageServer) -> None:
    """Nobody but this machine can read the project."""
    assert urlsplit(server.origin).hostname == "127.0.0.1"


def test_server_is_gone_after_its_block(site: Path) -> None:
    """After the block nothing answers any more."""
    with PageServer(lambda path: site / path) as server:
        client = Client(server)
        assert client.get("/index.html").status == 200
    with pytest.raises(ConnectionRefusedError):
        client.get("/index.html")
