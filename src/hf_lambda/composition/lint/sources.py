"""Finds the files of a project that its entry document leads to, and takes them apart for the rules."""

import posixpath
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import tinycss2

from hf_lambda.composition.asset_paths import is_local_reference, project_path
from hf_lambda.composition.lint.javascript import Code
from hf_lambda.composition.lint.texts import TextFile, read_text_file
from hf_lambda.composition.markup import Element, scan_elements
from hf_lambda.composition.script_scoping import is_classic_script

_REMOTE = re.compile(r"\s*(?:[a-zA-Z][a-zA-Z\d+.-]*:|//)")
_LARGEST_SCRIPT = 256 << 10
_LONGEST_LINE = 2000
_LIBRARY = re.compile(r"\.min\.m?js$|(^|/)(vendor|node_modules|libs?|third[-_]party)/", re.IGNORECASE)
_MOST_FILES = 500


@dataclass(frozen=True, eq=False)
class Script:
    """Code of the author's: a file, or what lies in a script element. `start` is where it begins in its file."""

    file: TextFile
    start: int
    source: str

    @cached_property
    def code(self) -> Code:
        """The tokens."""
        return Code(self.source)

    def offset(self, token: int) -> int:
        """Where a token lies in the file."""
        return self.start + self.code.tokens[token].start


@dataclass(frozen=True, eq=False)
class Style:
    """A stylesheet: a file, or what lies in a style element, which `start` and `document` tell."""

    file: TextFile
    start: int
    css: str
    document: "Document | None"

    @cached_property
    def rules(self) -> list[Any]:
        """The style rules, those of conditional groups included."""
        return list(_style_rules(tinycss2.parse_stylesheet(self.css, skip_comments=True, skip_whitespace=True)))

    def line_offset(self, node: Any) -> int:
        """Where the line of a tinycss2 node begins in the file, near enough to tell the line."""
        line: int = node.source_line
        return self.start + self._line_starts[min(line, len(self._line_starts)) - 1]

    @cached_property
    def _line_starts(self) -> list[int]:
        return [0, *(match.end() for match in re.finditer(r"\r\n|\r|\n|\f", self.css))]


@dataclass(eq=False)
class Document:
    """An HTML file of the project with its elements."""

    file: TextFile
    is_entry: bool
    elements: Sequence[Element]
    scripts: list[Script] = field(default_factory=list)
    styles: list[Style] = field(default_factory=list)

    @cached_property
    def root(self) -> Element | None:
        """The composition's root."""
        roots = [element for element in self.elements if "data-composition-id" in element.attributes]
        marked = (element for element in roots if element.attributes.get("data-root") == "true")
        return next(marked, roots[0] if roots else None)

    def tag_text(self, element: Element) -> str:
        """The start tag as written."""
        return self.file.text[element.start : element.inner_start]

    def attribute_offset(self, element: Element, name: str) -> int:
        """Where an attribute of an element is written."""
        found = re.search(rf"(?<=[\s\"'/]){re.escape(name)}(?=[\s=>/])", self.tag_text(element), re.IGNORECASE)
        return element.start + (found.start() if found else 0)


@dataclass(eq=False)
class Project:
    """What the entry document leads to. Libraries are left out: they are not the author's."""

    folder: Path
    documents: list[Document] = field(default_factory=list)
    scripts: list[Script] = field(default_factory=list)
    styles: list[Style] = field(default_factory=list)

    @cached_property
    def script_strings(self) -> set[str]:
        """The content of every string literal in the scripts."""
        tokens = (token for script in self.scripts for token in script.code.tokens)
        return {token.text.strip("\"'") for token in tokens if token.kind in ("string", "template")}

    def elements(self) -> Iterator[tuple[Document, Element]]:
        """Every element with its document."""
        for document in self.documents:
            for element in document.elements:
                yield document, element

    def resolve(self, url: str, source: str) -> str | None:
        """The file that a URL in the file `source` means, as a path of the project; None where it means none.

        What exists beside the source wins, then what exists at the top, which is where hosts mount it.
        """
        if not url.strip() or is_remote(url) or url.strip().startswith(("#", "?")) or not is_local_reference(url):
            return None
        at_top = project_path(url)
        if url.strip().startswith("/"):
            return at_top
        beside = project_path(posixpath.join(posixpath.dirname(source), url.strip()))
        return beside if self.has(beside) or not self.has(at_top) else at_top

    def has(self, path: str) -> bool:
        """Whether the project has a file at a path."""
        try:
            return (self.folder / path).is_file()
        except (OSError, ValueError):
            return False


