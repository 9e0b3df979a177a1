"""Project archives: packing a folder, and unpacking what a stranger packed."""

import gzip
import shutil
import tarfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from hf_lambda.errors import PROJECT_ARCHIVE_REJECTED, PROJECT_NOT_FOUND

SKIPPED_AT_TOP = frozenset(
    {"node_modules", ".git", ".cache", ".next", ".turbo", ".venv", "output", "out", "failures", "dist"}
)
"""Folders of a project that never belong to its page."""


def pack_project(project: Path, archive: Path) -> None:
    """Write `archive` (.tar.gz) with the project's files; links are followed. Equal files give equal bytes.

    Raises:
        PROJECT_NOT_FOUND: `project` is no folder.
    """
    if not project.is_dir():
        raise PROJECT_NOT_FOUND(f"{project} is not a folder")
    with (
        archive.open("wb") as raw,
        gzip.GzipFile("", "wb", compresslevel=1, fileobj=raw, mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w|") as tar,
    ):
        for path in _project_files(project):
            member = tarfile.TarInfo(str(path.relative_to(project)))
            member.size = path.stat().st_size
            with path.open("rb") as contents:
                tar.addfile(member, contents)


def unpack_project(archive: Path, folder: Path) -> None:
    """Unpack a project archive into the new `folder`; links become copies of what they point at.

    Raises:
        PROJECT_ARCHIVE_REJECTED: damaged, or with a member that reaches outside.
    """
    folder.mkdir(parents=True)
    try:
        with tarfile.open(archive, "r:*") as tar:
            members = tar.getmembers()
            for member in members:
                _extract(tar, member, folder)
            for member in members:
                if member.issym() or member.islnk():
                    _copy_link_target(member, folder)
    except (tarfile.TarError, EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise PROJECT_ARCHIVE_REJECTED(f"the project archive is damaged: {error}") from error


def _project_files(project: Path) -> Iterator[Path]:
    for path in sorted(project.iterdir()):
        if path.name in SKIPPED_AT_TOP:
            continue
        if path.is_dir():
            yield from (inner for inner in sorted(path.rglob("*")) if inner.is_file())
        elif path.is_file():
            yield path


def _extract(tar: tarfile.TarFile, member: tarfile.TarInfo, folder: Path) -> None:
    target = _inside(folder, member.name, member.name)
    if member.isdir():
        target.mkdir(parents=True, exist_ok=True)
    elif member.isreg():
        source = tar.extractfile(member)
        assert source is not None
        target.parent.mkdir(parents=True, exist_ok=True)
        with source, target.open("wb") as file:
            shutil.copyfileobj(source, file)
    elif not (member.issym() or member.islnk()):
        raise PROJECT_ARCHIVE_REJECTED(f"{member.name!r} is neither a file, a folder nor a link")


def _copy_link_target(member: tarfile.TarInfo, folder: Path) -> None:
    base = PurePosixPath(member.name).parent if member.issym() else PurePosixPath()
    source = _inside(folder, str(base / member.linkname), member.name)
    target = folder / member.name
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        if target.resolve().is_relative_to(source.resolve()):
            raise PROJECT_ARCHIVE_REJECTED(f"{member.name!r} is a link to a folder that it lies in")
        shutil.copytree(source, target, dirs_exist_ok=True)
    elif source.is_file():
        shutil.copyfile(source, target)


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
        raise PROJECT_ARCHIVE_REJECTED(f"{shown!r} is an absolute path")
    return folder.joinpath(*parts)
