"""Entry files of every form in the real page, and what belongs to an entry beside its markup."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.functional.projects import VENDOR
from tests.functional.sites import OpenScreen

pytestmark = pytest.mark.browser

RED, GREEN, BLUE, BLACK, WHITE = (255, 0, 0), (0, 255, 0), (0, 0, 255), (0, 0, 0), (255, 255, 255)
SIZE = 'data-width="64" data-height="64"'


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str, str], Path]:
    """Writes a file of the project and gives the project's folder."""

    def write_one(name: str, text: str) -> Path:
        path = tmp_path / "project" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return tmp_path / "project"

    return write_one


def svg(colour: str) -> str:
    """A picture of one colour."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="64" height="64">'
        f'<rect width="64" height="64" fill="{colour}"/></svg>'
    )


def root(inner: str, attributes: str = "", style: str = "") -> str:
    """A root composition of one second."""
    return (
        f'<div data-composition-id="main" data-no-timeline data-start="0" data-duration="1" {SIZE} {attributes} '
        f'style="{style}">{inner}</div>'
    )


def test_fragment_is_a_page_without_margins(open_screen: OpenScreen, write: Callable[[str, str], Path]) -> None:
    """Markup without html, head and body is shown from the corner of a black page."""
    screen = open_screen(write("index.html", f"<!-- a note -->{root('<p style=background:lime>&nbsp;</p>')}"))
    assert (screen.colour(0, 1, 1), screen.colour(0, 1, 62)) == (GREEN, BLACK)


def test_template_that_nothing_mounts_is_shown_alone(
    open_screen: OpenScreen, write: Callable[[str, str], Path]
) -> None:
    """A composition in a template, as authors write scenes, can be the entry by itself."""
    body = f'<template id="x-template"><style>div{{background:lime}}</style>{root("")}</template>'
    screen = open_screen(
        write("scene.html", f"<!doctype html><html><body>{body}</body></html>"), entryFile="scene.html"
    )
    assert screen.colour(0, 32, 32) == GREEN


def test_scene_is_shown_in_the_place_that_the_film_gives_it(
    open_screen: OpenScreen, write: Callable[[str, str], Path]
) -> None:
    """A template that index.html mounts is shown in its host, from its own beginning, with the film's styles."""
    write(
        "scenes/two.html",
        '<template><div data-composition-id="two" data-no-timeline data-duration="1" style="height:100%">'
        '<i style="position:absolute;inset:0;background:var(--paint)"></i></div></template>',
    )
    host = (
        '<div data-composition-id="two" data-composition-src="scenes/two.html" data-start="8" data-duration="2" '
        f'{SIZE} style="position:absolute;left:32px;top:0"></div>'
    )
    film = root(f'<b style="position:absolute;inset:0;background:red"></b>{host}').replace(
        'data-duration="1"', 'data-duration="10"'
    )
    project = write(
        "index.html", f"<!doctype html><html><style>:root{{--paint:lime}}</style><body>{film}</body></html>"
    )
    screen = open_screen(project, entryFile="scenes/two.html")
    assert screen.site.root.duration_seconds == 1
    assert (screen.colour(0, 8, 8), screen.colour(1, 40, 8)) == (WHITE, GREEN)


def test_entry_in_a_folder_finds_what_lies_beside_it_and_at_the_top(
    open_screen: OpenScreen, write: Callable[[str, str], Path]
) -> None:
    """Pictures, styles, modules and sub-compositions are found by both conventions."""
    write("scenes/beside.svg", svg("red"))
    write("assets/top.svg", svg("lime"))
    write("assets/up.svg", svg("blue"))
    write("assets/twice.svg", svg("blue"))  # a candidate that another element has loaded may be preferred
    write("scenes/look.css", "#styled{background:url('beside.svg')}")
    write(
        "scenes/paint.js",
        "export const paint = (id, colour) => (document.getElementById(id).style.background = colour)",
    )
    write(
        "scenes/part.html",
        '<template><div data-composition-id="part" data-no-timeline data-width="8" data-height="8" '
        'style="background:blue"></div></template>',
    )
    tile = "position:absolute;top:0;width:8px;height:8px;left:"
    project = write(
        "scenes/intro.html",
        "<!doctype html><html><head><link rel=stylesheet href=look.css>"
        "<style>#inline{background:url(beside.svg)}</style></head><body>"
        + root(
            f'<img src="beside.svg" style="{tile}0"><img src="assets/top.svg" style="{tile}8px">'
            f'<img src="../assets/up.svg" style="{tile}16px"><i id="styled" style="{tile}24px"></i>'
            f'<i id="inline" style="{tile}32px"></i><i id="painted" style="{tile}40px"></i>'
            f'<div style="{tile}48px" data-composition-id="part" data-composition-src="scenes/part.html" '
            'data-start="0" data-duration="1"></div>'
            f'<img srcset="beside.svg 1x, ../assets/twice.svg 2x" style="{tile}56px">'
        )
        + '<script type="module">import {paint} from "./paint.js"; paint("painted", "lime")</script></body></html>',
    )
    screen = open_screen(project, entryFile="scenes/intro.html")
    picture = screen.frame(0)
    colours = [picture.getpixel((4 + 8 * index, 4)) for index in range(8)]
    assert colours == [RED, GREEN, BLUE, RED, RED, GREEN, BLUE, RED]
    assert screen.missing() == []


