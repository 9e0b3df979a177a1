"""Splits JavaScript into tokens, so that rules see code and never comments, nor mistake strings for code.

It does not parse: rules ask for calls, arguments, properties and function bodies, which brackets give away.
Any text gives tokens; text that is not JavaScript gives poor ones.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Kind = Literal["name", "number", "string", "template", "regex", "punct"]
Range = tuple[int, int]
"""Token indexes, half-open."""

_TOKEN = re.compile(
    r"""
    (?P<skip>\s+|//[^\r\n\u2028\u2029]*|/\*(?s:.*?)(?:\*/|\Z)|<!--[^\r\n]*)
    |(?P<name>[\#@]?(?:[^\W\d]|[$\\])[\w$\\]*)
    |(?P<number>\d[\w.]*(?:(?<=[eE])[+-]\d+)?|\.\d[\w]*)
    |(?P<string>"(?:[^"\\\r\n]|\\(?s:.))*(?:"|(?=[\r\n])|\Z)|'(?:[^'\\\r\n]|\\(?s:.))*(?:'|(?=[\r\n])|\Z))
    |(?P<punct>\?\.(?!\d)|=>|\+\+|--|\.\.\.|(?:\*\*|<<|>>>?|&&|\|\||\?\?|[-+*/%&|^])=|[=!]==?|[<>]=|&&|\|\||\?\?|(?s:.))
    """,
    re.VERBOSE,
)
_REGEX = re.compile(r"/(?:[^/\\\[\r\n]|\\.|\[(?:[^\]\\\r\n]|\\.)*\])+/[a-z]*")
# Not possessive: of alternatives, Python up to 3.11.4 then takes too much (python/cpython#106052).
_TEMPLATE_PART = re.compile(r"(?:[^`\\$]+|\\(?s:.)|\$(?!\{))*")
_BEFORE_REGEX_WORDS = frozenset(
    ("return", "typeof", "case", "in", "of", "delete", "void", "throw", "new", "else", "do", "instanceof", "yield",
     "await")
)  # fmt: skip
_AFTER_VALUE = frozenset((")", "]", "}", "++", "--"))
_PAIRS = {")": "(", "]": "[", "}": "{"}


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of code at an offset. The text of strings keeps its quotes; a template gives its fixed parts."""

    kind: Kind
    text: str
    start: int


def tokenize(source: str) -> list[Token]:
    """The tokens of a script without its comments."""
    return _Tokenizer(source).run()


class _Tokenizer:
    def __init__(self, source: str) -> None:
        self._source = source
        self._tokens: list[Token] = []
        self._braces: list[bool] = []
        """Whether each open brace belongs to a template."""

    def run(self) -> list[Token]:
        position = 0
        while position < len(self._source):
            position = self._take(position)
        return self._tokens

    def _take(self, position: int) -> int:
        source = self._source
        character = source[position]
        if character == "`":
            self._add("punct", "`", position)
            return self._take_template(position + 1)
        if character == "}" and self._braces and self._braces.pop():
            self._add("punct", "}", position)
            return self._take_template(position + 1)
        if character == "{":
            self._braces.append(False)
        is_comment = source.startswith(("//", "/*"), position)
        is_regex = character == "/" and not is_comment and self._may_be_regex()
        if is_regex and (regex := _REGEX.match(source, position)):
            self._add("regex", regex.group(), position)
            return regex.end()
        match = _TOKEN.match(source, position)
        assert match is not None
        assert match.lastgroup is not None
        if match.lastgroup != "skip":
            self._tokens.append(Token(match.lastgroup, match.group(), position))  # type: ignore[arg-type] # its groups are the kinds
        return match.end()

    def _take_template(self, position: int) -> int:
        """The fixed part of a template up to its end or to the next code within it."""
        part = _TEMPLATE_PART.match(self._source, position)
        assert part is not None
        self._add("template", part.group(), position)
        end = part.end()
        if self._source.startswith("${", end):
            self._add("punct", "${", end)
            self._braces.append(True)
            return end + 2
        if self._source.startswith("`", end):
            self._add("punct", "`", end)
        return end + 1

    def _add(self, kind: Kind, text: str, position: int) -> None:
        self._tokens.append(Token(kind, text, position))

    def _may_be_regex(self) -> bool:
        if not self._tokens:
            return True
        last = self._tokens[-1]
        if last.kind == "name":
            return last.text in _BEFORE_REGEX_WORDS
        return last.kind == "punct" and last.text not in _AFTER_VALUE and last.text != "`"


class Code:
    """Tokens with their brackets matched."""

    def __init__(self, source: str) -> None:
        self.tokens = tokenize(source)
        self.partner = [-1] * len(self.tokens)
        """For a bracket the index of its other half, else -1."""
        self.outer = [-1] * len(self.tokens)
        """For each token the index of the innermost bracket that is open around it, or -1."""
        self._match_brackets()

    def text(self, index: int) -> str:
        """A token's text; nothing beyond the ends."""
        return self.tokens[index].text if 0 <= index < len(self.tokens) else ""

    def is_code(self, index: int, text: str) -> bool:
        """Whether a token is this name or sign, and no string."""
        return self.text(index) == text and self.tokens[index].kind in ("name", "punct")

    def calls(self, *path: str) -> Iterator[int]:
        """The opening brackets of the calls of a name, or of a path such as `gsap.timeline`.

        A path of one name is that global function: methods of that name are not meant.
        """
        last = path[-1]
        for index, token in enumerate(self.tokens):
            if token.kind == "name" and token.text == last and self._is_path(index, path):
                after = index + 2 if self.is_code(index + 1, "?.") else index + 1
                if self.is_code(after, "(") and not self.is_code(index - len(path) * 2 + 1, "function"):
                    yield after

    def methods(self, name: str) -> Iterator[int]:
        """The opening brackets of calls of a method of any object."""
        for index, token in enumerate(self.tokens):
            is_method = token.kind == "name" and token.text == name and self.text(index - 1) in (".", "?.")
            if is_method and self.is_code(index + 1, "("):
                yield index + 1

    def arguments(self, bracket: int) -> list[Range]:
        """The items between a bracket and its partner, split at commas."""
        stop = self.stop(bracket)
        items, start = [], bracket + 1
        for index in range(bracket + 1, stop):
            if self.outer[index] == bracket and self.is_code(index, ","):
                items.append((start, index))
                start = index + 1
        return [*items, (start, stop)] if start < stop else items

    def stop(self, bracket: int) -> int:
        """The index of a bracket's partner; the end of the code where it has none."""
        return self.partner[bracket] if self.partner[bracket] >= 0 else len(self.tokens)

    def properties(self, value: Range) -> dict[str, Range]:
        """The properties of an object literal by name, methods included; none where it is something else."""
        if not self.is_code(value[0], "{") or self.stop(value[0]) + 1 != value[1]:
            return {}
        found = {}
        for start, stop in self.arguments(value[0]):
            name = self.text(start).strip("\"'")
            if self.is_code(start + 1, ":"):
                found[name] = (start + 2, stop)
            elif self.is_code(start + 1, "("):
                found[name] = (start, stop)
        return found

    def string(self, value: Range) -> str | None:
        """A string literal's content, or None. Escapes stay as written."""
        start, stop = value
        if stop - start == 1 and self.tokens[start].kind == "string":
            return self.text(start)[1:-1]
        if stop - start == 3 and self.is_code(start, "`") and self.tokens[start + 1].kind == "template":
            return self.text(start + 1)
        return None

    def number(self, value: Range) -> float | None:
        """A number literal, with its sign, or None."""
        start, stop = value
        sign = -1 if self.text(start) == "-" else 1
        start += sign < 0
        if stop - start != 1 or self.tokens[start].kind != "number":
            return None
        try:
            return sign * float(self.text(start))
        except ValueError:
            return None

    def function_body(self, value: Range) -> Range | None:
        """The body of a function written or named at a place; None where it cannot be told."""
        start, stop = value
        if stop - start == 1 and self.tokens[start].kind == "name":
            return self._named_body(self.text(start))
        return self._written_body(start, stop)

    def _written_body(self, start: int, stop: int) -> Range | None:
        for index in range(start, min(stop, len(self.tokens))):
            if self.outer[index] != self.outer[start]:
                continue
            if self.is_code(index, "{") and (self.is_code(index - 1, ")") or self.is_code(index - 1, "=>")):
                return index + 1, self.stop(index)
            if self.is_code(index, "=>") and not self.is_code(index + 1, "{"):
                return index + 1, stop
        return None

    def _named_body(self, name: str) -> Range | None:
        for index, token in enumerate(self.tokens):
            if token.text != name or token.kind != "name":
                continue
            if self.is_code(index - 1, "function"):
                return self._written_body(index, len(self.tokens))
            if self.is_code(index + 1, "=") and self._starts_function(index + 2):
                return self._written_body(index + 2, self._statement_stop(index + 2))
        return None

    def _starts_function(self, index: int) -> bool:
        index += self.is_code(index, "async")
        if self.is_code(index, "function") or self.is_code(index + 1, "=>"):
            return True
        return self.is_code(index, "(") and self.is_code(self.stop(index) + 1, "=>")

    def _statement_stop(self, start: int) -> int:
        for index in range(start, len(self.tokens)):
            if self.outer[index] == self.outer[start] and self.text(index) in (";", ","):
                return index
            if self.outer[start] >= 0 and index == self.stop(self.outer[start]):
                return index
        return len(self.tokens)

    def _is_path(self, index: int, path: tuple[str, ...]) -> bool:
        for name in reversed(path[:-1]):
            if self.text(index - 1) not in (".", "?.") or not self.is_code(index - 2, name):
                return False
            index -= 2
        if self.text(index - 1) not in (".", "?."):
            return True
        return len(path) > 1 or self.text(index - 2) in ("window", "globalThis", "self")

    def _match_brackets(self) -> None:
        stack: list[int] = []
        for index, token in enumerate(self.tokens):
            is_sign = token.kind == "punct"
            if is_sign and token.text in _PAIRS and stack and self._closes(token.text, stack[-1]):
                opening = stack.pop()
                self.partner[opening], self.partner[index] = index, opening
            self.outer[index] = stack[-1] if stack else -1
            if is_sign and token.text in ("(", "[", "{", "${"):
                stack.append(index)

    def _closes(self, sign: str, opening: int) -> bool:
        return self.text(opening).removeprefix("$") == _PAIRS[sign]
