"""Brings a project's remote files into its site at plan time, so that workers need no internet.

In: the entry document, with sub-compositions mounted, and the project's folder. Out: the document with references
to `_remote/<16 digits>.<ext>`, and those files. Each URL is fetched once, several side by side; stylesheets and
modules are read for what they refer to in turn. Names come from contents, so equal files give equal plans.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import repeat
from pathlib import Path
from urllib.parse import urldefrag

from hf_lambda.composition.css_urls import UrlKind, Visit, rewrite_css
from hf_lambda.composition.fetching import (
    Fetched,
    Fetcher,
    FetchError,
    FetchFailedError,
    FetchRefusedError,
    FetchUnavailableError,
    shown,
)
from hf_lambda.composition.google_fonts import FontService, is_font_service
from hf_lambda.composition.payloads import describe_text, read_head
from hf_lambda.composition.references import rewrite_document, rewrite_module
from hf_lambda.composition.remote_urls import absolute_url, local_path, suffix_for
from hf_lambda.errors import (
    ASSET_FETCH_FAILED,
    ASSET_FETCH_UNAVAILABLE,
    ASSET_REFUSED,
    FONT_FETCH_FAILED,
    FONT_FETCH_UNAVAILABLE,
    HfLambdaError,
)

REMOTE_FOLDER = "_remote"
"""Where fetched files lie in the site."""

_PARALLEL = 8
_DEEPEST = 12
_EMPTY_STYLESHEET = "data:text/css,"
_READ_KINDS = frozenset(("style", "module"))
_AT_TOP = ""


@dataclass(frozen=True)
class Reference:
    """A remote file: its URL without fragment, what it is for, and the file that first names it."""

    url: str
    kind: UrlKind
    holder: str
    is_font_service: bool = False
    """Whether it is a font service's stylesheet, or a file of one."""

    @property
    def has_references(self) -> bool:
        """Whether it is read for what it refers to in turn."""
        return self.kind in _READ_KINDS


@dataclass
class _Remote:
    reference: Reference
    fetched: Fetched | None
    text: str = ""


@dataclass
class _Local:
    kind: UrlKind
    text: str


