"""A file's text and its lines."""

import re
from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

_LINE_END = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True, eq=False)
class TextFile:
    """The text of a file; `path` leads to it from the project's top."""

    path: str
    text: str

    def line_at(self, offset: int) -> int:
        """The line of an offset, from 1, as editors count."""
        return bisect_right(self._line_ends, offset) + 1

    @cached_property
    def _line_ends(self) -> list[int]:
        return [match.end() for match in _LINE_END.finditer(self.text)]


def read_text_file(folder: Path, path: str) -> TextFile | None:
    """The file at a path of the project, whatever bytes it holds; None where there is none."""
    try:
        return TextFile(path, (folder / path).read_bytes().decode("utf-8-sig", "replace"))
    except (OSError, ValueError):
        return None
