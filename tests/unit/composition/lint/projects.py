"""Small projects for the linter: a whole page around the piece that a test is about."""

from pathlib import Path

from hf_lambda.composition.lint.linting import lint_project

REGISTRY = "window.__timelines = window.__timelines || {}; window.__timelines.main = tl;"


def page(inner: str = "", script: str = "", *, root: str = 'data-duration="5"', head: str = "") -> str:
    """A page without a fault, but for what is put into it."""
    scripts = f"<script>{script}</script>" if script else ""
    return (
        f'<!doctype html><html><head>{head}</head><body><div id="root" data-composition-id="main" data-width="320" '
        f'data-height="180" data-start="0" {root}>{inner}</div>{scripts}</body></html>'
    )


def timeline(calls: str) -> str:
    """A script with a registered timeline, `tl`, and calls of it."""
    return f"const tl = gsap.timeline({{ paused: true }});\n{calls}\n{REGISTRY}"


def write(folder: Path, files: dict[str, str | bytes]) -> Path:
    """The folder with files in it; text keeps its line ends."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


def codes(folder: Path, entry: str, files: dict[str, str | bytes] | None = None) -> list[str]:
    """The codes of all findings in a project with this entry document."""
    write(folder, {"index.html": entry, **(files or {})})
    return [finding.code for finding in lint_project(folder, "index.html")]


def places(folder: Path, files: dict[str, str | bytes]) -> list[tuple[str, int, str]]:
    """File, line and code of all findings in a project."""
    write(folder, files)
    return [(finding.file, finding.line, finding.code) for finding in lint_project(folder, "index.html")]
