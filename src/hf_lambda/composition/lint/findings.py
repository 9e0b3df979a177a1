"""The nouns of linting: a rule, and a place where a file breaks it."""

from dataclasses import dataclass

from hf_lambda.composition.lint.texts import TextFile


@dataclass(frozen=True, order=True)
class Finding:
    """One place that will not render as its author thinks. `line` counts from 1."""

    file: str
    line: int
    code: str
    message: str

    def to_wire(self) -> dict[str, str | int]:
        """The finding as results and `--json` carry it."""
        return {"Code": self.code, "Message": self.message, "File": self.file, "Line": self.line}

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
