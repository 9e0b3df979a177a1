import gzip
import hashlib
import ssl
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from hf_lambda.composition.fetching import (
    Fetcher,
    FetchFailedError,
    FetchLimits,
    FetchRefusedError,
    FetchUnavailableError,
    shown,
)
from hf_lambda.deadline import Deadline
from hf_lambda.errors import CHUNK_DEADLINE_EXCEEDED, RENDER_CANCELLED
from tests.web import Answer, Web

LIMITS = FetchLimits(attempt_seconds=5, retry_delay_seconds=0.01, file_bytes=1000, total_bytes=1500)
Make = Callable[..., Fetcher]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Makes fetchers that may talk to loopback."""

    def build(limits: FetchLimits = LIMITS, **options: object) -> Fetcher:
        settings: dict[str, Any] = {"deadline": Deadline(60), "allow_private": True, **options}
        return Fetcher(tmp_path / "fetched", limits, **settings)

    return build


def test_file_is_fetched_with_its_type_and_digest(web: Web, make: Make) -> None:
    """A file arrives as it is, under the name of a desktop browser."""
    fetched = make().fetch(web.put("/a.bin?x=1", b"\0\1", "Image/PNG; q=1"))
    assert fetched.path.read_bytes() == b"\0\1"
    assert (fetched.media_type, fetched.sha256) == ("image/png", hashlib.sha256(b"\0\1").hexdigest())
    assert web.requests == ["/a.bin?x=1"]
    assert "Chrome/" in web.headers[0]["User-Agent"]
    assert web.headers[0]["Host"] == f"127.0.0.1:{web.port}"


def test_compressed_file_is_unpacked(web: Web, make: Make) -> None:
    """What a server compresses for the way is stored plain."""
    web.answers["/a"] = Answer(gzip.compress(b"x" * 900), headers={"Content-Encoding": "gzip"})
    assert make().fetch(f"{web.url}/a").path.read_bytes() == b"x" * 900


def test_redirects_are_followed(web: Web, make: Make) -> None:
    """A file that moved is fetched from where it is now, relative places too."""
    web.answers["/a"] = Answer(status=302, headers={"Location": "b/c?d"})
    web.answers["/b/c?d"] = Answer(status=308, headers={"Location": f"{web.url}/e"})
    web.put("/e", b"here")
    fetched = make().fetch(f"{web.url}/a")
    assert (fetched.url, fetched.path.read_bytes()) == (f"{web.url}/e", b"here")


def test_endless_redirects_end(web: Web, make: Make) -> None:
    """A circle of redirects is left after five."""
    web.answers["/a"] = Answer(status=301, headers={"Location": "/a"})
    with pytest.raises(FetchFailedError, match="more than 5 redirects"):
        make().fetch(f"{web.url}/a")
    assert len(web.requests) == 6


def test_loopback_is_refused(web: Web, make: Make) -> None:
    """A project cannot make its worker talk to itself."""
    with pytest.raises(FetchRefusedError, match="not a public address"):
        make(allow_private=False).fetch(web.put("/a", b"secret"))
    assert web.requests == []


@pytest.mark.parametrize("location", ["http://169.254.169.254/latest/meta-data/", "file:///etc/passwd", "ftp://h/a"])
def test_redirect_to_a_forbidden_place_is_refused(location: str, web: Web, make: Make) -> None:
    """Each hop is vetted like the first."""
    web.answers["/a"] = Answer(status=302, headers={"Location": location})
    with pytest.raises(FetchRefusedError):
        make().fetch(f"{web.url}/a")


def test_name_that_resolves_to_a_private_address_is_refused(web: Web, make: Make) -> None:
    """The address decides, not the name."""
    fetcher = make(allow_private=False, lookup=lambda *_: ["127.0.0.1"])
    with pytest.raises(FetchRefusedError, match=r"innocent\.example is at 127\.0\.0\.1"):
        fetcher.fetch(f"http://innocent.example:{web.port}/a")


def test_connection_is_made_to_the_vetted_address(web: Web, make: Make) -> None:
    """A name is resolved once, so a second answer cannot lead elsewhere; the server still sees the name."""
    web.put("/a", b"yes")
    answers = [["127.0.0.1"]]
    fetcher = make(lookup=lambda *_: answers.pop())
    assert fetcher.fetch(f"http://rebinding.invalid:{web.port}/a").path.read_bytes() == b"yes"
    assert web.headers[0]["Host"] == f"rebinding.invalid:{web.port}"
    assert answers == []


@pytest.mark.parametrize("url", ["ftp://host/a", "file:///a", "http://", "http://user:pw@host/", "http://host:x/", "a"])
def test_only_plain_web_urls_are_fetched(url: str, make: Make) -> None:
    """Other schemes and URLs with passwords are refused without a connection."""
    with pytest.raises(FetchRefusedError, match="not a plain http"):
        make(lookup=lambda *_: pytest.fail("looked up")).fetch(url)


@pytest.mark.parametrize("status", [400, 403, 404, 410, 206, 304])
def test_file_that_a_server_has_not_is_asked_for_once(status: int, web: Web, make: Make) -> None:
    """What the server says of the file itself stays said."""
    web.answers["/a"] = Answer(status=status)
    with pytest.raises(FetchFailedError, match=f"answered {status}"):
        make().fetch(f"{web.url}/a?key=secret")
    assert len(web.requests) == 1


@pytest.mark.parametrize("status", [429, 500, 503])
def test_server_in_trouble_is_asked_again(status: int, web: Web, make: Make) -> None:
    """A second attempt may succeed, and a second failure is the network's."""
    web.answers["/a"] = [Answer(status=status), Answer(b"ok")]
    assert make().fetch(f"{web.url}/a").path.read_bytes() == b"ok"
    web.answers["/b"] = Answer(status=status)
    with pytest.raises(FetchUnavailableError, match=f"answered {status}"):
        make().fetch(f"{web.url}/b")
    assert web.requests == ["/a", "/a", "/b", "/b"]


