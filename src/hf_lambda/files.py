"""Questions to the disk about names that strangers chose: a name that no file can have is a file that is not there."""

from pathlib import Path


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


def read_text(path: Path) -> str:
    """A text file as browsers read it: UTF-8 with or without a mark, what is not UTF-8 replaced."""
    return path.read_bytes().decode("utf-8-sig", "replace")