@dataclass
class RemoteAssets:
    """The remote files of one project. `tolerates_pictures`: one that cannot be had is a warning."""

    project: Path
    fetcher: Fetcher
    fonts: FontService
    tolerates_pictures: bool = False
    warnings: list[str] = field(default_factory=list)
    """What was let pass."""
    _locals: dict[str, _Local] = field(default_factory=dict)
    _remotes: dict[str, _Remote] = field(default_factory=dict)

    def localise(self, html: str, entry: str) -> str:
        """The document with its remote references replaced; so are those of local stylesheets and modules.

        It lies at the top of the project; `entry` is what its author calls it.

        Raises:
            ASSET_FETCH_UNAVAILABLE, ASSET_FETCH_FAILED, ASSET_REFUSED: a file could not be had.
            FONT_FETCH_UNAVAILABLE, FONT_FETCH_FAILED: a font service's could not.
        """
        found: dict[str, Reference] = {}
        self._read_locals(found, html, entry)
        self._fetch_all(found)
        if not self._remotes:
            return html
        self._write_all()
        for path, local in self._locals.items():
            rewritten = _rewrite(local.kind, local.text, self._replacer(None))
            if rewritten != local.text:
                local.text = rewritten
                (self.project / path).write_text(rewritten, encoding="utf-8")
        return rewrite_document(html, self._replacer(None))

    def family_css(self, family: str) -> str | None:
        """The @font-face rules of a family that the font service has; None where it has not.

        Raises:
            FONT_FETCH_UNAVAILABLE: the service could not be reached.
        """
        for url in self.fonts.family_urls(family):
            reference = Reference(url, "style", f"the font family {family}", is_font_service=True)
            try:
                self._fetch_all({url: reference}, is_required=True)
            except FONT_FETCH_FAILED:
                continue
            self._write_all()
            return self._remotes[url].text
        return None

    def stylesheets(self) -> list[str]:
        """The texts of all linked and imported stylesheets, local and fetched."""
        local = [sheet.text for sheet in self._locals.values() if sheet.kind == "style"]
        return local + [remote.text for remote in self._remotes.values() if remote.reference.kind == "style"]

    def _recorder(self, found: dict[str, Reference], holder: str, base: _Remote | None = None) -> Visit:
        def record(url: str, kind: UrlKind) -> str:
            absolute = absolute_url(url, _url_of(base))
            if absolute is not None and absolute not in self._remotes:
                is_font = is_font_service(absolute) or (base is not None and base.reference.is_font_service)
                found.setdefault(absolute, Reference(absolute, kind, holder, is_font))
            return url

        return record

    def _warn_of_missing(self, path: str, holder: str) -> None:
        warning = f"not in the project: {path}, which {holder} refers to"
        if warning not in self.warnings:
            self.warnings.append(warning)

    def _read_locals(self, found: dict[str, Reference], html: str, entry: str) -> None:
        """Record what the document refers to, and read and do likewise the local stylesheets and modules in use."""
        pending: list[str] = []

        def reader(holder: str, place: str) -> Visit:
            record = self._recorder(found, holder)

            def read(url: str, kind: UrlKind) -> str:
                path = local_path(url, place)
                if path and not _is_file(self.project / path):
                    self._warn_of_missing(path, holder)
                elif path and kind in _READ_KINDS and path not in self._locals:
                    text = (self.project / path).read_bytes().decode("utf-8-sig", "replace")
                    self._locals[path] = _Local(kind, text)
                    pending.append(path)
                return record(url, kind)

            return read

        rewrite_document(html, reader(entry, _AT_TOP))
        while pending:
            path = pending.pop()
            local = self._locals[path]
            _rewrite(local.kind, local.text, reader(path, path))

    def _fetch_all(self, found: dict[str, Reference], *, is_required: bool = False) -> None:
        for _ in range(_DEEPEST):
            if not found:
                return
            with ThreadPoolExecutor(_PARALLEL, thread_name_prefix="fetch") as executor:
                results = list(executor.map(self._fetch, found.values(), repeat(is_required)))
            found = {}
            for remote in results:
                self._remotes[remote.reference.url] = remote
            for remote in results:
                self._read(remote, found)
        if found:
            raise ASSET_FETCH_FAILED(f"{next(iter(found))}: stylesheets or modules refer to one another too deeply")

    def _fetch(self, reference: Reference, is_required: bool) -> _Remote:
        fetcher, url = self.fetcher, reference.url
        if reference.is_font_service:
            fetcher = self.fonts.fetcher
            source = self.fonts.source(url)
            if source is None:
                return _Remote(reference, None)
            url = source
        try:
            fetched = fetcher.fetch(url)
            _check_contents(reference, fetched)
        except FetchError as error:
            problem = translate(error, reference)
            if is_required or not self._tolerates(reference):
                raise problem from error
            self.warnings.append(f"{problem.code()}: {problem.cause}")
            return _Remote(reference, None)
        return _Remote(reference, fetched)

    def _tolerates(self, reference: Reference) -> bool:
        if reference.is_font_service:
            return not self.fonts.fail_closed
        return self.tolerates_pictures and reference.kind == "image"

    def _read(self, remote: _Remote, found: dict[str, Reference]) -> None:
        if remote.fetched is None or not remote.reference.has_references:
            return
        text = remote.fetched.path.read_bytes().decode("utf-8-sig", "replace")
        remote.text = self.fonts.drop_unused_faces(text) if remote.reference.is_font_service else text
        _rewrite(remote.reference.kind, remote.text, self._recorder(found, shown(remote.reference.url), remote))

    def _write_all(self) -> None:
        for remote in self._remotes.values():
            if remote.fetched is None or not remote.fetched.path.exists():
                continue
            target = self.project / REMOTE_FOLDER / _name(remote)
            target.parent.mkdir(exist_ok=True)
            if remote.reference.has_references:
                remote.text = _rewrite(remote.reference.kind, remote.text, self._replacer(remote))
                target.write_text(remote.text, encoding="utf-8")
                remote.fetched.path.unlink()
            else:
                remote.fetched.path.replace(target)

    def _replacer(self, base: _Remote | None) -> Visit:
        def replace(url: str, _: UrlKind) -> str:
            remote = self._remotes.get(absolute_url(url, _url_of(base)) or "")
            if remote is None:
                return url
            if remote.fetched is None and remote.reference.kind == "style":
                return _EMPTY_STYLESHEET
            fragment = urldefrag(url.strip()).fragment
            return f"/{REMOTE_FOLDER}/{_name(remote)}{f'#{fragment}' if fragment else ''}"

        return replace


def translate(error: FetchError, reference: Reference) -> HfLambdaError:
    """The error of the table for a file that could not be had."""
    kind: type[HfLambdaError]
    if isinstance(error, FetchUnavailableError):
        kind = FONT_FETCH_UNAVAILABLE if reference.is_font_service else ASSET_FETCH_UNAVAILABLE
    elif reference.is_font_service:
        kind = FONT_FETCH_FAILED
    else:
        kind = ASSET_REFUSED if isinstance(error, FetchRefusedError) else ASSET_FETCH_FAILED
    return kind(f"{error} (for {reference.holder})")


def _rewrite(kind: UrlKind, text: str, visit: Visit) -> str:
    return rewrite_css(text, visit) if kind == "style" else rewrite_module(text, visit)


def _url_of(remote: _Remote | None) -> str | None:
    """What relative URLs in a fetched file start from."""
    return remote.fetched.url if remote is not None and remote.fetched is not None else None


def _name(remote: _Remote) -> str:
    if remote.fetched is None:
        return f"missing-{sha256(remote.reference.url.encode()).hexdigest()[:16]}"
    digest = remote.fetched.sha256
    if remote.reference.has_references:  # what relative URLs in it mean depends on where it was
        digest = sha256(f"{digest} {remote.fetched.url}".encode()).hexdigest()
    return f"{digest[:16]}{suffix_for(remote.reference.url, remote.reference.kind, remote.fetched.media_type)}"


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def _check_contents(reference: Reference, fetched: Fetched) -> None:
    """A server that answers 200 with an error page has not answered."""
    kind = describe_text(read_head(fetched.path))
    if kind is None or (kind == "JSON" and reference.kind in ("script", "module", "style")):
        return
    raise FetchFailedError(f"{reference.url.partition('?')[0]}: it is {kind}")
