from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hf_lambda.composition.lint.texts import TextFile, read_text_file


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_are_counted_as_editors_do(end: str) -> None:
    """Each kind of line end ends one line, and belongs to it."""
    file = TextFile("a", end.join(("one", "zwölf 🎬", "", "x")))
    assert [file.line_at(file.text.index(part)) for part in ("one", "zwölf", "x")] == [1, 2, 4]
    assert file.line_at(file.text.index(end)) == 1


@given(st.text(alphabet="a\r\nö🎬", max_size=30), st.integers(0, 40))
def test_lines_are_those_of_splitting(text: str, offset: int) -> None:
    """The line of an offset is the number of lines up to it."""
    before = text[:offset].replace("\r\n", "\n").replace("\r", "\n")
    if text[:offset].endswith("\r") and text[offset : offset + 1] == "\n":
        before = before[:-1]
    assert TextFile("a", text).line_at(min(offset, len(text))) == before.count("\n") + 1


def test_files_are_read_whatever_their_bytes(tmp_path: Path) -> None:
    """A byte order mark is taken off, bad bytes are replaced, and what is not there is None."""
    (tmp_path / "a").write_bytes(b"\xef\xbb\xbfa\xffb")
    file = read_text_file(tmp_path, "a")
    assert file is not None
    assert file.text == "a\ufffdb"
    assert read_text_file(tmp_path, "none") is read_text_file(tmp_path, ".") is read_text_file(tmp_path, "\0") is None
