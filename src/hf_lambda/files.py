"""Questions to the disk about names that strangers chose, where a name that no file can have is a file that is not
there; names and places of files that are to be written; and files that get a second name instead of being copied."""

import errno
import os
import shutil
import uuid
from pathlib import Path, PurePosixPath

from hf_lambda.errors import STORAGE_UNAVAILABLE

_SHOWN_CHARACTERS = 40
"""Of a name in the one of a temporary file: no more, because it may be as long as a disk allows."""
_OF_DISK = frozenset((errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO))


def is_file(path: Path) -> bool:
    """Whether there is a file; False for a name that no disk can hold."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def exists(path: Path) -> bool:
    """Whether there is a file or a folder; False for a name that no disk can hold."""
    try:
        return path.exists()
    except (OSError, ValueError):
        return False


def is_of_disk(error: OSError) -> bool:
    """Whether a disk is full, read-only or broken, whatever was to be written."""
    return error.errno in _OF_DISK


def path_inside(folder: Path, name: str) -> Path | None:
    """The path of `name` in `folder`; None for a name that leads elsewhere."""
    path = PurePosixPath(name)
    return None if path.is_absolute() or ".." in path.parts else folder / path


def read_text(path: Path) -> str:
    """A text file as browsers read it: UTF-8 with or without a mark, what is not UTF-8 replaced."""
    return path.read_bytes().decode("utf-8-sig", "replace")


def temporary_beside(target: Path) -> Path:
    """A name that nobody else has, for what becomes `target` when it is whole."""
    return target.with_name(f".{target.name[:_SHOWN_CHARACTERS]}.{uuid.uuid4().hex}.part")


def check_writable(output: Path) -> None:
    """Make the folder of a file that is to be written; to be called before the work, not after it.

    Raises:
        STORAGE_UNAVAILABLE: it cannot be made, or not be written to.
    """
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise STORAGE_UNAVAILABLE(f"{output.parent} cannot be written to: {error}") from error
    if output.is_dir() or not os.access(output.parent, os.W_OK):
        raise STORAGE_UNAVAILABLE(f"{output} cannot be written")


def link_or_copy(source: Path, target: Path) -> None:
    """Make `target` another name of the file, or a copy where the disk cannot do that.

    Neither may be written in place from then on.

    Raises:
        FileExistsError: there is a `target` already, which may be a name of another file.
        OSError: the file cannot be read, or the disk refuses.
    """
    try:
        os.link(source.resolve(), target)
    except FileExistsError:
        raise
    except OSError:
        shutil.copyfile(source, target)
