"""A project in its author's folder: which files belong to it, and how a render on the same machine takes them."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from hf_lambda.composition.left_out import files_in_left_out
from hf_lambda.errors import PROJECT_NOT_FOUND
from hf_lambda.files import link_or_copy

SKIPPED_AT_TOP = frozenset(
    {"node_modules", ".git", ".cache", ".next", ".turbo", ".venv", "output", "out", "failures", "dist"}
)
"""Folders of a project that do not belong to its page, but for the files in them that it names."""

_NEVER_WRITTEN = frozenset(
    {".mp4", ".m4v", ".mov", ".mkv", ".webm", ".mp3", ".m4a", ".wav", ".ogg", ".aac", ".flac"}
    | {".png", ".jpg", ".jpeg", ".gif", ".webp", ".avif"}
)
"""Media, which nobody rewrites in place, large as they may be; compiling a page does rewrite its texts."""


def check_project(project: Path) -> None:
    """Refuse what is no folder.

    Raises:
        PROJECT_NOT_FOUND: `project` is no folder.
    """
    if not project.is_dir():
        raise PROJECT_NOT_FOUND(f"{project} is not a folder")


def project_files(project: Path) -> list[Path]:
    """The files of the folder that belong to the project, in an order that depends on their names alone.

    Raises:
        PROJECT_NOT_FOUND: `project` is no folder.
    """
    check_project(project)
    files = list(_walk(project))
    left_out = set(files_in_left_out(project, files, SKIPPED_AT_TOP)) - set(files)
    return [*files, *sorted(left_out)]


def take_project(project: Path, folder: Path) -> None:
    """Put the project's files into the new `folder`, as packing and unpacking would, but media without copying them.

    Raises:
        PROJECT_NOT_FOUND: `project` is no folder.
    """
    files = project_files(project)
    folder.mkdir(parents=True)
    for path in files:
        target = folder / path.relative_to(project)
        target.parent.mkdir(parents=True, exist_ok=True)
        if path.suffix.lower() in _NEVER_WRITTEN:
            link_or_copy(path, target)
        else:
            shutil.copyfile(path, target)


def remove_nameless(folder: Path) -> list[str]:
    """Remove the files whose names are not UTF-8, and so no URL's; gives a warning for each."""
    warnings = []
    for path in sorted(folder.rglob("*")):
        name = str(path.relative_to(folder))
        shown = os.fsencode(name).decode("utf-8", "replace")
        if shown != name and path.is_file():
            path.unlink()
            warnings.append(f"left out, because its name is not UTF-8: {shown}")
    return warnings


def _walk(project: Path) -> Iterator[Path]:
    """Files in order, through links to folders too, but never twice into the same folder on one way down."""
    seen: dict[str, set[Path]] = {str(project): {project.resolve()}}
    for folder, folders, files in os.walk(project, followlinks=True):
        above = seen[folder]
        folders[:] = sorted(
            name
            for name in folders
            if (Path(folder, name).resolve() not in above) and not (Path(folder) == project and name in SKIPPED_AT_TOP)
        )
        for name in folders:
            seen[str(Path(folder, name))] = above | {Path(folder, name).resolve()}
        yield from (Path(folder, name) for name in sorted(files) if Path(folder, name).is_file())
