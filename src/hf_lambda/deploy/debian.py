"""Files out of Debian packages, which are fetched from a mirror of the archive and known by their digests."""

import lzma
import os
import posixpath
import struct
import tarfile
import threading
import time
from collections.abc import Collection, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from http.client import HTTPException, HTTPResponse
from io import BytesIO
from pathlib import Path
from urllib.request import build_opener

from hf_lambda.errors import TOOLCHAIN_MISSING
from hf_lambda.files import temporary_beside
from hf_lambda.hashing import file_sha256

MIRRORS = (
    "https://deb.debian.org/debian",
    "https://archive.debian.org/debian",
    "https://snapshot.debian.org/archive/debian/20250901T000000Z",
)
"""Where the archive lies, in the order in which it is asked: old versions leave the first, the last keeps all."""
ANSWER_SECONDS = 10.0
"""How long a mirror may take to begin its answer."""

_SILENT_SECONDS = 10.0
_WHOLE_SECONDS = 600.0
_PIECE_BYTES = 1 << 16
_ARCHIVE_MAGIC = b"!<arch>\n"
_MEMBER = struct.Struct("16s32x10s2s")  # name; time, owner and mode; size; end of the header
_DATA_MEMBER = b"data.tar.xz"


@dataclass(frozen=True)
class DebianPackage:
    """One package for x86_64; `path` is where it lies in the archive."""

    name: str
    version: str
    path: str
    sha256: str


def fetch_package(
    package: DebianPackage,
    downloads_dir: Path,
    *,
    mirrors: Sequence[str] = MIRRORS,
    answer_seconds: float = ANSWER_SECONDS,
) -> Path:
    """The package's file, from the first mirror that gives the right one; kept in `downloads_dir`.

    Raises:
        TOOLCHAIN_MISSING: no mirror did; the message says of each why.
    """
    target = downloads_dir / f"{package.sha256}.deb"
    if target.is_file() and file_sha256(target) == package.sha256:
        return target
    failures = []
    for mirror in mirrors:
        try:
            _download(f"{mirror}/{package.path}", target, package.sha256, answer_seconds)
        except (OSError, HTTPException) as error:
            failures.append(f"{mirror}: {error}")
        else:
            return target
    raise TOOLCHAIN_MISSING(f"no mirror gave {package.name} {package.version} ({'; '.join(failures)})")


def extract_files(deb: Path, names: Collection[str]) -> dict[str, bytes]:
    """The contents of files of a package, by the names that they were asked for; links are followed.

    Raises:
        ValueError: it is no package of this make, or has no such file.
    """
    try:
        contents = lzma.decompress(_read_data_member(deb))
        with tarfile.open(fileobj=BytesIO(contents), mode="r:") as archive:
            members = {posixpath.normpath(member.name): member for member in archive}
            return {name: _read_file(archive, members[name]) for name in names}
    except (lzma.LZMAError, tarfile.TarError, struct.error) as error:
        raise ValueError(f"{deb} is damaged: {error}") from error
    except KeyError as error:
        raise ValueError(f"{deb} has no file {error}") from error


def _download(url: str, target: Path, sha256: str, answer_seconds: float) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = temporary_beside(target)
    stop = time.monotonic() + _WHOLE_SECONDS
    try:
        with _open(url, answer_seconds) as response, temporary.open("wb") as file:
            while piece := response.read1(_PIECE_BYTES):
                file.write(piece)
                if time.monotonic() > stop:
                    raise TimeoutError(f"not whole after {_WHOLE_SECONDS:g} s")
        found = file_sha256(temporary)
        if found != sha256:
            raise OSError(f"its SHA-256 is {found}, not {sha256}")
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)


def _open(url: str, seconds: float) -> HTTPResponse:
    """The answer, if it begins in time; urllib's own limit holds for each address of a host, and for no resolver."""
    answer: Future[HTTPResponse] = Future()

    def ask() -> None:
        try:
            answer.set_result(build_opener().open(url, timeout=_SILENT_SECONDS))
        except (OSError, HTTPException) as error:
            answer.set_exception(error)

    threading.Thread(target=ask, daemon=True).start()
    try:
        return answer.result(seconds)
    except TimeoutError:
        raise TimeoutError(f"no answer within {seconds:g} s") from None


def _read_data_member(deb: Path) -> bytes:
    """The archive of the package's files, one of the members of the `ar` file that a package is."""
    with deb.open("rb") as file:
        if file.read(len(_ARCHIVE_MAGIC)) != _ARCHIVE_MAGIC:
            raise ValueError(f"{deb} is no Debian package")
        while header := file.read(_MEMBER.size):
            name, size, _ = _MEMBER.unpack(header)
            if name.rstrip(b" /") == _DATA_MEMBER:
                return file.read(int(size))
            file.seek(int(size) + int(size) % 2, os.SEEK_CUR)
    raise ValueError(f"{deb} has no {_DATA_MEMBER.decode()}")


def _read_file(archive: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    file = archive.extractfile(member)
    if file is None:
        raise ValueError(f"{member.name} is no file")
    return file.read()
