"""Makes a full document at the top of the project out of whatever form the entry file has.

Entries come as documents, as fragments, as a composition inside a template, and as files in folders of their own.
All end as the one form that the rest of the compilation reads. Text in, text out; of the disk it asks only which
files exist, and for a template it reads the project's index.html, where the template may be mounted.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from hf_lambda.composition.asset_paths import AssetPaths, project_path
from hf_lambda.composition.asset_rewriting import Rewrite, asset_changes
from hf_lambda.composition.css_urls import rewrite_css_urls
from hf_lambda.composition.markup import Edit, Element, apply_edits, edit_start_tag, scan_elements
from hf_lambda.composition.module_addresses import rewrite_import_map, rewrite_module_imports
from hf_lambda.files import is_file, read_text

_INDEX = "index.html"
_REBASED = "__hf_lambda_entry__.html"
"""Where an entry from a folder of its own is compiled to; an author's index.html stays what it is."""

_LEADING_COMMENTS = re.compile(r"(?>\s|<!--.*?-->)*", re.DOTALL)
_DOCUMENT = re.compile(r"<!doctype\b|<html[\s>/]", re.IGNORECASE)
_ID = "data-composition-id"
_RESET = (
    "*{margin:0;padding:0;box-sizing:border-box;text-rendering:geometricPrecision}"
    'body{overflow:hidden;background:#000;font-family:"Inter",sans-serif}'
)


@dataclass(frozen=True)
class Entry:
    """The entry as a document at `file`, a path that lies directly in the project's folder."""

    file: str
    html: str


def read_entry(project: Path, entry_file: str) -> Entry:
    """The entry document in its one form; nothing is written. `entry_file` must exist."""
    html = read_text(project / entry_file)
    if is_template_entry(html):
        html = _mounted_in_index(project, entry_file) or _unwrap_template(html)
    html = html if is_document(html) else _wrap_fragment(html)
    if "/" not in entry_file:
        return Entry(entry_file, html)
    return Entry(_REBASED, _rebase(html, AssetPaths(project, entry_file)))


def is_document(html: str) -> bool:
    """Whether the text is a whole document: a doctype or an html element, comments before it aside."""
    comments = _LEADING_COMMENTS.match(html)
    return _DOCUMENT.match(html, comments.end() if comments else 0) is not None


def is_template_entry(html: str) -> bool:
    """Whether every composition of the text lies in a template, where a browser shows nothing of it."""
    # An id on html names the file, wherever its composition lies.
    compositions = [element for element in scan_elements(html) if _ID in element.attributes and element.tag != "html"]
    return bool(compositions) and all(_template_of(element) for element in compositions)


def _template_of(element: Element) -> Element | None:
    return next((a for a in element.ancestors() if a.tag == "template"), None)


def _wrap_fragment(html: str) -> str:
    return (
        f'<!DOCTYPE html>\n<html>\n<head>\n<meta charset="UTF-8">\n<style>{_RESET}</style>\n</head>\n'
        f'<body style="margin:0;overflow:hidden">\n{html}\n</body>\n</html>\n'
    )


def _unwrap_template(html: str) -> str:
    """The text with the template that holds the composition replaced by its own content."""
    compositions = (element for element in scan_elements(html) if _ID in element.attributes)
    template = next(filter(None, map(_template_of, compositions)))
    return f"{html[: template.start]}{html[template.inner_start : template.inner_stop]}{html[template.stop :]}"


def _mounted_in_index(project: Path, entry_file: str) -> str | None:
    """index.html with nothing but the host of this file, from second 0; None where it does not mount the file.

    The host gives the scene its size, its values and the styles around it, so it is shown as the film shows it.
    """
    index = project / _INDEX
    if entry_file == _INDEX or not is_file(index):
        return None
    html = read_text(index)
    elements = scan_elements(html)
    body = next((element for element in elements if element.tag == "body"), None)
    host = next((element for element in elements if _mounts(element, entry_file)), None)
    if body is None or host is None:
        return None
    root = [element for element in (host, *host.ancestors()) if _ID in element.attributes][-1:]
    scene = next((e for e in scan_elements(read_text(project / entry_file)) if _ID in e.attributes), host)
    duration = scene.attributes.get("data-duration") or host.attributes.get("data-duration")
    libraries = [e for e in elements if e.tag == "script" and e.parent is body and e.attributes.get("src")]
    changes = {"data-start": "0", **({"data-duration": duration} if duration else {})}
    shown = edit_start_tag(html[host.start : host.inner_start], changes) + html[host.inner_start : host.stop]
    if root and root[0] is not host:
        around = root[0]
        tag = edit_start_tag(html[around.start : around.inner_start], {"data-start": "0", "data-duration": duration})
        shown = f"{tag}{shown}</{around.tag}>"
    scripts = "".join(html[script.start : script.stop] for script in libraries)
    return f"{html[: body.inner_start]}{scripts}{shown}{html[body.inner_stop :]}"


def _mounts(element: Element, file: str) -> bool:
    source = element.attributes.get("data-composition-src", "")
    return bool(source.strip()) and project_path(source) == project_path(file)


def _rebase(html: str, paths: AssetPaths) -> str:
    """The document with the addresses it must have at the top of the project."""
    edits = []
    for element in scan_elements(html):
        if (rewrite := _content_rewriter(element)) and element.is_closed:
            content = html[element.inner_start : element.inner_stop]
            edits.append(Edit(element.inner_start, element.inner_stop, rewrite(content, paths.rewrite)))
        if changes := asset_changes(element, paths.rewrite):
            tag = html[element.start : element.inner_start]
            edits.append(Edit(element.start, element.inner_start, edit_start_tag(tag, changes)))
    return apply_edits(html, edits)


def _content_rewriter(element: Element) -> Callable[[str, Rewrite], str] | None:
    """What rewrites the addresses in an element's text, if such text can hold any."""
    if element.tag == "style":
        return rewrite_css_urls
    if element.tag == "script" and "src" not in element.attributes:
        return {"module": rewrite_module_imports, "importmap": rewrite_import_map}.get(
            element.attributes.get("type", "").strip().lower()
        )
    return None
