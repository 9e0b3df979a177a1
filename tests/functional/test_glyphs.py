"""Which fonts really draw a page's text, and what the plan says of characters that none of them has."""

import dataclasses
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from hf_lambda.capture.flags import chromium_flags
from hf_lambda.capture.glyphs import missing_glyphs
from hf_lambda.capture.page import Page, PageSpec
from hf_lambda.capture.page_scripts import PageSettings, page_script
from hf_lambda.capture.shutter import PictureFormat
from hf_lambda.composition.archive import pack_project
from hf_lambda.config import RenderConfig
from hf_lambda.deadline import Deadline
from hf_lambda.handler import browser_pool
from hf_lambda.settings import Settings
from hf_lambda.toolchain import Toolchain
from tests.functional.projects import write_project
from tests.functional.renders import plan as plan_source
from tests.functional.sites import compile_site, serve
from tests.web import Web

pytestmark = pytest.mark.browser

TEXT = "Wim fig 0123"
Measure = Callable[..., Any]


@pytest.fixture
def measure(tmp_path: Path, session_settings: Settings, toolchain: Toolchain) -> Iterator[Measure]:
    """Evaluates an expression in a compiled page with this body and head."""

    def run(body: str, expression: str | None = None, head: str = "", files: dict[str, bytes] | None = None) -> Any:
        project = write_project(tmp_path / "project", body, head=head)
        for name, contents in (files or {}).items():
            (project / name).parent.mkdir(exist_ok=True)
            (project / name).write_bytes(contents)
        site = compile_site(project, tmp_path / "site", toolchain)
        deadline = Deadline(60)
        with (
            serve(site, toolchain) as server,
            browser_pool(session_settings).browser(chromium_flags(), deadline=deadline) as browser,
        ):
            settings = PageSettings(RenderConfig().fps, {}, 20)
            page = Page(
                browser,
                PageSpec(f"{server.origin}/index.html", 320, 180, PictureFormat("png"), settings),
                deadline=deadline,
            )
            page.load()
            result = missing_glyphs(page) if expression is None else page.evaluate(expression)
            page.close()
        return result

    yield run
    shutil.rmtree(tmp_path / "site", ignore_errors=True)


WIDTHS = (
    "Object.fromEntries([...document.querySelectorAll('[id^=w]')].map((e) => [e.id, e.getBoundingClientRect().width]))"
)


def widths(measure: Measure, stacks: dict[str, str], **options: Any) -> dict[str, float]:
    """How wide the text is in each stack, in CSS pixels."""
    body = "".join(f'<span id="w{name}" style="{css}">{TEXT}</span><br>' for name, css in stacks.items())
    found = measure(f'<div style="font-size:20px">{body}</div>', WIDTHS, **options)
    return {name: found[f"w{name}"] for name in stacks}


def test_generic_families_are_drawn_as_documented(measure: Measure) -> None:
    """Generic names in font-family mean Inter; the shorthand and text without a family mean the base fonts."""
    found = widths(
        measure,
        {
            "inter": "font-family: Inter",
            "sans": "font-family: sans-serif",
            "mono": "font-family: ui-monospace, monospace",
            "system": "font-family: -apple-system, BlinkMacSystemFont",
            "none": "",
            "base": "font-family: 'DejaVu Sans Condensed', nothing",
            "shorthand": "font: 20px sans-serif",
            "serif": "font: 20px serif",
            "code": "font: 20px monospace",
        },
    )
    assert found["sans"] == found["mono"] == found["system"] == found["inter"]
    assert found["none"] == found["shorthand"] == found["base"] != found["inter"]
    assert len({found["none"], found["serif"], found["code"], found["inter"]}) == 4


def test_fonts_of_the_author_win_from_every_place(measure: Measure, toolchain: Toolchain) -> None:
    """An @font-face loads from a stylesheet in a folder of its own, and its family is drawn with that file."""
    font = (toolchain.fonts_dir / "playfair-display-latin-400-normal.woff2").read_bytes()
    found = widths(
        measure,
        {"own": "font-family: Own", "inter": "font-family: Inter", "playfair": "font-family: 'Playfair Display'",
         "arial": "font-family: ARIAL", "roboto": "font-family: Roboto"},
        head='<link rel="stylesheet" href="css/fonts.css">',
        files={
            "css/fonts.css": b"@font-face { font-family: Own; src: url(own.woff2) }"
            b"@font-face { font-family: 'Inter'; src: url('./own.woff2') }",
            "css/own.woff2": font,
        },
    )  # fmt: skip
    assert found["own"] == found["inter"] == found["playfair"]
    assert len({found["own"], found["arial"], found["roboto"]}) == 3