def test_right_to_left_documents_are_not_pushed_out_of_the_picture(
    open_screen: OpenScreen, write: Callable[[str, str], Path]
) -> None:
    """dir=rtl on html moves text to the right, not the composition out of sight."""
    body = root('<i style="display:block;width:32px;height:32px;background:lime"></i>', style="background:blue")
    screen = open_screen(write("index.html", f'<!doctype html><html dir="rtl"><body>{body}</body></html>'))
    assert (screen.colour(0, 48, 16), screen.colour(0, 16, 16)) == (GREEN, BLUE)


def test_embedded_runtime_is_left_out(open_screen: OpenScreen, write: Callable[[str, str], Path]) -> None:
    """A runtime that an export brought along does not run; a script that speaks of it does."""
    write("hyperframe.runtime.iife.js", "document.documentElement.dataset.ran = 'yes'")
    project = write(
        "index.html",
        "<!doctype html><html><head><style>i{display:block;height:32px;background:lime}"
        "[data-ran] i{background:red}</style>"
        '<script src="./hyperframe.runtime.iife.js?v=1"></script>'
        "<script data-hyperframes-preview-runtime>document.documentElement.dataset.ran = 'yes'</script></head><body>"
        + root("<i></i><b id=b style='display:block;height:32px'></b>")
        + "<script>/* waits for window.__playerReady = true */ b.style.background = 'blue'</script></body></html>",
    )
    screen = open_screen(project)
    assert (screen.colour(0, 8, 8), screen.colour(1, 8, 40)) == (GREEN, BLUE)


def test_animations_of_embedded_documents_follow_the_seek(
    open_screen: OpenScreen, write: Callable[[str, str], Path]
) -> None:
    """CSS animations and animation frames of an iframe of this origin, and of a srcdoc one, are at the frame's time."""
    moving = "position:absolute;top:0;left:0;width:8px;height:8px;background:"
    write(
        "child.html",
        "<style>@keyframes k{to{left:32px}}</style>"
        f'<i style="{moving}lime;animation:k 1s linear"></i><b id="b" style="{moving}red;top:8px"></b>'
        "<script>const f = (ms) => { b.style.left = ms / 1000 * 32 + 'px'; requestAnimationFrame(f); };"
        "requestAnimationFrame(f)</script>",
    )
    frame = '<iframe style="position:absolute;left:0;top:{}px;border:0;width:64px;height:32px" {}></iframe>'
    nested = "<iframe style='border:0;position:absolute;left:0;top:0' src='/child.html'></iframe>"
    body = root(frame.format(0, 'src="child.html"') + frame.format(32, f'srcdoc="{nested}"'))
    screen = open_screen(write("index.html", f"<!doctype html><html><body>{body}</body></html>"))
    picture = screen.frame(15)
    assert [picture.getpixel((20, y)) for y in (4, 12, 36, 44)] == [GREEN, RED, GREEN, RED]
    assert picture.getpixel((12, 4)) == WHITE


def test_studio_edits_move_what_animations_move(open_screen: OpenScreen, write: Callable[[str, str], Path]) -> None:
    """Dragged elements stay dragged at every frame, on top of the author's animation or in its place."""
    project = write("gsap.min.js", (VENDOR / "gsap.min.js").read_text())
    tile = "position:absolute;left:0;width:8px;height:8px;background:lime;top:"
    body = root(
        f'<i id="a" data-x="16" data-hf-edit-base-x="0" style="{tile}0"></i>'
        f'<i id="b" data-hf-studio-path-offset="true" style="--hf-studio-offset-x:8px;{tile}16px"></i>'
        f'<i id="c" data-hf-studio-motion=\'{{"start":0,"duration":1,"from":{{"x":0}},"to":{{"x":32}}}}\' '
        f'style="{tile}32px"></i>'
    ).replace("data-no-timeline", "")
    script = (
        "const tl = gsap.timeline({paused: true}); tl.to('#a,#b', {x: 32, duration: 1, ease: 'none'});"
        "window.__timelines = {main: tl};"
    )
    write(
        "index.html",
        f'<!doctype html><html><head><script src="gsap.min.js"></script></head><body>{body}'
        f"<script>{script}</script></body></html>",
    )
    picture = open_screen(project).frame(15)
    assert [picture.getpixel(place) for place in ((36, 4), (12, 20), (20, 36))] == [GREEN, GREEN, GREEN]


def test_mounts_of_one_file_paint_with_their_own_gradients(
    open_screen: OpenScreen, write: Callable[[str, str], Path]
) -> None:
    """Ids that SVG refers to are kept apart, and styles and scripts still find them by the names they have."""
    write(
        "part.html",
        '<template><div data-composition-id="part" data-no-timeline><style>#shape{opacity:var(--seen)}</style>'
        '<svg width="16" height="32"><linearGradient id="paint"><stop stop-color="var(--paint)"/></linearGradient>'
        '<rect id="shape" width="16" height="8" fill="url(#paint)"/><use href="#shape" y="16"/></svg></div>'
        '<script>document.querySelector("#shape").setAttribute("width", 8);'
        'document.getElementById("shape").setAttribute("height", 4)</script></template>',
    )
    host = (
        '<div data-composition-id="part" data-composition-src="part.html" data-start="0" data-duration="1" '
        'style="position:absolute;top:0;left:{}px;--paint:{};--seen:1"></div>'
    )
    body = root(host.format(0, "red") + host.format(16, "lime"))
    picture = open_screen(write("index.html", f"<!doctype html><html><body>{body}</body></html>")).frame(0)
    assert [picture.getpixel((x, y)) for x in (4, 20) for y in (2, 18)] == [RED, RED, GREEN, GREEN]
    assert [picture.getpixel(place) for place in ((20, 6), (28, 2))] == [WHITE, WHITE]
