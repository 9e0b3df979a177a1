"""Takes one sub-composition's file apart for one host: markup for the host, the rest for the document.

Reads nothing but the text it is given; whether an asset lies beside the file is all it asks of the disk.
"""

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from hf_lambda.composition.asset_paths import AssetPaths
from hf_lambda.composition.asset_rewriting import asset_changes
from hf_lambda.composition.css_scoping import (
    AUTHORED_ID,
    INNER_ROOT,
    CssScope,
    attribute_selector,
    scope_css,
)
from hf_lambda.composition.markup import Edit, Element, apply_edits, edit_start_tag, scan_elements
from hf_lambda.composition.module_addresses import rewrite_import_map, rewrite_module_imports
from hf_lambda.composition.script_scoping import (
    ScriptScope,
    is_classic_script,
    prepare_module_script,
    wrap_classic_script,
)
from hf_lambda.composition.svg_ids import rename_shared_ids, svg_changes, with_renamed
from hf_lambda.composition.variables import Values, declared_defaults, host_values

# The host has a place in time and a name; the inner root must not claim them a second time.
_TAKEN_FROM_INNER_ROOT = (
    "data-composition-id", "data-composition-file", "data-composition-src", "data-start", "data-duration", "data-end",
    "data-track-index", "data-track", "data-hf-authored-duration", "data-hf-authored-end",
)  # fmt: skip
_HOISTED_LINKS = frozenset(("stylesheet", "preconnect"))


@dataclass(frozen=True)
class HostName:
    """What a host's author calls it (None: nothing), and what the page calls it (None: as the file does)."""

    authored: str | None
    runtime: str | None


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


