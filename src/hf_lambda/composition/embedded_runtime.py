"""Takes out HyperFrames runtimes that authors' files bring along: two in one page would both seek it.

What counts is that a script *is* a runtime, or sets nothing but its flags; one that merely names it stays.
"""

import posixpath
import re

from hf_lambda.composition.markup import Edit, Element, apply_edits, scan_elements

_BOOTSTRAP = "data-hyperframes-preview-runtime"
_FILES = frozenset(
    (
        "hyperframe.runtime.iife.js",
        "hyperframe-runtime.js",
        "hyperframes-runtime.modular.inline.js",
        "hyperframe-runtime.modular-runtime.inline.js",
    )
)
_FLAG_ONLY = re.compile(r"\s*(?:window\.__(?:playerReady|renderReady)\s*=\s*(?:true|false)\s*;?\s*)+")
# Every release sets it first of all, and no composition has reason to.
_BOOTSTRAPPED = re.compile(r"__hyperframeRuntimeBootstrapped\s*=\s*(?:true|!0)")
_SMALLEST_RUNTIME_CHARACTERS = 50_000


def strip_embedded_runtimes(html: str) -> str:
    """The text without the script elements that are runtimes."""
    scripts = [element for element in scan_elements(html) if element.tag == "script"]
    return apply_edits(html, [Edit(e.start, e.stop, "") for e in scripts if _is_runtime(e, html)])


def _is_runtime(script: Element, html: str) -> bool:
    if _BOOTSTRAP in script.attributes:
        return True
    path = re.split(r"[?#]", script.attributes.get("src", "").strip().lower())[0]
    if path:
        return posixpath.basename(path) in _FILES
    source = html[script.inner_start : script.inner_stop]
    if _FLAG_ONLY.fullmatch(source):
        return True
    return len(source) >= _SMALLEST_RUNTIME_CHARACTERS and bool(_BOOTSTRAPPED.search(source))
