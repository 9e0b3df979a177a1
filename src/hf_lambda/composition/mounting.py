"""Puts one sub-composition into one host: markup for the host, the rest for the document.

Whether an asset lies beside the file is all it asks of the disk.
"""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Literal

from hf_lambda.composition.asset_rewriting import asset_changes
from hf_lambda.composition.css_scoping import AUTHORED_ID, INNER_ROOT, CssScope, attribute_selector, scope_css
from hf_lambda.composition.markup import Edit, Element, apply_edits, edit_start_tag, missing_end_tags
from hf_lambda.composition.module_addresses import rewrite_import_map, rewrite_module_imports
from hf_lambda.composition.script_scoping import (
    ScriptScope,
    is_classic_script,
    prepare_module_script,
    wrap_classic_script,
)
from hf_lambda.composition.start_references import starts_in_seconds
from hf_lambda.composition.sub_composition import SubComposition
from hf_lambda.composition.svg_ids import rename_shared_ids, svg_changes, with_renamed
from hf_lambda.composition.variables import Values, declared_defaults, host_values

# The host has a place in time and a name; the inner root must not claim them a second time.
_TAKEN_FROM_INNER_ROOT = (
    "data-composition-id", "data-composition-file", "data-composition-src", "data-start", "data-duration", "data-end",
    "data-track-index", "data-track", "data-hf-authored-duration", "data-hf-authored-end",
)  # fmt: skip


@dataclass(frozen=True)
class HostName:
    """What a host's author calls it (None: nothing), and what the page calls it."""

    authored: str | None
    runtime: str


@dataclass(frozen=True)
class Script:
    """A script element for the end of the body. `src` is set for those that are loaded from a URL."""

    kind: Literal["classic", "module", "importmap"]
    element: str
    src: str = ""
    is_hoisted: bool = False


@dataclass(frozen=True)
class Mount:
    """A host with its sub-composition in place, and what the document needs besides."""

    runtime_id: str
    host_tag: str
    markup: str
    links: list[tuple[str, str]]
    """URL and element of each stylesheet and connection hint."""
    styles: list[str]
    scripts: list[Script]
    variables: Values


def mount(
    source: SubComposition, host: Element, host_tag: str, name: HostName, taken_ids: AbstractSet[str] = frozenset()
) -> Mount:
    """The host filled; `host_tag` is its start tag as written, `taken_ids` are those the document has already."""
    assert source.roots
    return _Mounting(source, host, host_tag, name, taken_ids).build()