def test_server_that_is_not_there_is_unavailable(make: Make) -> None:
    """A refused connection is trouble of the network."""
    with pytest.raises(FetchUnavailableError, match=r"http://127\.0\.0\.1:9/a: "):
        make().fetch("http://127.0.0.1:9/a")


def test_name_that_does_not_resolve_is_unavailable(make: Make) -> None:
    """So is a name that nobody knows."""

    def fail(*_: object) -> list[str]:
        raise OSError("unknown host")

    with pytest.raises(FetchUnavailableError, match="unknown host"):
        make(lookup=fail).fetch("http://nowhere.invalid/a")


def test_body_that_drips_is_given_up(web: Web, make: Make) -> None:
    """A server that keeps a connection alive byte by byte holds nobody beyond the attempt's time."""

    drops: list[bytes] = []

    def drip(write: Callable[[bytes], object]) -> None:
        while len(drops) < 200:
            drops.append(b"x")
            write(drops[-1])
            time.sleep(0.05)

    web.answers["/a"] = Answer(pieces=drip)
    with pytest.raises(FetchUnavailableError, match="too long"):
        make(replace(LIMITS, attempt_seconds=0.3, attempts=1)).fetch(f"{web.url}/a")
    assert len(drops) < 200


def test_full_disk_is_no_fault_of_the_network(web: Web, make: Make, tmp_path: Path) -> None:
    """No server is asked again, and no picture left out, because our own disk has no room."""
    (tmp_path / "fetched").mkdir()
    (tmp_path / "fetched" / "00001.part").symlink_to("/dev/full")
    with pytest.raises(OSError, match="No space left"):
        make().fetch(web.put("/a", b"x"))
    assert web.requests == ["/a"]


def test_file_that_is_too_large_is_refused(web: Web, make: Make) -> None:
    """A file beyond the limit is dropped, also one that only grows when it is unpacked."""
    with pytest.raises(FetchRefusedError, match="larger than 1000 bytes"):
        make().fetch(web.put("/a", b"x" * 1001))
    web.answers["/b"] = Answer(gzip.compress(bytes(100_000)), headers={"Content-Encoding": "gzip"})
    with pytest.raises(FetchRefusedError, match="larger than 1000 bytes"):
        make().fetch(f"{web.url}/b")


def test_files_that_are_too_large_together_are_refused(web: Web, make: Make) -> None:
    """The limit for all files counts across fetches."""
    fetcher, url = make(), web.put("/a", b"x" * 900)
    fetcher.fetch(url)
    with pytest.raises(FetchRefusedError, match="larger than 1500 bytes together"):
        fetcher.fetch(url)


def test_total_time_ends_all_fetches(web: Web, make: Make) -> None:
    """When the time for remote files is over, the next one fails at once."""
    with pytest.raises(FetchUnavailableError, match="0 s for remote files are over"):
        make(replace(LIMITS, total_seconds=0)).fetch(web.put("/a", b""))
    assert web.requests == []


def test_deadline_and_cancellation_end_a_fetch(web: Web, make: Make) -> None:
    """The invocation's own end is the error, not the network's."""
    cancelled = Deadline(60)
    cancelled.cancel()
    with pytest.raises(RENDER_CANCELLED):
        make(deadline=cancelled).fetch(web.put("/a", b""))
    with pytest.raises(CHUNK_DEADLINE_EXCEEDED):
        make(deadline=Deadline(0)).fetch(web.put("/a", b""))


def test_secrets_in_urls_are_not_shown() -> None:
    """Messages have neither the query nor the user of a URL."""
    assert shown("https://u:pw@h.example:8443/a/b.png?token=1#x") == "https://h.example:8443/a/b.png"
    assert shown("data:text/plain,secret") == "a data URL"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for files.example with its key."""
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "files.example")])
    now = datetime.now(UTC)
    built = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("files.example")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(built.public_bytes(serialization.Encoding.PEM) + secret)
    return path


@pytest.fixture
def secure_web(certificate: Path) -> Iterator[Web]:
    """A web server that speaks TLS."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with Web(context=context) as server:
        yield server


def test_encrypted_connection_checks_the_name_that_was_asked_for(
    secure_web: Web, certificate: Path, make: Make
) -> None:
    """Connecting to a vetted address does not weaken TLS: the certificate must be the name's, and trusted."""
    secure_web.put("/a", b"safe")
    lookup = {"lookup": lambda *_: ["127.0.0.1"]}
    trusting = make(ca_file=certificate, **lookup)
    assert trusting.fetch(f"https://files.example:{secure_web.port}/a").path.read_bytes() == b"safe"
    with pytest.raises(FetchUnavailableError, match=r"(?i)hostname|match"):
        trusting.fetch(f"https://other.example:{secure_web.port}/a")
    with pytest.raises(FetchUnavailableError, match=r"(?i)certificate"):
        make(**lookup).fetch(f"https://files.example:{secure_web.port}/a")
