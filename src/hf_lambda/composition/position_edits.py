"""Where the studio's user dragged an element: attributes in the markup, applied by a script in the page."""

import re
from functools import cache
from importlib.resources import files

_MARKERS = re.compile(r"\sdata-hf-(?:edit-base-[xy]|studio-(?:path-offset|box-size|rotation|motion))\s*=")


def position_edits_script(html: str) -> str:
    """The script element that a document with such marks needs; empty for one without."""
    return f"<script>{_read_script()}</script>" if _MARKERS.search(html) else ""


@cache
def _read_script() -> str:
    return files("hf_lambda.composition").joinpath("scripts", "edits.js").read_text("utf-8")
