import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hf_lambda.deploy.debian import extract_files, fetch_package
from hf_lambda.errors import TOOLCHAIN_MISSING
from tests.unit.deploy.debs import build_deb, describe
from tests.web import Answer, Web

DEB = build_deb(
    {"usr/lib/libany.so.1.2": b"library", "usr/share/doc/any/copyright": b"licence"},
    {"usr/lib/libany.so": "libany.so.1.2", "usr/lib/other/libany.so.1": "../libany.so.1.2", "usr/lib/lost.so": "none"},
)
PACKAGE = describe(DEB)


@pytest.fixture
def web(monkeypatch: pytest.MonkeyPatch) -> Iterator[Web]:
    """A server for mirrors, which is asked itself whatever proxy this machine has."""
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with Web() as web:
        yield web


@pytest.fixture
def downloads(tmp_path: Path) -> Path:
    """A folder that does not exist yet."""
    return tmp_path / "deep" / "downloads"


@pytest.fixture
def deb(tmp_path: Path) -> Path:
    """The package, as a file."""
    path = tmp_path / "any.deb"
    path.write_bytes(DEB)
    return path


def closed_port() -> int:
    """A port where nothing listens."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def test_package_is_fetched_once(web: Web, downloads: Path) -> None:
    """The file comes from the mirror's path; the second time nothing is asked for."""
    web.put(f"/debian/{PACKAGE.path}", DEB)
    for _ in range(2):
        assert fetch_package(PACKAGE, downloads, mirrors=[f"{web.url}/debian"]).read_bytes() == DEB
    assert web.requests == [f"/debian/{PACKAGE.path}"]


def test_damaged_download_is_fetched_again(web: Web, downloads: Path) -> None:
    """What is there is used only with the right digest."""
    web.put(f"/{PACKAGE.path}", DEB)
    fetch_package(PACKAGE, downloads, mirrors=[web.url]).write_bytes(b"damaged")
    assert fetch_package(PACKAGE, downloads, mirrors=[web.url]).read_bytes() == DEB


@pytest.mark.parametrize("body", [b"", DEB[:-1], DEB + b"more"], ids=["nothing", "cut off", "more"])
def test_other_contents_are_refused_and_not_kept(web: Web, downloads: Path, body: bytes) -> None:
    """A file with another digest is named with both digests, and nothing of it stays."""
    web.put(f"/{PACKAGE.path}", body)
    with pytest.raises(TOOLCHAIN_MISSING, match=f"SHA-256 is [0-9a-f]{{64}}, not {PACKAGE.sha256}"):
        fetch_package(PACKAGE, downloads, mirrors=[web.url])
    assert list(downloads.iterdir()) == []


def cut_short(write: Callable[[bytes], object]) -> None:
    """A body that ends before its end."""
    write(DEB[:100])


@pytest.mark.parametrize(
    "answer",
    [
        Answer(status=404),
        Answer(b"another package"),
        Answer(headers={"Content-Length": str(len(DEB))}, pieces=cut_short),
        Answer(status=302, headers={"Location": "/nowhere"}),
    ],
    ids=["missing", "other", "cut short", "moved to nowhere"],
)
def test_next_mirror_is_tried(web: Web, downloads: Path, answer: Answer) -> None:
    """A mirror that lacks the package, or has another under its name, is passed over."""
    web.answers[f"/one/{PACKAGE.path}"] = answer
    web.put(f"/two/{PACKAGE.path}", DEB)
    assert fetch_package(PACKAGE, downloads, mirrors=[f"{web.url}/one", f"{web.url}/two"]).read_bytes() == DEB
    assert [path.name for path in downloads.iterdir()] == [f"{PACKAGE.sha256}.deb"]


def test_every_mirror_that_failed_is_named(web: Web, downloads: Path) -> None:
    """Where no mirror has it, the message says of each what was the matter."""
    down = f"http://127.0.0.1:{closed_port()}"
    with pytest.raises(TOOLCHAIN_MISSING, match=r"no mirror gave any 1\.0 ") as caught:
        fetch_package(PACKAGE, downloads, mirrors=[down, f"{web.url}/debian"])
    assert f"{down}: <urlopen error [Errno 111] Connection refused>" in caught.value.cause
    assert f"{web.url}/debian: HTTP Error 404" in caught.value.cause


def test_silent_mirror_is_left_in_time(downloads: Path) -> None:
    """A mirror that takes a connection and says nothing is waited for as long as it may take, and no longer."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        start = time.monotonic()
        with pytest.raises(TOOLCHAIN_MISSING, match=r"no answer within 0\.2 s"):
            fetch_package(
                PACKAGE, downloads, mirrors=[f"http://127.0.0.1:{silent.getsockname()[1]}"], answer_seconds=0.2
            )
        assert time.monotonic() - start < 5


def test_proxy_of_the_environment_is_used(web: Web, downloads: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the machine reaches the web through a proxy, so do downloads."""
    monkeypatch.setenv("http_proxy", web.url)
    web.put(f"http://mirror.invalid/{PACKAGE.path}", DEB)
    assert fetch_package(PACKAGE, downloads, mirrors=["http://mirror.invalid"]).read_bytes() == DEB


def test_folder_that_cannot_be_written_is_named(web: Web, tmp_path: Path) -> None:
    """A download that the disk refuses is an error of the table."""
    web.put(f"/{PACKAGE.path}", DEB)
    (tmp_path / "file").write_text("")
    with pytest.raises(TOOLCHAIN_MISSING, match="file"):
        fetch_package(PACKAGE, tmp_path / "file", mirrors=[web.url])


def test_files_are_extracted(deb: Path) -> None:
    """The files that are asked for, and no others, come by the names that they were asked for."""
    names = ("usr/lib/libany.so.1.2", "usr/share/doc/any/copyright")
    assert extract_files(deb, names) == dict(zip(names, (b"library", b"licence"), strict=True))


@pytest.mark.parametrize("name", ["usr/lib/libany.so", "usr/lib/other/libany.so.1"])
def test_links_are_followed(deb: Path, name: str) -> None:
    """A link, in its own folder or out of it, gives the file that it leads to."""
    assert extract_files(deb, [name]) == {name: b"library"}


@pytest.mark.parametrize("name", ["usr/lib/none", "usr/lib/lost.so"])
def test_file_that_is_not_there_is_named(deb: Path, name: str) -> None:
    """A missing file, or a link to one, is an error and not an empty file."""
    with pytest.raises(ValueError, match=r"any\.deb has no file"):
        extract_files(deb, [name])


@pytest.mark.parametrize(
    "contents",
    [b"", b"no package", DEB[:20], DEB[:100], DEB[:-50], DEB.replace(b"data.tar.xz", b"data.tar.zs")],
    ids=["empty", "other", "in a header", "in a member", "in the data", "packed otherwise"],
)
def test_file_that_is_no_package_is_refused(tmp_path: Path, contents: bytes) -> None:
    """Anything else than a package, or the half of one, is named."""
    path = tmp_path / "bad.deb"
    path.write_bytes(contents)
    with pytest.raises(ValueError, match=r"bad\.deb"):
        extract_files(path, ["usr/lib/libany.so"])