class _Mounting:
    """One sub-composition on its way into one host."""

    def __init__(
        self, source: SubComposition, host: Element, host_tag: str, name: HostName, taken_ids: AbstractSet[str]
    ) -> None:
        self._source = source
        self._host = host
        self._host_tag = host_tag
        self._name = name
        self._root = self._choose_root()
        self._links = source.links()
        self._styles = source.assets("style")
        self._scripts = [element for element in source.assets("script") if _is_executable(element)]
        self._starts = starts_in_seconds(source.elements)
        declared = (self._root or source.roots[0]).attributes["data-composition-id"].strip()
        root_id = self._root.attributes.get("id", "").strip() if self._root else ""
        selector = attribute_selector("data-composition-id", name.runtime)
        css = map(source.css_of, self._styles)
        self._renamed = rename_shared_ids(source.elements, css, taken_ids, name.runtime)
        self._rewrite = with_renamed(self._renamed, source.paths.rewrite)
        self._css_scope = CssScope(
            selector,
            name.authored or declared,
            root_id or None,
            is_inner_root=name.authored is None,
            renamed_ids=self._renamed,
        )
        self._script_scope = ScriptScope(selector, declared, name.runtime, root_id or None, tuple(self._renamed))

    def build(self) -> Mount:
        document = self._source.document_element()
        defaults = declared_defaults(document) | declared_defaults(self._root)
        return Mount(
            runtime_id=self._name.runtime,
            host_tag=edit_start_tag(self._host_tag, self._host_changes()),
            markup=self._write_markup(),
            links=[self._link(element) for element in self._links],
            styles=[self._style(element) for element in self._styles],
            scripts=[self._script(element) for element in self._scripts],
            variables=defaults | host_values(self._host),
        )

    def _choose_root(self) -> Element | None:
        roots = self._source.roots
        if self._name.authored is None:
            return roots[0]
        # An exact match only: with another id, the content's root stays a composition of its own.
        return next((e for e in roots if e.attributes["data-composition-id"] == self._name.authored), None)

    def _host_changes(self) -> dict[str, str | None]:
        own, root = self._host.attributes, self._root.attributes if self._root else {}
        changes: dict[str, str | None] = {
            "data-composition-src": None,
            "data-composition-file": own["data-composition-src"],
        }
        if self._name.authored is not None:
            changes |= self._name_changes(self._name.authored)
        if "data-timeline-locked" in root:
            changes["data-timeline-locked"] = ""
        size = {side: own.get(f"data-{side}") or root.get(f"data-{side}") for side in ("width", "height")}
        changes |= {f"data-{side}": value for side, value in size.items() if value and not own.get(f"data-{side}")}
        if all(size.values()):
            style = own.get("style", "")
            changes["style"] = _add_style(style, [f"{k}:{v}px" for k, v in size.items() if k not in style])
        return changes

    def _write_markup(self) -> str:
        source, root = self._source, self._root
        start, stop = (root.start, root.stop) if root else source.content_range()
        inside = [element for element in source.elements if start <= element.start < stop]
        collected = {*self._links, *self._styles, *self._scripts}
        edits = [Edit(element.start, element.stop, "") for element in collected]
        kept = [element for element in inside if element not in collected]
        edits += [edit for element in kept if (edit := self._edit(element))]
        edits += missing_end_tags(kept, stop)
        markup = apply_edits(source.html, edits, start, stop)
        # Data blocks beside the root are read by scripts, so they come along.
        for element in source.assets("script"):
            if not _is_executable(element) and not start <= element.start < stop:
                markup += self._text(element)
        return markup

    def _edit(self, element: Element) -> Edit | None:
        changes = asset_changes(element, self._rewrite) | svg_changes(element, self._renamed, AUTHORED_ID)
        if element in self._starts:
            changes["data-start"] = self._starts[element]
        if element is self._root:
            changes |= self._root_changes(changes.get("style") or element.attributes.get("style", ""))
        if not changes:
            return None
        return Edit(element.start, element.inner_start, edit_start_tag(self._tag(element), changes))

    def _root_changes(self, style: str) -> dict[str, str | None]:
        assert self._root is not None
        own = self._root.attributes
        changes: dict[str, str | None] = dict.fromkeys(_TAKEN_FROM_INNER_ROOT)
        if self._name.authored is None:
            changes |= self._name_changes(self._script_scope.authored_id)
        if self._css_scope.root_id:
            changes |= {"id": None, AUTHORED_ID: self._css_scope.root_id}
        sides = ((side, own.get(f"data-{side}")) for side in ("width", "height"))
        changes["style"] = _add_style(style.strip(), [f"{side}:{f'{px}px' if px else '100%'}" for side, px in sides])
        changes[INNER_ROOT] = "true"
        return changes

    def _name_changes(self, authored: str) -> dict[str, str | None]:
        runtime = self._name.runtime
        original = authored if authored != runtime else None
        return {"data-composition-id": runtime, "data-hf-original-composition-id": original}

    def _link(self, element: Element) -> tuple[str, str]:
        url = self._source.paths.rewrite(element.attributes.get("href", ""))
        return url, edit_start_tag(self._tag(element), {"href": url})

    def _style(self, element: Element) -> str:
        css = scope_css(self._source.css_of(element), self._css_scope, self._rewrite)
        escaped = css.replace("</", "<\\/")
        return f"{self._tag(element)}{escaped}</style>"

    def _script(self, element: Element) -> Script:
        script_type = element.attributes.get("type", "").strip().lower()
        is_classic = is_classic_script(script_type)
        if src := element.attributes.get("src", "").strip():
            url = self._source.paths.rewrite(src)
            # Mounted scripts that follow may need it, so it must not wait for the end of the document.
            changes = {"src": url} | (dict.fromkeys(("async", "defer")) if is_classic else {})
            tag = edit_start_tag(self._tag(element), changes)
            is_hoisted = "integrity" in element.attributes or url.startswith("/") or ":" in url
            return Script("classic" if is_classic else "module", f"{tag}</script>", url, is_hoisted)
        if script_type == "importmap":
            text = rewrite_import_map(self._source.text_of(element), self._source.paths.rewrite)
            return Script("importmap", f"{self._tag(element)}{text}</script>")
        if script_type == "module":
            source = rewrite_module_imports(self._source.text_of(element), self._source.paths.rewrite)
            text = prepare_module_script(source, self._script_scope)
            return Script("module", f"{self._tag(element)}{text}</script>")
        text = wrap_classic_script(self._source.text_of(element), self._script_scope, self._source.paths.source)
        return Script("classic", f"{self._tag(element)}{text}</script>")

    def _tag(self, element: Element) -> str:
        return self._source.html[element.start : element.inner_start]

    def _text(self, element: Element) -> str:
        return self._source.html[element.start : element.stop]


def _add_style(style: str, additions: list[str]) -> str | None:
    return ";".join(filter(None, [style, *additions])) or None


def _is_executable(element: Element) -> bool:
    script_type = element.attributes.get("type", "").strip().lower()
    return script_type in ("module", "importmap") or (
        is_classic_script(script_type) and "nomodule" not in element.attributes
    )
