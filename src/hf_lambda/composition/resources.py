"""What a page needs beyond its own files: fonts for the families it names, and its remote files.

Both are decided at plan time and frozen into the site, so every worker draws with the same bytes and needs no
internet. Without a way to fetch (`RemoteAccess`), remote references stay as they are.
"""

import functools
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from hf_lambda.composition.fetching import FONT_LIMITS, Fetcher, FetchLimits
from hf_lambda.composition.font_stacks import (
    GENERIC_FAMILIES,
    FamilyStacks,
    document_styles,
    family_stacks,
    put_inter_first,
)
from hf_lambda.composition.fonts import authored_families, bundled_names, font_faces_css, load_catalogue
from hf_lambda.composition.google_fonts import GOOGLE_FONTS, FontService, characters_of
from hf_lambda.composition.markup import scan_elements
from hf_lambda.composition.payloads import check_media_payloads
from hf_lambda.composition.remote_assets import RemoteAssets
from hf_lambda.config import RenderConfig
from hf_lambda.deadline import Deadline
from hf_lambda.errors import FONT_FETCH_FAILED, FONT_FETCH_UNAVAILABLE

_SYSTEM_ONLY = frozenset(
    (
        *(
            "apple color emoji",
            "segoe ui emoji",
            "segoe ui symbol",
            "android emoji",
            "emojione color",
            "twemoji mozilla",
        ),
        *("segoe ui variable", "sf pro icons", "hiragino sans", "hiragino kaku gothic pron", "pingfang sc"),
        *("microsoft yahei", "yu gothic", "meiryo", "ms gothic", "malgun gothic", "apple sd gothic neo", "cantarell"),
    )
)
"""Fonts of operating systems that no font service has; asking for them only costs time."""
_TEXT_SUFFIXES = {".html", ".htm", ".css", ".js", ".mjs", ".svg", ".json", ".txt", ".csv", ".vtt", ".srt"}
_STYLED_SUFFIXES = {".html", ".htm", ".css", ".js", ".mjs", ".svg"}
_LARGEST_TEXT_BYTES = 4 << 20


@dataclass(frozen=True)
class RemoteAccess:
    """How remote files are fetched: into which folder, until when, and from where."""

    folder: Path
    deadline: Deadline
    allow_private: bool = False
    """Whether hosts of the local network may be asked."""
    ca_file: Path | None = None
    """Certificates to trust in place of the system's."""
    font_service: str = GOOGLE_FONTS

    def fetcher(self, name: str, limits: FetchLimits) -> Fetcher:
        """A fetcher with these limits and a folder of its own."""
        return Fetcher(
            self.folder / name,
            limits,
            deadline=self.deadline,
            allow_private=self.allow_private,
            ca_file=self.ca_file,
        )


@dataclass(frozen=True)
class Resources:
    """The document with its references replaced, the @font-face rules that it needs, and what was let pass."""

    html: str
    faces: str
    warnings: tuple[str, ...]


def gather_resources(
    html: str,
    project: Path,
    config: RenderConfig,
    *,
    font_dirs: Sequence[Path],
    fonts_url: str,
    remote: RemoteAccess | None,
) -> Resources:
    """Resolve the fonts, and fetch the remote files, of the entry document `html` at the top of `project`.

    Raises:
        NOT_MEDIA_PAYLOAD: a local media file is text.
        ASSET_FETCH_UNAVAILABLE, ASSET_FETCH_FAILED, ASSET_REFUSED: a remote file could not be had.
        FONT_FETCH_UNAVAILABLE, FONT_FETCH_FAILED: a font family could not.
    """
    check_media_payloads(scan_elements(html), project)
    catalogue = load_catalogue(*font_dirs)
    bundled = bundled_names(catalogue)
    html = put_inter_first(html)
    assets = _assets(project, config, bundled, remote, html)
    if assets is not None:
        html = assets.localise(html, config.entry_file)
    sheets = assets.stylesheets() if assets is not None else list(_texts(project, {".css"}))
    styled = [html, json.dumps(config.variables, ensure_ascii=False), *sheets, *_texts(project, _STYLED_SUFFIXES)]
    authored = authored_families(styled)
    styles, attributes = document_styles(html)
    missing = _missing_families(family_stacks([*sheets, *styles], attributes), bundled | authored)
    fetch = assets.family_css if assets is not None else _no_family
    fetched, warnings = fetch_families(missing, fetch, fail_closed=config.fail_closed_font_fetch and remote is not None)
    faces = font_faces_css(catalogue, styled, authored, fonts_url) + fetched
    return Resources(html, faces, (*(assets.warnings if assets is not None else ()), *warnings))


