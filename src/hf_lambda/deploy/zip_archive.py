"""Writes and reads deployment zips. Equal files give equal bytes: sorted names, one date, two modes, one level."""

import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from hf_lambda.files import temporary_beside

_DATE = (1980, 1, 1, 0, 0, 0)
"""The first that a zip can express."""
_PROGRAM_MODE, _FILE_MODE = 0o100755, 0o100644
_EXECUTABLE_BITS = 0o111
_LEVEL = 9
_PACKED_SUFFIXES = {".zst", ".woff2", ".gz", ".png"}
"""Files that do not get smaller."""


MAX_UNZIPPED = 248 << 20
"""Bytes. Lambda allows 250 MiB with all layers."""
MAX_ZIPPED = 180 << 20
"""Bytes. Lambda has no such limit for zips in S3; what is larger takes longer to start."""
LAYER_NAME = "chromium-layer.zip"
"""Beside the zip, where Chromium is split off."""


@dataclass(frozen=True)
class Limits:
    """Largest sizes of a zip, in bytes."""

    unzipped: int = MAX_UNZIPPED
    zipped: int = MAX_ZIPPED


@dataclass(frozen=True)
class ZipSizes:
    """Bytes of a zip, and of the files that it unpacks to."""

    zipped: int
    unzipped: int


def write_zip(folder: Path, target: Path) -> ZipSizes:
    """Write every file of `folder` into the zip `target`.

    Raises:
        ValueError: a symbolic link, which Lambda would not follow as meant.
    """
    temporary = temporary_beside(target)
    temporary.parent.mkdir(parents=True, exist_ok=True)
    try:
        with zipfile.ZipFile(temporary, "w") as archive:
            for path in _files(folder):
                _add(archive, path, str(path.relative_to(folder)))
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)
    return zip_sizes(target)


def zip_sizes(path: Path) -> ZipSizes:
    """The sizes of a zip that exists.

    Raises:
        ValueError: it is no zip.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            return ZipSizes(path.stat().st_size, sum(member.file_size for member in archive.infolist()))
    except zipfile.BadZipFile as error:
        raise ValueError(f"{path} is no zip: {error}") from error


def largest_members(paths: Iterable[Path], count: int) -> list[tuple[int, str]]:
    """The `count` largest files of some zips as (unzipped bytes, name), the largest first."""
    sizes = []
    for path in paths:
        with zipfile.ZipFile(path) as archive:
            sizes += [(member.file_size, member.filename) for member in archive.infolist()]
    return sorted(sizes, reverse=True)[:count]


def extract_zip(path: Path, folder: Path) -> None:
    """Unpack a zip with the modes that its members carry, as Lambda does.

    Raises:
        ValueError: a member is damaged.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            for member in archive.infolist():
                extracted = Path(archive.extract(member, folder))
                extracted.chmod((member.external_attr >> 16) & 0o777)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
        raise ValueError(f"{path} is damaged: {error}") from error


def _files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*"), key=lambda path: path.relative_to(folder).as_posix()):
        if path.is_symlink():
            raise ValueError(f"{path.relative_to(folder)} is a symbolic link")
        if path.is_file():
            yield path


def _add(archive: zipfile.ZipFile, path: Path, name: str) -> None:
    member = zipfile.ZipInfo(name, _DATE)
    member.create_system = 3  # Unix: the mode below counts
    member.external_attr = (_PROGRAM_MODE if path.stat().st_mode & _EXECUTABLE_BITS else _FILE_MODE) << 16
    is_packed = path.suffix.lower() in _PACKED_SUFFIXES
    member.compress_type = zipfile.ZIP_STORED if is_packed else zipfile.ZIP_DEFLATED
    archive.writestr(member, path.read_bytes(), compresslevel=_LEVEL)
