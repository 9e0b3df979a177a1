"""Inlined sub-compositions in the real browser: what they paint, read off the middle of coloured tiles."""

import io
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import pytest
from PIL import Image

from hf_lambda.capture.chromium import Browser
from hf_lambda.capture.flags import chromium_flags
from hf_lambda.capture.page import Page, PageSpec
from hf_lambda.capture.page_scripts import RUNTIME_PATH, PageSettings
from hf_lambda.capture.server import PageServer
from hf_lambda.capture.shutter import PictureFormat
from hf_lambda.composition.document import insert_into_head
from hf_lambda.composition.inlining import inline_sub_compositions
from hf_lambda.deadline import Deadline
from hf_lambda.settings import Settings
from hf_lambda.toolchain import Toolchain, locate_toolchain
from tests.functional.sites import colour_at

pytestmark = pytest.mark.browser

TILE = 40
RED, GREEN, BLUE, WHITE, BLACK = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255), (0, 0, 0)
# What scripts need of GSAP here: a method that takes targets and acts at once.
GSAP = """
window.gsap = {
  set(targets, style) {
    const found = typeof targets === "string" ? document.querySelectorAll(targets) : [targets].flat();
    for (const element of found) Object.assign(element.style, style);
  },
  utils: { toArray: (targets) => Array.from(targets) },
};
"""


@pytest.fixture(scope="module")
def toolchain() -> Toolchain:
    """The toolchain that was set up for this checkout."""
    return locate_toolchain(Settings.from_environment())


