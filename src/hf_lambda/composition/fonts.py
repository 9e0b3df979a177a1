"""Bundled font families, under their own names and the names of fonts that workers do not have.

A page must look the same on every machine, so no system font is used: a family that a project names is
served from the toolchain, whole (all weights, several scripts), as the family itself or as its stand-in.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

_FONT_FACE = re.compile(r"@font-face\s*\{[^{}]*?font-family\s*:\s*(?P<family>[^;{}]+)[^{}]*", re.IGNORECASE)
CATALOGUE_NAME = "fonts.json"
"""The list of a font folder's families."""

STAND_INS: Mapping[str, tuple[str, ...]] = {
    "inter": (
        "helvetica", "helvetica neue", "helvetica bold", "arial", "sf pro", "sf pro display", "sf pro text",
        "sf pro rounded", "avenir", "avenir next", "lucida grande", "geneva", "optima", "verdana", "tahoma",
        "trebuchet ms", "calibri", "candara", "corbel", "lucida sans", "lucida sans unicode", "noto sans",
        "dejavu sans", "liberation sans",
    ),
    "montserrat": ("futura", "din alternate", "arial black"),
    "league gothic": ("bebas neue",),
    "jetbrains mono": (
        "courier", "courier new", "sf mono", "menlo", "monaco", "consolas", "lucida console",
        "lucida sans typewriter", "andale mono", "dejavu sans mono", "liberation mono",
    ),
    "eb garamond": (
        "garamond", "georgia", "palatino", "palatino linotype", "book antiqua", "cambria", "times",
        "times new roman", "dejavu serif", "liberation serif",
    ),
    "noto sans jp": ("noto sans japanese",),
    "roboto": ("segoe ui",),
}  # fmt: skip
"""Bundled family -> names of other fonts that it stands in for, as the original renderer chose them."""


@dataclass(frozen=True)
class FontFace:
    """One font file: its place in its family, and the characters that it has."""

    file: str
    weight: str
    style: str
    unicode_range: str


Catalogue = Mapping[str, list[FontFace]]
"""Families by lower-case name."""

_HAS_FILE = re.compile(r"url\(", re.IGNORECASE)


def load_catalogue(*folders: Path) -> dict[str, list[FontFace]]:
    """The families of the toolchain, and of further folders; the first to have a family wins."""
    catalogue: dict[str, list[FontFace]] = {}
    for folder in folders:
        if (folder / CATALOGUE_NAME).is_file():
            families = json.loads((folder / CATALOGUE_NAME).read_text())
            for family, faces in families.items():
                catalogue.setdefault(family, [FontFace(**face) for face in faces])
    return catalogue


def authored_families(texts: Iterable[str]) -> frozenset[str]:
    """The lower-case names of families that @font-face rules of the texts define with a file."""
    rules = (rule for text in texts for rule in _FONT_FACE.finditer(text))
    return frozenset(
        rule["family"].strip().strip("\"'").strip().lower() for rule in rules if _HAS_FILE.search(rule.group())
    )


def bundled_names(catalogue: Catalogue) -> frozenset[str]:
    """Every lower-case name that the catalogue serves, its own families' and those that they stand in for."""
    return frozenset(_families_by_name(catalogue))


def font_faces_css(catalogue: Catalogue, texts: Iterable[str], authored: frozenset[str], fonts_url: str) -> str:
    """@font-face rules for every bundled name that occurs in `texts` and that is not `authored`.

    A name that merely occurs costs a few rules; only the files of fonts that text uses are loaded.
    """
    source = "\n".join(texts).lower()
    rules: list[str] = []
    for name, family in sorted(_families_by_name(catalogue).items()):
        if name not in authored and _is_word_of(source, name):
            rules.extend(_rule(name, face, fonts_url) for face in catalogue[family])
    return "".join(rules)


def _is_word_of(source: str, name: str) -> bool:
    """Whether a name occurs, and not as a part of another word."""
    start = -1
    while (start := source.find(name, start + 1)) >= 0:  # a third of a pattern's time, which also must be compiled
        stop = start + len(name)
        beside = source[max(start - 1, 0) : start] + source[stop : stop + 1]
        if not any(character.isalnum() or character in "_-" for character in beside):
            return True
    return False


def _families_by_name(catalogue: Catalogue) -> dict[str, str]:
    own = {family: family for family in catalogue}
    stand_ins = {name: family for family, names in STAND_INS.items() if family in catalogue for name in names}
    return stand_ins | own


def _rule(name: str, face: FontFace, fonts_url: str) -> str:
    return (
        f'@font-face{{font-family:"{name}";font-style:{face.style};font-weight:{face.weight};font-display:block;'
        f'src:url("{fonts_url}/{face.file}") format("woff2");unicode-range:{face.unicode_range}}}\n'
    )
