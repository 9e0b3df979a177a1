"""Rules about references to files of the project."""

import posixpath
import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from functools import cached_property
from urllib.parse import unquote

from hf_lambda.composition.asset_paths import is_local_reference, project_path
from hf_lambda.composition.lint.findings import Finding, Rule
from hf_lambda.composition.lint.sources import Project, is_remote

MISSING = Rule(
    "missing_local_file",
    "The project has no such file. The workers' file names are case-sensitive.",
    "Correct the path, or add the file.",
)
CLIMBS = Rule(
    "path_leaves_project",
    "The path leads out of the project, where nothing is packed; a browser stops at the project's top.",
    "Write the path from the file, or from the project's top.",
)
NO_SUB = Rule(
    "missing_sub_composition",
    "The project has no such file, or its address is remote or an unfilled placeholder: the host stays empty, or the "
    "plan fails.",
    "Correct data-composition-src: it is a path from the project's top.",
)

RULES = (MISSING, CLIMBS, NO_SUB)

_MOST_FILES = 5000
_URL_ATTRIBUTES = {
    "img": ("src", "srcset"), "video": ("src", "poster"), "audio": ("src",), "source": ("src", "srcset"),
    "track": ("src",), "script": ("src",), "image": ("href", "xlink:href"), "iframe": ("src",), "embed": ("src",),
    "object": ("data",), "link": ("href",),
}  # fmt: skip
_LINKS_LOADED = frozenset(("stylesheet", "preload", "modulepreload"))
_CSS_URL = re.compile(r"url\(\s*(?:\"([^\"\n]*)\"|'([^'\n]*)'|([^\"')\s]+))\s*\)")
_CSS_COMMENT = re.compile(r"/\*(?s:.*?)(?:\*/|\Z)")


def check(project: Project) -> Iterator[Finding]:
    """Findings in attributes and stylesheets."""
    checker = _Checker(project)
    for document, element in project.elements():
        file = document.file
        for name, url in _urls(element.tag, element.attributes):
            for rule, message in checker.judge(url, file.path):
                yield rule.at(file, document.attribute_offset(element, name), message)
        for url, _ in _css_urls(element.attributes.get("style", "")):
            for rule, message in checker.judge(url, file.path):
                yield rule.at(file, document.attribute_offset(element, "style"), message)
        host = element.attributes.get("data-composition-src", "").strip()
        if host and (not is_local_reference(host) or not project.has(project_path(host))):
            message = f"{host} is not in the project{checker.hint(project_path(host))}"
            yield NO_SUB.at(file, document.attribute_offset(element, "data-composition-src"), message)
    for style in project.styles:
        for url, position in _css_urls(style.css):
            for rule, message in checker.judge(url, style.file.path):
                yield rule.at(style.file, style.start + position, message)


class _Checker:
    def __init__(self, project: Project) -> None:
        self._project = project

    def judge(self, url: str, source: str) -> Iterator[tuple[Rule, str]]:
        """What is wrong with a URL in a file of the project."""
        url = url.strip()
        if not url or url.startswith(("#", "?")) or is_remote(url) or not is_local_reference(url):
            return
        path = unquote(re.split(r"[?#]", url)[0])
        is_outside = posixpath.normpath(posixpath.join(posixpath.dirname(source), path)).startswith("../")
        resolved = self._project.resolve(url, source)
        if not resolved or self._project.has(resolved):
            return
        if is_outside:
            yield CLIMBS, f"{url} leads out of the project{self.hint(resolved)}"
        else:
            yield MISSING, f"{url} is not in the project{self.hint(resolved)}"

    def hint(self, path: str) -> str:
        """The file that may be meant, as the end of a sentence."""
        by_folded = {name.casefold(): name for name in self._names}
        if path.casefold() in by_folded:
            return f"; there is {by_folded[path.casefold()]}, which differs in case"
        base = posixpath.basename(path)
        same_name = [name for name in self._names if posixpath.basename(name) == base]
        close = same_name or get_close_matches(path, self._names, n=1, cutoff=0.8)
        return f"; did you mean {close[0]}?" if close else ""

    @cached_property
    def _names(self) -> list[str]:
        folder = self._project.folder
        names = []
        for path in folder.rglob("*"):
            if path.is_file() and "node_modules" not in path.parts:
                names.append(path.relative_to(folder).as_posix())
            if len(names) >= _MOST_FILES:
                break
        return sorted(names)


def _urls(tag: str, attributes: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """The addresses that an element loads, with the attributes that they stand in."""
    if tag == "link" and not _LINKS_LOADED & set(attributes.get("rel", "").lower().split()):
        return
    for name in _URL_ATTRIBUTES.get(tag, ()):
        value = attributes.get(name, "")
        if name != "srcset":
            yield name, value
        elif not value.strip().startswith("data:"):
            for candidate in value.split(", "):
                yield name, candidate.strip().split(" ")[0]


def _css_urls(css: str) -> Iterator[tuple[str, int]]:
    """The addresses in CSS with their offsets; @import by a bare string is not among them."""
    if "url(" not in css:
        return
    blank = _CSS_COMMENT.sub(lambda match: " " * len(match.group()), css)
    for match in _CSS_URL.finditer(blank):
        yield next(group for group in (*match.groups(), "") if group is not None), match.start()
