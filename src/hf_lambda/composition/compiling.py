"""Compiles an unpacked project, in place, into the site that pages are loaded from."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from hf_lambda.composition.document import Root, insert_into_head, read_root
from hf_lambda.composition.inlining import inline_sub_compositions
from hf_lambda.composition.lint.findings import Finding
from hf_lambda.composition.lint.linting import lint_project
from hf_lambda.composition.resources import RemoteAccess, gather_resources
from hf_lambda.config import RenderConfig
from hf_lambda.errors import ENTRY_FILE_NOT_FOUND, INVALID_CONFIG

_TEXT_RENDERING = "html,body,*{text-rendering:geometricPrecision}"


@dataclass(frozen=True)
class CompiledSite:
    """A folder that can be served as it is, and what its entry document says of itself."""

    folder: Path
    root: Root
    findings: list[Finding] = field(default_factory=list)
    """What the author's files will not render as written, by the lines that the author knows."""
    warnings: tuple[str, ...] = ()
    """What was let pass: missing files, fonts that have to be replaced."""


def compile_project(
    folder: Path,
    config: RenderConfig,
    *,
    fonts_dir: Path,
    fonts_url: str,
    runtime_url: str,
    extra_font_dirs: Sequence[Path] = (),
    remote: RemoteAccess | None = None,
) -> CompiledSite:
    """Check the project in `folder` and rewrite its entry document: fonts first, the runtime after the head's scripts.

    Raises:
        ENTRY_FILE_NOT_FOUND, COMPOSITION_ROOT_MISSING, COMPOSITION_SIZE_OUT_OF_RANGE, EMPTY_COMPOSITION:
            the project cannot be rendered.
        NOT_MEDIA_PAYLOAD, ASSET_*, FONT_*: a file or a font that it needs cannot be had; see `resources`.
        INVALID_CONFIG: the configuration asks for another size.
    """
    entry = folder / config.entry_file
    if not _is_file(entry):
        raise ENTRY_FILE_NOT_FOUND(f"the project has no {config.entry_file}")
    html = _read_text(entry)
    root = read_root(html, config.entry_file)
    _check_size(root, config)
    findings = lint_project(folder, config.entry_file)
    html = inline_sub_compositions(html, folder, config.variables)
    font_dirs = (fonts_dir, *extra_font_dirs)
    needed = gather_resources(html, folder, config, font_dirs=font_dirs, fonts_url=fonts_url, remote=remote)
    entry.write_text(
        insert_into_head(
            needed.html,
            at_start=f'<meta charset="utf-8"><style data-hf-lambda-fonts>{needed.faces}{_TEXT_RENDERING}</style>',
            at_end=f'<script src="{runtime_url}"></script>',
        ),
        encoding="utf-8",
    )
    return CompiledSite(folder, root, findings, needed.warnings)


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # a name that no file can have
        return False


def _check_size(root: Root, config: RenderConfig) -> None:
    for name, wanted, actual in (("width", config.width, root.width), ("height", config.height, root.height)):
        if wanted is not None and wanted != actual:
            raise INVALID_CONFIG(f"Config.{name} is {wanted}, but the composition's is {actual}; leave it out")


def _read_text(path: Path) -> str:
    return path.read_bytes().decode("utf-8-sig", "replace")
