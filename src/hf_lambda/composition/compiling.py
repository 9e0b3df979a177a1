"""Compiles an unpacked project, in place, into the site that pages are loaded from."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from hf_lambda.composition.animated_images import mark_animated_images
from hf_lambda.composition.document import Root, insert_at_body_end, insert_into_head, read_root
from hf_lambda.composition.embedded_runtime import strip_embedded_runtimes
from hf_lambda.composition.entry import read_entry
from hf_lambda.composition.inlining import inline_sub_compositions
from hf_lambda.composition.lint.findings import Finding
from hf_lambda.composition.lint.linting import lint_project
from hf_lambda.composition.media import Probe, normalise_media
from hf_lambda.composition.position_edits import position_edits_script
from hf_lambda.composition.project_folder import remove_nameless
from hf_lambda.composition.resources import RemoteAccess, gather_resources
from hf_lambda.composition.variable_rules import check_variables
from hf_lambda.config import RenderConfig
from hf_lambda.errors import ENTRY_FILE_NOT_FOUND, INVALID_CONFIG
from hf_lambda.files import is_file

_TEXT_RENDERING = "html,body,*{text-rendering:geometricPrecision}"


@dataclass(frozen=True)
class CompiledSite:
    """A folder that can be served as it is, and what its entry document says of itself."""

    folder: Path
    entry_file: str
    """The document to open: the configured one, or another at the top where that one lies in a folder of its own."""
    root: Root
    findings: list[Finding] = field(default_factory=list)
    """What the author's files will not render as written, by the lines that the author knows."""
    warnings: tuple[str, ...] = ()
    """What was let pass: variables against their rules, missing files, fonts that have to be replaced."""


def compile_project(
    folder: Path,
    config: RenderConfig,
    *,
    fonts_dir: Path,
    fonts_url: str,
    runtime_url: str,
    probe: Probe | None = None,
    extra_font_dirs: Sequence[Path] = (),
    remote: RemoteAccess | None = None,
) -> CompiledSite:
    """Check the project in `folder` and rewrite its entry document: fonts first, the runtime after the head's scripts.

    `probe` looks into media files.

    Raises:
        ENTRY_FILE_NOT_FOUND, COMPOSITION_ROOT_MISSING, COMPOSITION_SIZE_OUT_OF_RANGE, EMPTY_COMPOSITION:
            the project cannot be rendered.
        NOT_MEDIA_PAYLOAD, ASSET_*, FONT_*: a file or a font that it needs cannot be had; see `resources`.
        INVALID_CONFIG: the configuration asks for another size, or strictly for variables of other rules.
    """
    nameless = remove_nameless(folder)
    if not is_file(folder / config.entry_file):
        raise ENTRY_FILE_NOT_FOUND(f"the project has no {config.entry_file}")
    entry = read_entry(folder, config.entry_file)
    html = strip_embedded_runtimes(entry.html)
    root = read_root(html, config.entry_file)
    _check_size(root, config)
    findings = lint_project(folder, config.entry_file)
    warnings = check_variables(html, config)
    html = inline_sub_compositions(html, folder, config.variables)
    html = insert_at_body_end(html, position_edits_script(html))
    document = folder / entry.file
    document.write_text(html, encoding="utf-8")
    font_dirs = (fonts_dir, *extra_font_dirs)
    needed = gather_resources(html, folder, config, font_dirs=font_dirs, fonts_url=fonts_url, remote=remote)
    # After remote media has become files of the project, which can be looked into.
    html = mark_animated_images(normalise_media(needed.html, folder, probe), folder)
    document.write_text(
        insert_into_head(
            html,
            at_start=f'<meta charset="utf-8"><style data-hf-lambda-fonts>{needed.faces}{_TEXT_RENDERING}</style>',
            at_end=f'<script src="{runtime_url}"></script>',
        ),
        encoding="utf-8",
    )
    return CompiledSite(folder, entry.file, root, findings, (*nameless, *warnings, *needed.warnings))


def _check_size(root: Root, config: RenderConfig) -> None:
    for name, wanted, actual in (("width", config.width, root.width), ("height", config.height, root.height)):
        if wanted is not None and wanted != actual:
            raise INVALID_CONFIG(f"Config.{name} is {wanted}, but the composition's is {actual}; leave it out")
