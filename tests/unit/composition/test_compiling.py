import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from hf_lambda.composition.compiling import CompiledSite, compile_project
from hf_lambda.composition.document import Root
from hf_lambda.config import parse_config
from hf_lambda.errors import (
    COMPOSITION_ROOT_MISSING,
    COMPOSITION_SIZE_OUT_OF_RANGE,
    EMPTY_COMPOSITION,
    ENTRY_FILE_NOT_FOUND,
    INVALID_CONFIG,
    HfLambdaError,
)

HEAD = "<title>t</title><script src='gsap.js'></script>"
BODY = '<div data-composition-id="main" data-width="640" data-height="360" data-duration="5">ü</div>'
PAGE = f"<!doctype html><html><head>{HEAD}</head><body>{BODY}</body></html>"
SCENE = '<template><div data-composition-id="scene" data-width="640" data-height="360">s</div></template>'


@pytest.fixture
def fonts_dir(tmp_path: Path) -> Path:
    """A catalogue of one family."""
    folder = tmp_path / "fonts"
    folder.mkdir()
    face = {"file": "inter.woff2", "weight": "400", "style": "normal", "unicode_range": "U+0-FF"}
    (folder / "fonts.json").write_text(json.dumps({"inter": [face]}))
    return folder


class Project:
    """A project folder that can be compiled."""

    def __init__(self, folder: Path, fonts_dir: Path) -> None:
        self.folder = folder
        self._fonts_dir = fonts_dir
        folder.mkdir()

    def write(self, name: str, text: str | bytes) -> "Project":
        """Add a file."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return self

    def compile(self, **config: Any) -> CompiledSite:
        """Compile the project."""
        return compile_project(
            self.folder,
            parse_config(config),
            fonts_dir=self._fonts_dir,
            fonts_url="/f",
            runtime_url="/runtime.js",
        )

    def page(self, name: str = "index.html") -> str:
        """The entry document as it is now."""
        return (self.folder / name).read_text("utf-8")


@pytest.fixture
def project(tmp_path: Path, fonts_dir: Path) -> Project:
    """An empty project."""
    return Project(tmp_path / "project", fonts_dir)


def test_site_knows_its_root(project: Project) -> None:
    """A compiled project is its own folder, with what the entry document says of itself."""
    site = project.write("index.html", PAGE).compile()
    assert (site.folder, site.root) == (project.folder, Root("main", 640, 360, 5.0))


def test_fonts_come_first_and_the_runtime_last_in_the_head(project: Project) -> None:
    """The author's head stays whole between what is added before and after it."""
    project.write("index.html", PAGE).compile()
    head = project.page().partition("<head>")[2].partition("</head>")[0]
    before, author, after = head.partition(HEAD)
    assert author == HEAD
    assert before.startswith('<meta charset="utf-8"><style')
    assert "text-rendering:geometricPrecision" in before
    assert after.rstrip().endswith('<script src="/runtime.js"></script>')


def test_body_of_a_single_composition_is_not_touched(project: Project) -> None:
    """What the author wrote outside the head stays byte for byte."""
    project.write("index.html", PAGE).compile()
    assert project.page().endswith(f"</head><body>{BODY}</body></html>")
    assert project.page().startswith("<!doctype html><html><head>")


@pytest.mark.parametrize("name", ["index.html", "style.css", "lib/app.js", "lib/app.MJS", "scenes/a.htm", "logo.svg"])
def test_family_named_in_any_source_is_embedded(project: Project, name: str) -> None:
    """Fonts are looked for in every text that can draw."""
    project.write("index.html", PAGE)
    project.write(name, f"<!-- Inter -->{PAGE}" if name == "index.html" else "Inter").compile()
    assert 'url("/f/inter.woff2")' in project.page()


