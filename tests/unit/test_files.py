"""Names that strangers chose, asked of the disk."""

from pathlib import Path

import pytest

from hf_lambda.files import exists, is_file, read_text


@pytest.mark.parametrize("name", ["missing", "x" * 300, "a\0b", "folder/" * 2000])
def test_impossible_names_are_files_that_are_not_there(tmp_path: Path, name: str) -> None:
    """What no disk can hold is no error."""
    assert not is_file(tmp_path / name)
    assert not exists(tmp_path / name)


def test_folders_exist_but_are_no_files(tmp_path: Path) -> None:
    """A folder is there, but is not a file."""
    assert exists(tmp_path)
    assert not is_file(tmp_path)


@pytest.mark.parametrize(("raw", "text"), [(b"\xef\xbb\xbf\xc3\xbc", "ü"), (b"a\xffb", "a\ufffdb"), (b"", "")])
def test_text_is_read_as_browsers_read_it(tmp_path: Path, raw: bytes, text: str) -> None:
    """A byte order mark goes, and what is no UTF-8 is replaced."""
    (tmp_path / "t").write_bytes(raw)
    assert read_text(tmp_path / "t") == text