class SubComposition:
    """A file that hosts can mount: the content of its first template, else its body, else all of it."""

    def __init__(self, html: str, paths: AssetPaths) -> None:
        self.html = html
        self.paths = paths
        self.elements = scan_elements(html)
        self._template = self._find_template()
        self._head = self._first("head")
        self._start, self._stop = self._find_content()

    @property
    def is_blank(self) -> bool:
        """Whether there is nothing to show."""
        return not self.html[self._start : self._stop].strip()

    @cached_property
    def roots(self) -> list[Element]:
        """The elements of the content that can act as the composition's root."""
        return [element for element in self._content() if element.attributes.get("data-composition-id")]

    @property
    def ids(self) -> set[str]:
        """The ids of its elements."""
        return {element.attributes["id"] for element in self.elements if "id" in element.attributes}

    def mount(self, host: Element, host_tag: str, name: HostName, taken_ids: AbstractSet[str] = frozenset()) -> Mount:
        """The host filled; `host_tag` is its start tag as written, `taken_ids` are those the document has already."""
        assert self.roots
        return _Mounting(self, host, host_tag, name, taken_ids).build()

    def text_of(self, element: Element) -> str:
        """What lies between an element's tags."""
        return self.html[element.inner_start : element.inner_stop]

    def assets(self, tag: str) -> list[Element]:
        """The elements of one kind that belong to the composition: the head is a template's host page's own."""
        head = [] if self._template else self._in_head()
        return [element for element in [*head, *self._content()] if element.tag == tag]

    def links(self) -> list[Element]:
        """The links to hoist. Fonts matter as much where there is a template, so the head counts always."""
        candidates = [*self._in_head(), *self._content()]
        return [element for element in candidates if is_hoisted_link(element)]

    def content_range(self) -> tuple[int, int]:
        """Where the content lies in the text."""
        return self._start, self._stop

    def document_element(self) -> Element | None:
        """The html element, if it is written out."""
        return self._first("html")

    def _first(self, tag: str) -> Element | None:
        return next((element for element in self.elements if element.tag == tag), None)

    def _find_template(self) -> Element | None:
        """The template around the composition; one inside it is for its scripts to use."""
        templates = [element for element in self.elements if element.tag == "template"]
        roots = [element for element in self.elements if "data-composition-id" in element.attributes]
        # An id on html names the file, wherever its composition lies.
        around = (e for e in templates if any(e.contains(root) for root in roots))
        outer = (e for e in templates if not any(root.contains(e) for root in roots if root.tag != "html"))
        return next(around, None) or next(outer, None)

    def _find_content(self) -> tuple[int, int]:
        container = self._template or self._first("body")
        if container is not None:
            return container.inner_start, container.inner_stop
        document = self._first("html")
        if document is None:
            return 0, len(self.html)
        return (self._head.stop if self._head else document.inner_start), document.inner_stop

    def _content(self) -> Iterator[Element]:
        """The elements of the content. What lies in templates of its own is for its scripts to use."""
        for element in self.elements:
            if self._start <= element.start < self._stop and not self._is_inert(element):
                yield element

    def _is_inert(self, element: Element) -> bool:
        return any(a.tag == "template" and a is not self._template for a in element.ancestors())

    def _in_head(self) -> list[Element]:
        if self._head is None or self._start <= self._head.start < self._stop:
            return []
        return [element for element in self.elements if self._head.contains(element) and element.start < self._start]


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
        declared = (self._root or source.roots[0]).attributes["data-composition-id"].strip()
        self._declared_id = declared
        self._runtime_id = name.runtime or declared
        root_id = self._root.attributes.get("id", "").strip() if self._root else ""
        selector = attribute_selector("data-composition-id", self._runtime_id)
        css = map(source.text_of, self._styles)
        self._renamed = rename_shared_ids(source.elements, css, taken_ids, self._runtime_id)
        self._rewrite = with_renamed(self._renamed, source.paths.rewrite)
        self._css_scope = CssScope(
            selector,
            name.authored or declared,
            root_id or None,
            is_inner_root=name.authored is None,
            renamed_ids=frozenset(self._renamed),
        )
        self._script_scope = ScriptScope(selector, declared, self._runtime_id, root_id or None, tuple(self._renamed))

    def build(self) -> Mount:
        document = self._source.document_element()
        defaults = declared_defaults(document) | declared_defaults(self._root)
        return Mount(
            runtime_id=self._runtime_id,
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
        if self._name.authored is not None and self._name.authored != self._name.runtime:
            changes["data-composition-id"] = self._runtime_id
            changes["data-hf-original-composition-id"] = self._name.authored
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
        edits += [edit for element in inside if element not in collected and (edit := self._edit(element))]
        markup = apply_edits(source.html, edits, start, stop)
        # Data blocks beside the root are read by scripts, so they come along.
        for element in source.assets("script"):
            if not _is_executable(element) and not start <= element.start < stop:
                markup += self._text(element)
        return markup

    def _edit(self, element: Element) -> Edit | None:
        changes = asset_changes(element, self._rewrite) | svg_changes(element, self._renamed, AUTHORED_ID)
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
            changes["data-composition-id"] = self._declared_id
        if self._css_scope.root_id:
            changes |= {"id": None, AUTHORED_ID: self._css_scope.root_id}
        sides = ((side, own.get(f"data-{side}")) for side in ("width", "height"))
        changes["style"] = _add_style(style.strip(), [f"{side}:{f'{px}px' if px else '100%'}" for side, px in sides])
        changes[INNER_ROOT] = "true"
        return changes

    def _link(self, element: Element) -> tuple[str, str]:
        url = self._source.paths.rewrite(element.attributes.get("href", ""))
        return url, edit_start_tag(self._tag(element), {"href": url})

    def _style(self, element: Element) -> str:
        css = scope_css(self._source.text_of(element), self._css_scope, self._rewrite)
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


def is_hoisted_link(element: Element) -> bool:
    """Whether an element is a link that belongs into a document's head: a stylesheet or a connection hint."""
    return element.tag == "link" and bool(_HOISTED_LINKS & set(element.attributes.get("rel", "").lower().split()))