@pytest.mark.parametrize("name", ["notes.md", "data.json", "photo.png"])
def test_family_named_elsewhere_is_not_embedded(project: Project, name: str) -> None:
    """Files that draw no text do not bring fonts in."""
    project.write("index.html", PAGE).write(name, "Inter").compile()
    assert "inter.woff2" not in project.page()


def test_byte_order_mark_and_bad_bytes_are_survived(project: Project) -> None:
    """A document with a mark in front, or with bytes that are no UTF-8, is read all the same."""
    project.write("index.html", b"\xef\xbb\xbf" + PAGE.encode()).write("style.css", b"\xff\xfe Inter")
    assert project.compile().root.composition_id == "main"
    assert project.page().startswith("<!doctype html>")


@pytest.mark.parametrize("entry", ["main.html", "scenes/ü main.html"])
def test_another_entry_file_is_compiled(project: Project, entry: str) -> None:
    """The entry file of the configuration is rewritten, and index.html is not."""
    site = project.write("index.html", "untouched").write(entry, PAGE).compile(entryFile=entry)
    assert "/runtime.js" in project.page(site.entry_file)
    assert "/" not in site.entry_file
    assert project.page() == "untouched"


@pytest.mark.parametrize("entry", ["index.html", "scenes", "scenes/none.html"])
def test_missing_entry_file_is_named(project: Project, entry: str) -> None:
    """A project without its entry document is refused by its name, a folder of that name too."""
    project.write("scenes/other.html", PAGE)
    with pytest.raises(ENTRY_FILE_NOT_FOUND, match=f"the project has no {entry}"):
        project.compile(entryFile=entry)


def test_entry_file_that_no_disk_can_hold_is_an_error_of_the_table(project: Project) -> None:
    """A name longer than file systems allow is not found either."""
    project.write("index.html", PAGE)
    with pytest.raises(HfLambdaError):
        project.compile(entryFile="a" * 300)


def test_document_without_a_composition_is_refused(project: Project) -> None:
    """A page without a root composition cannot be rendered."""
    with pytest.raises(COMPOSITION_ROOT_MISSING, match=r"index\.html"):
        project.write("index.html", "<p>hello</p>").compile()


def test_size_that_cannot_be_rendered_is_refused(project: Project) -> None:
    """An odd size is refused before anything is rendered."""
    with pytest.raises(COMPOSITION_SIZE_OUT_OF_RANGE, match="data-width is 641"):
        project.write("index.html", PAGE.replace("640", "641")).compile()


@pytest.mark.parametrize(("field", "pixels"), [("width", 1920), ("height", 1080)])
def test_size_that_disagrees_is_refused(project: Project, field: str, pixels: int) -> None:
    """A configured size is a check of the composition's, not a wish."""
    with pytest.raises(INVALID_CONFIG, match=rf"Config\.{field} is {pixels}, but the composition's is"):
        project.write("index.html", PAGE).compile(**{field: pixels})


def test_size_that_agrees_is_accepted(project: Project) -> None:
    """The composition's own size may be given."""
    assert project.write("index.html", PAGE).compile(width=640, height=360).root.width == 640


def with_host(source: str) -> str:
    """A page with a host for a sub-composition."""
    host = f'<div data-composition-id="scene" data-composition-src="{source}" data-start="0" data-duration="1"></div>'
    return PAGE.replace("ü", host)


@pytest.mark.parametrize(
    "source", ["none.html", "scenes/none.html", "scenes", "../fonts/fonts.json", "/../fonts/fonts.json", "x" * 300]
)
def test_missing_sub_composition_is_named(project: Project, source: str) -> None:
    """A sub-composition that is not a file of the project is refused by its path."""
    project.write("scenes/a.html", SCENE).write("index.html", with_host(source))
    with pytest.raises(EMPTY_COMPOSITION, match=source.rsplit("/", 1)[-1][:50]):
        project.compile()


