"""Names that strangers chose, asked of the disk; and files with two names."""

import errno
import os
from pathlib import Path

import pytest

from hf_lambda.errors import STORAGE_UNAVAILABLE
from hf_lambda.files import (
    check_writable,
    exists,
    is_file,
    link_or_copy,
    path_inside,
    read_text,
    temporary_beside,
)


@pytest.mark.parametrize("name", ["missing", "x" * 300, "a\0b", "folder/" * 2000])
def test_impossible_names_are_files_that_are_not_there(tmp_path: Path, name: str) -> None:
    """What no disk can hold is no error."""
    assert not is_file(tmp_path / name)
    assert not exists(tmp_path / name)


def test_folders_exist_but_are_no_files(tmp_path: Path) -> None:
    """A folder is there, but is not a file."""
    assert exists(tmp_path)
    assert not is_file(tmp_path)


@pytest.mark.parametrize("name", ["a", "a/b.mp4", "..a/b..", "", "a//b"])
def test_names_inside_have_a_path(tmp_path: Path, name: str) -> None:
    """Dots that are part of a name lead nowhere else."""
    assert path_inside(tmp_path, name) == tmp_path / name


@pytest.mark.parametrize("name", ["..", "../b", "a/../b", "a/..", "/b", "//b"])
def test_names_that_lead_outside_have_none(tmp_path: Path, name: str) -> None:
    """Nor have those that only look as if they did: no page asks for them."""
    assert path_inside(tmp_path, name) is None


@pytest.mark.parametrize(("raw", "text"), [(b"\xef\xbb\xbf\xc3\xbc", "ü"), (b"a\xffb", "a\ufffdb"), (b"", "")])
def test_text_is_read_as_browsers_read_it(tmp_path: Path, raw: bytes, text: str) -> None:
    """A byte order mark goes, and what is no UTF-8 is replaced."""
    (tmp_path / "t").write_bytes(raw)
    assert read_text(tmp_path / "t") == text


def test_temporary_names_are_never_the_same(tmp_path: Path) -> None:
    """Several may write one file: each has a name of its own beside it, which no pattern for that file finds."""
    names = {temporary_beside(tmp_path / "a.mp4") for _ in range(9)}
    assert len(names) == 9
    assert {name.parent for name in names} == {tmp_path}
    assert not any(name.match("*.mp4") for name in names)


@pytest.mark.parametrize("name", ["a" * 255, "😀" * 63], ids=["letters", "faces"])
def test_longest_names_have_temporary_ones(tmp_path: Path, name: str) -> None:
    """What a disk can hold can be written in steps."""
    (tmp_path / name).write_text("x")
    temporary_beside(temporary_beside(tmp_path / name)).write_text("x")


def test_places_to_write_to_are_looked_at_first(tmp_path: Path) -> None:
    """Folders that lack are made; a folder in the place of the file, or a file in that of a folder, is an error."""
    check_writable(tmp_path / "deep" / "folder" / "video.mp4")
    assert (tmp_path / "deep" / "folder").is_dir()
    (tmp_path / "file").write_text("")
    for place in (tmp_path / "deep", tmp_path / "file" / "video.mp4"):
        with pytest.raises(STORAGE_UNAVAILABLE, match="cannot be written"):
            check_writable(place)


def test_linked_file_has_another_name(tmp_path: Path) -> None:
    """It is the same file; of a symbolic link, the one that it points at."""
    (tmp_path / "file").write_text("x")
    (tmp_path / "pointer").symlink_to("file")
    for name in ("file", "pointer"):
        link_or_copy(tmp_path / name, tmp_path / f"linked {name}")
        assert (tmp_path / f"linked {name}").stat(follow_symlinks=False).st_ino == (tmp_path / "file").stat().st_ino


@pytest.mark.parametrize("code", [errno.EXDEV, errno.EPERM, errno.EMLINK])
def test_what_cannot_be_linked_is_copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int) -> None:
    """From another disk, for instance, or where the file is not ours."""

    def refuse(*_: object) -> None:
        raise OSError(code, os.strerror(code))

    (tmp_path / "file").write_text("x")
    monkeypatch.setattr(os, "link", refuse)
    link_or_copy(tmp_path / "file", tmp_path / "copy")
    assert (tmp_path / "copy").read_text() == "x"
    assert not (tmp_path / "copy").samefile(tmp_path / "file")


def test_what_is_not_there_cannot_be_linked(tmp_path: Path) -> None:
    """Nothing takes its place."""
    with pytest.raises(FileNotFoundError):
        link_or_copy(tmp_path / "file", tmp_path / "copy")
    assert list(tmp_path.iterdir()) == []


def test_what_is_there_is_not_overwritten(tmp_path: Path) -> None:
    """It may be a name of a file that somebody else needs."""
    for name in ("file", "other"):
        (tmp_path / name).write_text(name)
    with pytest.raises(FileExistsError):
        link_or_copy(tmp_path / "file", tmp_path / "other")
    assert (tmp_path / "other").read_text() == "other"