@pytest.fixture(scope="module")
def browser(toolchain: Toolchain, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """One browser for all pages."""
    scratch = tmp_path_factory.mktemp("browser")
    browser = Browser(toolchain.chromium_dir, chromium_flags(), scratch, deadline=Deadline(60))
    yield browser
    browser.close()


class Stage:
    """A project whose entry document is a row of tiles, one for each host."""

    def __init__(self, browser: Browser, toolchain: Toolchain, project: Path) -> None:
        self._browser = browser
        self._toolchain = toolchain
        self._project = project
        self._hosts: list[str] = []

    def write(self, name: str, html: str) -> "Stage":
        """A file of the project."""
        path = self._project / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(html)
        return self

    def tile(self, file: str, attributes: str) -> "Stage":
        """A host in the next tile."""
        style = f"position:absolute;top:0;left:{len(self._hosts) * TILE}px;width:{TILE}px;height:{TILE}px"
        self._hosts.append(
            f'<div style="{style}" data-composition-src="{file}" data-start="0" data-duration="1" {attributes}></div>'
        )
        return self

    def paint(self) -> list[tuple[int, ...]]:
        """The colour in the middle of each tile in the first frame, once every script has run without errors."""
        width = TILE * len(self._hosts)
        root = (
            f'<div data-composition-id="root" data-start="0" data-duration="1" data-width="{width}" '
            f'data-height="{TILE}" style="background:#000">{"".join(self._hosts)}</div>'
        )
        entry = f"<!doctype html><html><head><script>{GSAP}</script></head><body>{root}</body></html>"
        inlined = inline_sub_compositions(entry, self._project)
        runtime = f'<script src="/{RUNTIME_PATH}"></script>'
        self.write("inlined.html", insert_into_head(inlined, at_start="", at_end=runtime))
        picture = self._capture(width)
        return [colour_at(picture, x, TILE // 2) for x in range(TILE // 2, width, TILE)]

    def _capture(self, width: int) -> Image.Image:
        settings = PageSettings(Fraction(30), {}, 20)
        with PageServer(self._find) as server:
            spec = PageSpec(f"{server.origin}/inlined.html", width, TILE, PictureFormat("png"), settings)
            page = Page(self._browser, spec, deadline=Deadline(60))
            report = page.load()
            picture = page.capture(0)
            page.close()
            assert report.script_errors == []
            assert not server.missing
        return Image.open(io.BytesIO(picture)).convert("RGB")

    def _find(self, path: str) -> Path | None:
        file = self._toolchain.runtime if path == RUNTIME_PATH else self._project / path
        return file if file.is_file() else None


@pytest.fixture
def stage(browser: Browser, toolchain: Toolchain, tmp_path: Path) -> Stage:
    """A project with no tiles yet."""
    return Stage(browser, toolchain, tmp_path)


def scene(name: str, css: str, content: str = "", script: str = "", attributes: str = "") -> str:
    """A sub-composition that fills its tile."""
    return (
        f"<template><style>{css}</style>"
        f'<div data-composition-id="{name}" {attributes}>{content}</div><script>{script}</script></template>'
    )


def test_styles_stay_with_their_mount(stage: Stage) -> None:
    """Equal class names of two scenes do not meet, and each spelling of the own root means the own box."""
    fill = ".x{width:40px;height:40px}"
    stage.write("a.html", scene("a", f"{fill}.x{{background:#f00}}", "<p class=x style='margin:0'></p>"))
    stage.write("b.html", scene("b", f"{fill}.x{{background:#00f}}", "<p class=x style='margin:0'></p>"))
    stage.write("c.html", scene("c", "body{background:#0f0}"))
    stage.write("d.html", scene("d", "#main{background:#0f0}", attributes='id="main"'))
    stage.write("e.html", scene("e", '[data-composition-id="e"][data-start="0"]{background:#0f0}'))
    for name in "abcde":
        stage.tile(f"{name}.html", f'data-composition-id="{name}"')
    assert stage.paint() == [RED, BLUE, GREEN, GREEN, GREEN]


def test_styles_of_drawings_are_read_as_markup(stage: Stage) -> None:
    """A scene's inline SVG is painted by the stylesheet that a drawing program wrapped in a CDATA section."""
    style = "<style type='text/css'><![CDATA[ .st0{fill:#0f0} ]]></style>"
    stage.write("a.html", scene("a", "", f"<svg width=40 height=40>{style}<rect class=st0 width=40 height=40 /></svg>"))
    assert stage.tile("a.html", 'data-composition-id="a"').paint() == [GREEN]


def test_mounts_of_one_file_have_their_own_values_and_elements(stage: Stage) -> None:
    """Each mount's script reads its own variables and changes its own elements, by class, id and name."""
    script = """
      const { colour } = window.__hyperframes.getVariables();
      document.querySelector('[data-composition-id="a"] .x').style.background = colour;
      gsap.set(".y", { background: "var(--colour)" });
      document.getElementById("main").style.overflow = "hidden";
      gsap.set("#main > .z", { background: colour });
    """
    part = "<p class={} style='margin:0;width:40px;height:14px'></p>"
    declared = """id="main" data-composition-variables='[{"id": "colour", "type": "color", "default": "#f00"}]'"""
    stage.write("a.html", scene("a", "", "".join(part.format(name) for name in "xyz"), script, declared))
    for values in ("", '{"colour": "#0f0"}', '{"colour": "#00f"}'):
        stage.tile("a.html", f"data-composition-id=\"a\" data-variable-values='{values}'")
    assert stage.paint() == [RED, GREEN, BLUE]


def test_scenes_in_scenes_and_without_names(stage: Stage) -> None:
    """Depth does not matter, nor whether the host says what it mounts."""
    inner = '<div style="height:40px" data-composition-id="{0}" data-composition-src="{0}.html" data-start="0"></div>'
    stage.write("a.html", scene("a", "", inner.format("b"))).write("b.html", scene("b", "", inner.format("c")))
    colour = 'document.querySelector(".x").style.background = "#0f0"'
    stage.write("c.html", scene("c", ".x{height:40px}", "<p class=x style='margin:0'></p>", colour))
    stage.tile("a.html", 'data-composition-id="a"').tile("c.html", "")
    assert stage.paint() == [GREEN, GREEN]


def test_mounts_without_names_have_their_own_values_elements_and_timelines(stage: Stage) -> None:
    """Neither another mount of the file nor the page, though their roots share a name, is taken for them."""
    script = """
      const { colour } = window.__hyperframes.getVariables();
      document.querySelector(".x").style.background = colour;
      const own = { duration: () => 1, pause() {}, time() {}, totalTime() {}, seek() {} };
      __timelines["NAME"] = own;
      const id = document.querySelector(".x").closest("[data-composition-id]").dataset.compositionId;
      if (window.top.__timelines[id] !== own) gsap.set(".x", { background: "#f00" });
      // The runtime would seek them.
      const registry = window.top.__timelines;
      document.addEventListener("readystatechange", () => [id, "NAME"].forEach((name) => delete registry[name]));
    """
    for name in ("card", "root"):
        stage.write(
            f"{name}.html",
            scene(
                name, ".x{height:40px;margin:0}", "<p class=x></p>", script.replace("NAME", name), "data-no-timeline"
            ),
        )
    for name, colour in (("card", "#0f0"), ("card", "#00f"), ("root", "#fff")):
        stage.tile(f"{name}.html", f'data-variable-values=\'{{"colour": "{colour}"}}\'')
    assert stage.paint() == [GREEN, BLUE, WHITE]


def test_files_beside_a_scene_are_found(stage: Stage) -> None:
    """Pictures, stylesheets and libraries of a whole document are loaded from where it lies."""
    stage.write("deep/fill.css", ".sheet{background:#0f0;height:40px}").write("deep/lib.js", "window.fill = '#0f0'")
    picture = (
        '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="40"><path fill="#0f0" d="M0 0h40v40H0z"/></svg>'
    )
    stage.write("deep/fill.svg", picture)
    head = '<head><link rel="stylesheet" href="fill.css"><script src="lib.js"></script></head>'
    for name, content in {
        "a": '<div class="sheet"></div>',
        "b": '<img src="fill.svg" style="display:block">',
        "c": '<div style="height:40px;background:url(fill.svg)"></div>',
        "d": '<div id="x" style="height:40px"></div>',
    }.items():
        script = "<script>gsap.set('#x', { background: window.fill })</script>" if name == "d" else ""
        body = f'<body><div data-composition-id="{name}">{content}</div>{script}</body>'
        stage.write(f"deep/{name}.html", f"<html>{head}{body}</html>").tile(
            f"deep/{name}.html", f'data-composition-id="{name}"'
        )
    assert stage.paint() == [GREEN] * 4


def test_scripts_are_written_as_their_authors_like(stage: Stage) -> None:
    """A script may declare what it is given, be strict, use modules' syntax in a module, and set the title."""
    fill = "document.querySelector('.x').style.background = '#0f0'"
    stage.write(
        "a.html", scene("a", "", "<p class=x style='height:40px'></p>", f"'use strict'; const gsap = 1; {fill}")
    )
    stage.write("b.html", scene("b", "", "<p class=x style='height:40px'></p>", f"document.title = 'b'; {fill}"))
    module = (
        "<p class=z style='height:40px'></p><script type=module>const { c } = __hyperframes.getVariables(); {}</script>"
    )
    set_colour = "document.querySelector('.z').style.background = c;"
    stage.write("c.html", scene("c", "", module.replace("{}", set_colour)))
    stage.tile("a.html", 'data-composition-id="a"').tile("b.html", 'data-composition-id="b"')
    stage.tile("c.html", 'data-composition-id="c" data-variable-values=\'{"c": "#0f0"}\'')
    assert stage.paint() == [GREEN] * 3


def test_timelines_are_found_under_the_runtime_name(stage: Stage) -> None:
    """Each mount's registration, however it is spelled, counts for that mount, and reads back as its own."""
    script = """
      window.__timelines = window.__timelines || {};
      const before = window.__timelines["a"];
      const timeline = { mark: Math.random(), duration: () => 1, pause() {}, time() {}, totalTime() {}, seek() {} };
      __timelines["a"] = timeline;
      const id = document.querySelector(".x").closest("[data-composition-id]").dataset.compositionId;
      const registry = window.top.__timelines;
      const isOwn = before === undefined && window.__timelines["a"] === timeline && registry[id] === timeline;
      gsap.set(".x", { background: isOwn ? "#0f0" : "#f00" });
      // The runtime would seek them.
      document.addEventListener("readystatechange", () => [id, "a"].forEach((name) => delete registry[name]));
    """
    stage.write("a.html", scene("a", "", "<p class=x style='height:40px;margin:0'></p>", script))
    stage.tile("a.html", 'data-composition-id="a" data-no-timeline').tile(
        "a.html", 'data-composition-id="a" data-no-timeline'
    )
    assert stage.paint() == [GREEN, GREEN]