@pytest.mark.parametrize("text", ["", " \n\t"])
def test_empty_sub_composition_is_named(project: Project, text: str) -> None:
    """A sub-composition with nothing in it is refused by its path."""
    project.write("scenes/a.html", text).write("index.html", with_host("scenes/a.html"))
    with pytest.raises(EMPTY_COMPOSITION, match=r"scenes/a\.html"):
        project.compile()


@pytest.mark.parametrize(
    ("source", "file"),
    [
        ("scenes/a.html", "scenes/a.html"),
        ("/scenes/a.html", "scenes/a.html"),
        ("./scenes/a.html", "scenes/a.html"),
        ("scenes/a.html?v=2#part", "scenes/a.html"),
        ("scenes/a%20b.html", "scenes/a b.html"),
    ],
)
def test_sub_composition_is_found_as_a_url(project: Project, source: str, file: str) -> None:
    """A source is a URL: slashes in front, queries and escapes lead to the same file."""
    site = project.write(file, SCENE).write("index.html", with_host(source)).compile()
    assert site.root.composition_id == "main"


@pytest.mark.parametrize("source", ["https://example.com/a.html", "{{scene}}.html", "${scene}.html"])
def test_source_that_is_not_a_file_yet_is_left_alone(project: Project, source: str) -> None:
    """Remote sources and placeholders that a script fills are not looked for."""
    project.write("index.html", with_host(source)).compile()
    assert f'data-composition-src="{source}"' in project.page()


def _page_of(part: Callable[[int], str], count: int, *, container: str = "{}") -> str:
    parts = "\n".join(map(part, range(count)))
    return PAGE.replace("ü</div>", f"{container.format(parts)}</div>")


LARGE_PAGES: dict[str, Callable[[int], str]] = {
    "elements": lambda count: _page_of(lambda n: f'<p class="c{n}" style="left:{n}px"><b>{n}</b></p>', count),
    "clips": lambda count: _page_of(
        lambda n: f'<p class="clip" id="c{n}" data-start="1" data-duration="2">x</p>', count
    ),
    "rules": lambda count: _page_of(
        lambda n: f".c{n}:hover {{ margin: {n}px; transform: none }}", count, container="<style>{}</style>"
    ),
    "statements": lambda count: _page_of(
        lambda n: f'tl.to("#c{n}", {{ x: {n}, duration: 1 }}, {n});', count, container="<script>{}</script>"
    ),
    "paths": lambda count: _page_of(
        lambda n: f'<path id="p{n}" fill="url(#p{n})" d="M0 0L{n} 1" />', count, container="<svg>{}</svg>"
    ),
    "pictures": lambda count: _page_of(lambda n: f'<img src="{n}.png" alt="">', count),
}


@pytest.mark.parametrize("kind", LARGE_PAGES)
def test_work_grows_with_the_page_and_not_faster(tmp_path: Path, fonts_dir: Path, kind: str) -> None:
    """A page of thrice the size takes thrice the work, counted in calls: a large one is slow, not hopeless."""

    def work(count: int) -> int:
        project = Project(tmp_path / str(count), fonts_dir).write("index.html", LARGE_PAGES[kind](count))
        calls = 0

        def count_call(_: FrameType, event: str, __: object) -> None:
            nonlocal calls
            calls += event in ("call", "c_call")

        before = sys.getprofile()
        sys.setprofile(count_call)
        try:
            project.compile()
        finally:
            sys.setprofile(before)
        return calls

    work(10)  # what is made once in a process
    assert work(1200) < 3.5 * work(400)


def test_file_without_a_name_is_left_out(project: Project) -> None:
    """A name that is not UTF-8 can be in no plan; the site has all else, and a warning."""
    site = project.write("index.html", PAGE).write(os.fsdecode(b"caf\xe9.png"), b"x").compile()
    assert site.warnings == ("left out, because its name is not UTF-8: caf\ufffd.png",)
    assert [path.name for path in site.folder.iterdir()] == ["index.html"]
