"""The nouns of linting: a rule, and a place where a file breaks it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hf_lambda.composition.lint.texts import TextFile


@dataclass(frozen=True, order=True)
class Finding:
    """One place that will not render as its author thinks. `line` counts from 1."""

    file: str
    line: int
    code: str
    message: str

    @classmethod
    def from_wire(cls, wire: Mapping[str, Any]) -> "Finding":
        """The finding that a plan's result carries."""
        return cls(wire["File"], wire["Line"], wire["Code"], wire["Message"])

    def to_wire(self) -> dict[str, str | int]:
        """The finding as results and `--json` carry it."""
        return {"File": self.file, "Line": self.line, "Code": self.code, "Message": self.message}

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.code}: {self.message}"


@dataclass(frozen=True)
class Rule:
    """What a code stands for: what a render makes of it, and what to write instead."""

    code: str
    why: str
    cure: str

    def at(self, file: TextFile, offset: int, message: str) -> Finding:
        """A finding of this rule at an offset of a file's text; `message` names what was found."""
        return Finding(file.path, file.line_at(offset), self.code, message)
