"""Tells which characters of a loaded page would be drawn as empty boxes, because no font has them."""

import unicodedata

from hf_lambda.capture.page import Page
from hf_lambda.capture.page_scripts import page_script

_MOST_NAMED = 20
_CURE = "bring a font that has them: docs/fonts.md, “Other scripts and emoji”"


def missing_glyphs(page: Page) -> list[str]:
    """A warning that names the characters, or none. Text of hidden elements counts; canvases are not looked into."""
    characters: list[str] = sorted(page.evaluate(page_script("glyphs.js")) or [])
    if not characters:
        return []
    named = ", ".join(_describe(character) for character in characters[:_MOST_NAMED])
    more = f" and {len(characters) - _MOST_NAMED} more" if len(characters) > _MOST_NAMED else ""
    return [f"no font has {named}{more}; {_CURE}"]


def _describe(character: str) -> str:
    name = unicodedata.name(character, "unnamed").lower()
    return f"{character} (U+{ord(character):04X} {name})"