def is_remote(url: str) -> bool:
    """Whether a URL has a scheme or a host of its own, data: included."""
    return _REMOTE.match(url) is not None


def read_project(folder: Path, entry_file: str) -> Project:
    """The project in a folder. Files that cannot be read are left out."""
    return _Reader(folder).read(entry_file)


class _Reader:
    def __init__(self, folder: Path) -> None:
        self._project = Project(folder)
        self._seen: set[str] = set()

    def read(self, entry_file: str) -> Project:
        self._add_document(entry_file, is_entry=True)
        for document in self._project.documents:  # grows while hosts are found
            self._add_parts(document)
        for script in self._project.scripts:  # grows while imports are found
            for url in imported_urls(script.code):
                self._add_script_file(self._project.resolve(url, script.file.path))
        return self._project

    def _open(self, path: str | None) -> TextFile | None:
        if path is None or path in self._seen or len(self._seen) >= _MOST_FILES:
            return None
        self._seen.add(path)
        return read_text_file(self._project.folder, path)

    def _add_document(self, path: str | None, *, is_entry: bool = False) -> None:
        if file := self._open(path):
            self._project.documents.append(Document(file, is_entry, scan_elements(file.text)))

    def _add_parts(self, document: Document) -> None:
        for element in document.elements:
            attributes = element.attributes
            if is_local_reference(host := attributes.get("data-composition-src", "")):
                self._add_document(project_path(host))
            if element.tag == "script":
                self._add_script(document, element)
            elif element.tag == "style":
                css = document.file.text[element.inner_start : element.inner_stop]
                self._add_style(Style(document.file, element.inner_start, css, document))
            elif element.tag == "link" and "stylesheet" in attributes.get("rel", "").lower().split():
                self._add_style_file(self._project.resolve(attributes.get("href", ""), document.file.path))

    def _add_script(self, document: Document, element: Element) -> None:
        kind = element.attributes.get("type", "").strip().lower()
        if kind != "module" and not is_classic_script(kind):
            return
        if "src" in element.attributes:
            path = self._project.resolve(element.attributes["src"], document.file.path)
            if script := self._add_script_file(path):
                document.scripts.append(script)
            return
        source = document.file.text[element.inner_start : element.inner_stop]
        if not _is_library(document.file.path, source):
            script = Script(document.file, element.inner_start, source)
            document.scripts.append(script)
            self._project.scripts.append(script)

    def _add_script_file(self, path: str | None) -> Script | None:
        if path is None or _LIBRARY.search(path) or not path.lower().endswith((".js", ".mjs")):
            return None
        file = self._open(path)
        if file is None or _is_library(path, file.text):
            return None
        self._project.scripts.append(Script(file, 0, file.text))
        return self._project.scripts[-1]

    def _add_style_file(self, path: str | None) -> None:
        if file := self._open(path):
            self._add_style(Style(file, 0, file.text, None))

    def _add_style(self, style: Style) -> None:
        self._project.styles.append(style)
        if style.document:
            style.document.styles.append(style)


def imported_urls(code: Code) -> Iterator[str]:
    """The addresses that a script imports from, dynamic imports included."""
    for index, token in enumerate(code.tokens):
        if token.kind != "string":
            continue
        before = code.text(index - 1)
        is_import = before == "from" or before == "import" or (before == "(" and code.text(index - 2) == "import")
        if is_import:
            yield token.text[1:-1]


def _is_library(path: str, source: str) -> bool:
    if _LIBRARY.search(path) or len(source) > _LARGEST_SCRIPT:
        return True
    return len(source) > 2 * _LONGEST_LINE and max(map(len, source.splitlines()), default=0) > _LONGEST_LINE


def _style_rules(rules: list[Any]) -> Iterator[Any]:
    for rule in rules:
        if rule.type == "qualified-rule":
            yield rule
        elif rule.type == "at-rule" and rule.content and rule.lower_at_keyword in ("media", "supports", "layer"):
            yield from _style_rules(tinycss2.parse_rule_list(rule.content, skip_comments=True, skip_whitespace=True))