def fetch_families(
    missing: dict[str, bool], fetch: Callable[[str], str | None], *, fail_closed: bool
) -> tuple[str, list[str]]:
    """The rules of families that are `missing` (by name: whether one is the first choice of its stack), and warnings.

    Raises:
        FONT_FETCH_UNAVAILABLE: the service failed for a first choice, and `fail_closed` says that this matters.
        FONT_FETCH_FAILED: it has not got one.
    """
    rules, warnings, unresolved = [], [], []
    for family, is_wanted in missing.items():
        try:
            css = None if family.lower() in _SYSTEM_ONLY else fetch(family)
        except FONT_FETCH_UNAVAILABLE as error:
            if is_wanted and fail_closed:
                raise
            warnings.append(f"the font family {family} could not be fetched, its fallback is drawn: {error.cause}")
            continue
        if css is not None:
            rules.append(css)
        elif is_wanted and fail_closed:
            unresolved.append(family)
        else:
            warnings.append(f"there is no font family {family}; the next one of its stack is drawn")
    if unresolved:
        raise FONT_FETCH_FAILED(f"there is no font family {', '.join(unresolved)}")
    return "".join(rules), warnings


def _missing_families(stacks: FamilyStacks, known: frozenset[str]) -> dict[str, bool]:
    """The names that nothing defines yet, as they are spelt, and whether one is drawn before any that is known."""
    missing: dict[str, bool] = {}
    spelling: dict[str, str] = {}
    for stack, is_drawn in [*((stack, True) for stack in stacks.drawn), *((stack, False) for stack in stacks.possible)]:
        is_wanted = is_drawn
        for name in stack:
            lowered = name.lower()
            if lowered in known:
                is_wanted = False
            elif lowered not in GENERIC_FAMILIES:
                spelt = spelling.setdefault(lowered, name)
                missing[spelt] = missing.get(spelt, False) or is_wanted
    return dict(sorted(missing.items(), key=lambda item: (not item[1], item[0])))


def _assets(
    project: Path, config: RenderConfig, bundled: frozenset[str], remote: RemoteAccess | None, html: str
) -> RemoteAssets | None:
    if remote is None:
        return None

    @functools.cache
    def characters() -> frozenset[int]:
        return characters_of([html, json.dumps(config.variables), *_texts(project, _TEXT_SUFFIXES)])

    service = FontService(
        fetcher=remote.fetcher("fonts", FONT_LIMITS),
        url=remote.font_service,
        is_known=lambda family: family.lower() in bundled,
        characters=characters,
        fail_closed=config.fail_closed_font_fetch,
    )
    fetcher = remote.fetcher("assets", FetchLimits())
    return RemoteAssets(project, fetcher, service, tolerates_pictures=config.strictness == "best-effort")


def _no_family(_: str) -> None:
    """Without access to a font service there is none to be had."""


def _texts(folder: Path, suffixes: set[str]) -> Iterable[str]:
    for path in sorted(folder.rglob("*")):
        if path.suffix.lower() in suffixes and path.is_file() and path.stat().st_size <= _LARGEST_TEXT_BYTES:
            yield path.read_bytes().decode("utf-8-sig", "replace")
