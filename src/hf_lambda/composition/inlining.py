"""Mounts sub-compositions at plan time: every host of the entry document filled, to any depth.

The runtime would load them by itself, but only one level of them, only once the page's own scripts have run, and
with CSS animations on the clock of the whole video; mounted here, they run on the clock of their host.

Input: the entry document's text and the project's folder, which is only read. Output: the new text. What the
author wrote outside of hosts stays as it is; additions go to the ends of head and body.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import takewhile
from pathlib import Path
from typing import Any

from hf_lambda.composition.asset_paths import AssetPaths, is_local_reference, project_path
from hf_lambda.composition.document import insert_at_body_end, insert_into_head
from hf_lambda.composition.embedded_runtime import strip_embedded_runtimes
from hf_lambda.composition.markup import Edit, Element, apply_edits, edit_start_tag, scan_elements
from hf_lambda.composition.mounting import HostName, Mount, Script, mount
from hf_lambda.composition.script_scoping import is_classic_script, scope_library
from hf_lambda.composition.sub_composition import SubComposition, is_hoisted_link
from hf_lambda.composition.variables import Values, variables_css, variables_table_script
from hf_lambda.errors import EMPTY_COMPOSITION
from hf_lambda.files import read_text

_SOURCE = "data-composition-src"
_FILE = "data-composition-file"
_ID = "data-composition-id"
_ORIGINAL_ID = "data-hf-original-composition-id"


def inline_sub_compositions(html: str, project: Path, variables: Mapping[str, Any] | None = None) -> str:
    """The entry document with every data-composition-src host filled; `variables` are the render request's.

    Hosts of remote files and of unfilled placeholders stay as they are, and so do those in templates.

    Raises:
        EMPTY_COMPOSITION: a file is missing, has nothing to show, or mounts itself.
    """
    collected = _Collected()
    elements = scan_elements(html)
    while hosts := _find_hosts(elements):
        sources = {host: _read_source(host, project) for host in hosts}
        names = _name_hosts(elements, sources)
        edits = []
        taken_ids = {element.attributes["id"] for element in elements if "id" in element.attributes}
        for host, source in sources.items():
            filled = mount(source, host, html[host.start : host.inner_start], names[host], taken_ids)
            taken_ids |= source.ids
            edits.append(Edit(host.start, host.inner_stop, filled.host_tag + filled.markup))
            collected.add(filled)
        html = apply_edits(html, edits)
        elements = scan_elements(html)
    html = _hoist_deferred(html, elements, collected)
    return _add_collected(html, scan_elements(html), collected, variables or {})


@dataclass
class _Collected:
    """What mounts have left for the document, in the order of mounting."""

    links: list[tuple[str, str]] = field(default_factory=list)
    styles: list[str] = field(default_factory=list)
    scripts: list[Script] = field(default_factory=list)
    variables: dict[str, Values] = field(default_factory=dict)

    def add(self, mount: Mount) -> None:
        self.links += mount.links
        self.styles += mount.styles
        self.scripts += mount.scripts
        if mount.variables:
            self.variables[mount.runtime_id] = mount.variables


def _find_hosts(elements: Iterable[Element]) -> list[Element]:
    """The hosts to fill now. A host inside another is that one's old content and goes with it."""
    hosts = {element for element in elements if is_local_reference(element.attributes.get(_SOURCE, ""))}
    return [
        element
        for element in elements
        if element in hosts and not any(a in hosts or a.tag == "template" for a in element.ancestors())
    ]


def _name_hosts(elements: Iterable[Element], sources: Mapping[Element, SubComposition]) -> dict[Element, HostName]:
    """A name for each host that nothing else in the document has; `id__hf1`, `id__hf2`, ... where it is shared."""
    taken = Counter(name for element in elements for name in _names_of(element))
    names = {}
    for host, source in sources.items():
        authored = host.attributes.get(_ORIGINAL_ID, "").strip() or host.attributes.get(_ID, "").strip() or None
        runtime = authored or source.roots[0].attributes[_ID].strip()
        if taken[runtime] > (authored is not None):  # one of them is the host itself, where that has a name
            runtime = next(name for name in _numbered(runtime) if not taken[name])
        taken[runtime] += 1
        names[host] = HostName(authored, runtime)
    return names


def _names_of(element: Element) -> set[str]:
    return {element.attributes[name].strip() for name in (_ID, _ORIGINAL_ID) if name in element.attributes}


def _numbered(name: str) -> Iterator[str]:
    number = 1
    while True:
        yield f"{name}__hf{number}"
        number += 1