def test_covered_text_is_no_warning(measure: Measure) -> None:
    """Letters, signs and hidden text that some font has are fine, and so are characters that draw nothing."""
    body = (
        "<p style='font-family:Inter'>Ünïcödé “quotes” — … € № Ж Ω ệ → ✓ ★ ∑ ▶ \u200b\u00ad\u200d\ufeff\u2003</p>"
        "<p style='font-family:Lato;opacity:0'>← ♥</p><p style='display:none;font-family:Poppins'>✗ ñ</p>"
        "<p style='font-family:\"Noto Sans JP\"'>日本語テスト</p><p style='font-weight:900'>e\u0301</p>"
        "<script>const x = '中';</script>"
    )
    assert measure(body) == []


def test_characters_without_a_glyph_are_named(measure: Measure) -> None:
    """Each missing character is named once, hidden text included, with the page that tells what to do."""
    (warning,) = measure(
        "<p>ok 中文</p><p style='opacity:0;font-family:Inter'>中 \u1200</p><p style='display:none'>\u0f00</p>"
    )
    assert warning.startswith("no font has \u0f00 (U+0F00 tibetan syllable om), \u1200 (U+1200 ethiopic")
    assert "中 (U+4E2D" in warning
    assert "文" in warning
    assert "docs/fonts.md" in warning


@pytest.mark.parametrize(
    ("loading", "missing"),
    [("new Promise(() => {})", []), ("Promise.reject(new Error())", []), ("Promise.resolve([])", ["中"])],
    ids=["never", "failed", "loaded"],
)
def test_fonts_are_waited_for_on_real_time(loading: str, missing: list[str], measure: Measure) -> None:
    """A font that never comes is given up, as is one that does not load; no timer stays in the page."""
    script = page_script("glyphs.js").replace("PATIENCE_MS = 5000", "PATIENCE_MS = 50")
    count = "let asked = 0; window.setTimeout = () => { asked += 1; };"
    body = f"<p>中</p><script>document.fonts.load = () => {loading};</script>"
    assert measure(body, f"(async () => {{ {count} return [await {script}, asked]; }})()") == [missing, 0]


def plan(project: Path, work: Path, settings: Settings, **config: Any) -> dict[str, Any]:
    """The result of planning a project."""
    work.mkdir()
    pack_project(project, work / "project.tar.gz")
    return plan_source(work / "project.tar.gz", work / "plan", settings, **config)


def test_plan_freezes_remote_files_and_fonts(tmp_path: Path, session_settings: Settings, toolchain: Toolchain) -> None:
    """A linked font and a remote picture are in the plan; another font file is another plan, and warnings are few."""
    font = (toolchain.fonts_dir / "oswald-latin-400-normal.woff2").read_bytes()
    with Web() as web:
        settings = dataclasses.replace(session_settings, allow_private_addresses=True, font_service=web.url)
        web.put("/f.woff2", font, "font/woff2")
        css = f"@font-face {{ font-family: 'Foo'; src: url({web.url}/f.woff2) format('woff2') }}"
        web.put("/css2", css, "text/css")
        picture = web.put("/p.svg", "<svg xmlns='http://www.w3.org/2000/svg'/>", "image/svg+xml")
        head = "<link rel=stylesheet href='https://fonts.googleapis.com/css2?family=Foo'>"
        project = write_project(
            tmp_path / "project", f"<img src='{picture}'><p style='font-family:Foo'>text</p>", head=head
        )
        first = plan(project, tmp_path / "one", settings)
        again = plan(project, tmp_path / "two", settings)
        web.put("/f.woff2", (toolchain.fonts_dir / "oswald-latin-700-normal.woff2").read_bytes(), "font/woff2")
        other = plan(project, tmp_path / "three", settings)
    assert first["Warnings"] == []
    assert first["PlanHash"] == again["PlanHash"] != other["PlanHash"]


def test_extra_font_folder_draws_what_the_bundle_lacks(
    tmp_path: Path, session_settings: Settings, toolchain: Toolchain
) -> None:
    """A font in a further folder ends the warning, and is part of the plan's hash."""
    project = write_project(tmp_path / "project", "<p>☃</p>")
    bare = tmp_path / "bare"
    shutil.copytree(toolchain.folder, bare, symlinks=True)
    shutil.rmtree(bare / "fonts" / "system")
    settings = dataclasses.replace(session_settings, toolchain_dir=bare)
    extra = tmp_path / "extra"
    extra.mkdir()
    shutil.copy(toolchain.fonts_dir / "system" / "DejaVuSans.ttf", extra)
    with_fonts = dataclasses.replace(settings, font_dirs=(extra,))
    try:
        without, with_font = plan(project, tmp_path / "one", settings), plan(project, tmp_path / "two", with_fonts)
    finally:
        browser_pool(settings).close()
        browser_pool(with_fonts).close()
    assert ["☃" in line for line in without["Warnings"]] == [True]
    assert with_font["Warnings"] == []
    assert without["PlanHash"] != with_font["PlanHash"]
