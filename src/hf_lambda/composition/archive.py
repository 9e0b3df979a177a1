"""Project archives: packing a folder, and unpacking what a stranger packed."""

import errno
import gzip
import shutil
import tarfile
import zlib
from pathlib import Path, PurePosixPath
from typing import IO, cast

from hf_lambda.composition.archive_limits import Budget, LimitedStream, ProjectLimits
from hf_lambda.composition.project_folder import project_files
from hf_lambda.errors import PROJECT_ARCHIVE_REJECTED

_DRAIN_BYTES = 1 << 20
_GZIP_MAGIC = b"\x1f\x8b"
_OF_CONTENTS = (None, errno.ENAMETOOLONG, errno.EEXIST, errno.EISDIR, errno.ENOTDIR)
"""What OSErrors say of names that no disk can hold or that exclude each other, and gzip of what it cannot read."""


def pack_project(project: Path, archive: Path) -> None:
    """Write `archive`, a .tar.gz, with the project's files; links are followed. Equal files give equal bytes.

    Raises:
        PROJECT_NOT_FOUND: `project` is no folder.
    """
    files = project_files(project)
    with (
        archive.open("wb") as raw,
        gzip.GzipFile("", "wb", compresslevel=1, fileobj=raw, mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w|") as tar,
    ):
        for path in files:
            member = tarfile.TarInfo(str(path.relative_to(project)))
            member.size = path.stat().st_size
            with path.open("rb") as contents:
                tar.addfile(member, contents)


def unpack_project(archive: Path, folder: Path, limits: ProjectLimits | None = None) -> None:
    """Unpack a project archive into the new `folder`; links become copies of what they point at.

    Raises:
        PROJECT_ARCHIVE_REJECTED: damaged, or with a member that reaches outside or cannot be written.
        PROJECT_TOO_LARGE: it holds more than the limits allow; no more than that was written.
        OSError: the machine refuses.
    """
    folder.mkdir(parents=True)
    budget = Budget(limits or ProjectLimits())
    try:
        with _open_unpacked(archive) as packed:
            stream = LimitedStream(packed, budget)
            with tarfile.open(fileobj=cast("IO[bytes]", stream), mode="r:") as tar:
                links = [member for member in tar if not _extract(tar, member, folder, budget)]
            _resolve_links(links, folder, budget)
            while stream.read(_DRAIN_BYTES):  # to its end, where the checksum is
                pass
    except (tarfile.TarError, EOFError, zlib.error, OSError) as error:
        if isinstance(error, OSError) and error.errno not in _OF_CONTENTS:
            raise
        raise PROJECT_ARCHIVE_REJECTED(f"the project archive is damaged: {error}") from error


def _open_unpacked(archive: Path) -> IO[bytes]:
    with archive.open("rb") as file:
        is_gzip = file.read(len(_GZIP_MAGIC)) == _GZIP_MAGIC
    return cast("IO[bytes]", gzip.open(archive)) if is_gzip else archive.open("rb")


def _extract(tar: tarfile.TarFile, member: tarfile.TarInfo, folder: Path, budget: Budget) -> bool:
    """Write a file or folder; False for a link, which has to wait for what it points at."""
    target = _inside(folder, member.name, member.name)
    budget.take(member.size)
    if member.issym() or member.islnk():
        return False
    if member.isdir():
        target.mkdir(parents=True, exist_ok=True)
    elif member.isreg():
        source = tar.extractfile(member)
        assert source is not None
        target.parent.mkdir(parents=True, exist_ok=True)
        with source, target.open("wb") as file:
            shutil.copyfileobj(source, file)
    else:
        raise PROJECT_ARCHIVE_REJECTED(f"{member.name!r} is neither a file, a folder nor a link")
    return True


def _resolve_links(links: list[tarfile.TarInfo], folder: Path, budget: Budget) -> None:
    """Copy what links point at, again and again until links to links are done; the rest point at nothing."""
    targets = {link.name: _link_target(link, folder) for link in links}
    while links:
        waiting = [link for link in links if not _copy_link_target(link, targets[link.name], folder, budget)]
        if len(waiting) == len(links):
            return
        links = waiting


def _link_target(member: tarfile.TarInfo, folder: Path) -> Path:
    base = PurePosixPath(member.name).parent if member.issym() else PurePosixPath()
    return _inside(folder, str(base / member.linkname), member.name)


def _copy_link_target(member: tarfile.TarInfo, source: Path, folder: Path, budget: Budget) -> bool:
    """Whether there was something to copy."""
    target = _inside(folder, member.name, member.name)
    if source.is_dir():
        if target.is_relative_to(source):
            raise PROJECT_ARCHIVE_REJECTED(f"{member.name!r} is a link to a folder that it lies in")
        budget.take_tree(source)
        shutil.copytree(source, target, dirs_exist_ok=True)
    elif source.is_file() and source != target:
        budget.take(source.stat().st_size)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
    return source.exists()


def _inside(folder: Path, name: str, shown: str) -> Path:
    """The path of `name` below `folder`, with its dots resolved by text."""
    parts: list[str] = []
    for part in PurePosixPath(name).parts:
        if part == "..":
            if not parts:
                raise PROJECT_ARCHIVE_REJECTED(f"{shown!r} reaches outside the project")
            parts.pop()
        else:
            parts.append(part)
    if PurePosixPath(name).is_absolute() or "\0" in name:
        raise PROJECT_ARCHIVE_REJECTED(f"{shown!r} leads to {name!r}, which is no path inside the project")
    return folder.joinpath(*parts)
