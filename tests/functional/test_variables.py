"""Variables on their way into the page: every layer that can set one, and every way in which a page reads one."""

from pathlib import Path
from typing import Any

import pytest

from tests.functional.sites import OpenScreen, Screen

pytestmark = pytest.mark.browser

RED, GREEN, BLUE, WHITE = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)
PICTURE = '<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"><rect width="8" height="8" fill="{}"/></svg>'
TILE = "position:absolute;width:8px;height:8px;top:0;left:"


def declare(default: str) -> str:
    """A declaration of the variable `paint`."""
    return f"""data-composition-variables='[{{"id": "paint", "type": "color", "default": "{default}"}}]'"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Tiles painted by a custom property, by getVariables, by a bound picture, in a scene and in two mounts of it."""
    folder = tmp_path / "project"
    folder.mkdir()
    for colour in ("red", "lime", "blue"):
        (folder / f"{colour}.svg").write_text(PICTURE.format(colour))
    (folder / "scene.html").write_text(
        f"<html {declare('blue')}><body><template><div data-composition-id='scene' data-no-timeline "
        "style='background:var(--paint)'></div></template></body></html>"
    )
    host = (
        '<div style="' + TILE + '{}px" data-composition-id="scene" data-composition-src="scene.html" data-start="0" '
        'data-duration="1" data-width="8" data-height="8" data-variable-values=\'{}\'></div>'
    )
    (folder / "index.html").write_text(
        f"<!doctype html><html {declare('red')}><body>"
        '<div data-composition-id="main" data-no-timeline data-start="0" data-duration="1" data-width="64" '
        'data-height="16"><i style="' + TILE + '0;background:var(--paint)"></i>'
        '<i id="read" style="' + TILE + '8px"></i>'
        '<img data-var-src="picture" src="red.svg" style="'
        + TILE
        + '16px">'
        + host.format(24, "{}")
        + host.format(32, '{"paint": "lime"}')
        + '<b id="text" data-var-text="title">old<u>kept</u></b></div>'
        "<script>read.style.background = window.__hyperframes.getVariables().paint</script></body></html>"
    )
    return folder


def colours(screen: Screen) -> list[Any]:
    """The tiles of the first frame."""
    picture = screen.frame(0)
    return [picture.getpixel((4 + 8 * index, 4)) for index in range(5)]


def test_defaults_are_used_where_nothing_else_is_said(open_screen: OpenScreen, project: Path) -> None:
    """A document's own default, a scene's own, and the one that a host passes to its scene."""
    assert colours(open_screen(project)) == [RED, RED, RED, BLUE, GREEN]


def test_request_wins_in_the_document_and_hosts_in_their_scenes(open_screen: OpenScreen, project: Path) -> None:
    """The request's values reach custom properties, scripts and bound pictures."""
    screen = open_screen(project, variables={"paint": "blue", "picture": "lime.svg"})
    assert colours(screen)[:3] == [BLUE, BLUE, GREEN]
    assert [warning for warning in screen.site.warnings if "paint" in warning] == []
    assert "variables.picture is not declared in data-composition-variables" in screen.site.warnings