def _read_source(host: Element, project: Path) -> SubComposition:
    path = project_path(host.attributes[_SOURCE])
    chain = [project_path(a.attributes[_FILE]) for a in host.ancestors() if a.attributes.get(_FILE)][::-1]
    route = " -> ".join([*chain, path])
    if path in chain:
        raise EMPTY_COMPOSITION(f"the sub-composition {path} mounts itself: {route}")
    try:
        html = strip_embedded_runtimes(read_text(project / path))
    except (OSError, ValueError) as error:
        raise EMPTY_COMPOSITION(f"the sub-composition {path} is not in the project: {route}") from error
    source = SubComposition(html, AssetPaths(project, path))
    if source.is_blank:
        raise EMPTY_COMPOSITION(f"the sub-composition {path} has nothing in its template or body: {route}")
    if not source.roots:
        raise EMPTY_COMPOSITION(f"the sub-composition {path} has no element with {_ID}: {route}")
    return source


def _hoist_deferred(html: str, elements: Iterable[Element], collected: _Collected) -> str:
    """The document without the libraries that would run behind mounted scripts, which may need them: those come first.

    Scripts of the project stay where they are, for they may need the scenes', and so do all behind a module.
    """
    if not any(script.kind == "classic" for script in collected.scripts):
        return html
    deferred = [*filter(_is_deferred_library, takewhile(lambda element: not _is_module(element), elements))]
    collected.scripts[:0] = [_undeferred(html[e.start : e.stop], e) for e in deferred]
    return apply_edits(html, [Edit(e.start, e.stop, "") for e in deferred])


def _is_module(element: Element) -> bool:
    return element.tag == "script" and element.attributes.get("type", "").strip().lower() == "module"


def _is_deferred_library(element: Element) -> bool:
    attributes = element.attributes
    if element.tag != "script" or not is_classic_script(attributes.get("type", "")):
        return False
    is_remote = "src" in attributes and not is_local_reference(attributes["src"])
    is_deferred = "defer" in attributes or "async" in attributes
    return is_remote and is_deferred and all(ancestor.tag != "template" for ancestor in element.ancestors())


def _undeferred(text: str, script: Element) -> Script:
    element = edit_start_tag(text, {"defer": None, "async": None})
    return Script("classic", element, script.attributes["src"], is_hoisted=True)


def _add_collected(html: str, elements: Sequence[Element], collected: _Collected, overrides: Mapping[str, Any]) -> str:
    authored_css = [html[e.inner_start : e.inner_stop] for e in elements if e.tag == "style"]
    css = variables_css(elements, collected.variables, overrides, "\n".join([*authored_css, *collected.styles]))
    head = [
        *_once(collected.links, _urls(filter(is_hoisted_link, elements), "href")),
        *collected.styles,
        *([f"<style data-hf-composition-variables>{css}</style>"] if css else []),
    ]
    with_body = insert_at_body_end(html, "".join(f"{element}\n" for element in _body_scripts(elements, collected)))
    return insert_into_head(with_body, at_start="", at_end="".join(f"{element}\n" for element in head))


def _body_scripts(elements: Iterable[Element], collected: _Collected) -> list[str]:
    """Libraries from elsewhere first, then values and scripts in order; modules wait for the document anyway."""
    known = _urls([element for element in elements if element.tag == "script"], "src")
    scripts = collected.scripts
    hoisted = _once([(s.src, s.element) for s in scripts if s.src and s.is_hoisted], known)
    ordered = [script for script in scripts if not (script.src and script.is_hoisted)]
    by_kind = {
        kind: _once([(s.src, s.element) for s in ordered if s.kind == kind], known)
        for kind in ("importmap", "classic", "module")
    }
    prologue = []
    if collected.variables:
        prologue.append(f"<script>{variables_table_script(collected.variables)}</script>")
    if any(not script.src for script in scripts):
        prologue.append(f"<script>{scope_library()}</script>")
    return [*by_kind["importmap"], *hoisted, *prologue, *by_kind["classic"], *by_kind["module"]]


def _once(items: Iterable[tuple[str, str]], known: set[str]) -> list[str]:
    """The elements, without those whose URL is known; inline ones have none. The others' URLs become known."""
    elements = []
    for url, element in items:
        if not url or _same(url) not in known:
            elements.append(element)
        known.add(_same(url))
    return elements


def _urls(elements: Iterable[Element], attribute: str) -> set[str]:
    return {_same(element.attributes.get(attribute, "")) for element in elements}


def _same(url: str) -> str:
    """One spelling for the ways to write the URL of a file in the project."""
    return url.strip().removeprefix("./")
