import json
from pathlib import Path
from typing import Any

import pytest

from hf_lambda.composition.resources import RemoteAccess, Resources, fetch_families, gather_resources
from hf_lambda.config import parse_config
from hf_lambda.deadline import Deadline
from hf_lambda.errors import FONT_FETCH_FAILED, FONT_FETCH_UNAVAILABLE, NOT_MEDIA_PAYLOAD
from tests.web import Answer, Web

FACE = "@font-face { font-family: 'Foo'; src: url(%s/foo.woff2) format('woff2'); }"


class Project:
    """A project whose font service is `web`, with a catalogue of Inter and JetBrains Mono."""

    def __init__(self, folder: Path, web: Web) -> None:
        self.folder = folder / "site"
        self.folder.mkdir()
        self._fonts = folder / "fonts"
        self._fonts.mkdir()
        face = {"weight": "400", "style": "normal", "unicode_range": "U+0-FF"}
        catalogue = {name: [{"file": f"{name}.woff2", **face}] for name in ("inter", "jetbrains mono")}
        (self._fonts / "fonts.json").write_text(json.dumps(catalogue))
        self._remote = RemoteAccess(folder / "parts", Deadline(60), allow_private=True, font_service=web.url)

    def gather(self, html: str, *, remote: bool = True, **config: Any) -> Resources:
        """Gather what the document needs."""
        return gather_resources(
            html,
            self.folder,
            parse_config(config),
            font_dirs=[self._fonts],
            fonts_url="/f",
            remote=self._remote if remote else None,
        )


@pytest.fixture
def project(tmp_path: Path, web: Web) -> Project:
    """An empty project."""
    return Project(tmp_path, web)


@pytest.fixture
def foo(web: Web) -> None:
    """The service has one family, Foo."""
    web.put("/foo.woff2", b"wOF2foo", "font/woff2")
    web.put("/css2?family=Foo", FACE % web.url, "text/css")


def style(stack: str) -> str:
    """A document with text in a stack."""
    return f"<style>p {{ font-family: {stack} }}</style>"


@pytest.mark.parametrize("stack", ["Inter", "Arial, sans-serif", "'JetBrains Mono'", "system-ui", "serif"])
def test_bundled_families_need_no_network(stack: str, project: Project, web: Web) -> None:
    """Families, stand-ins and generic names are served from the bundle without a request."""
    gathered = project.gather(style(stack))
    assert "@font-face" in gathered.faces
    assert (web.requests, gathered.warnings) == ([], ())


def test_family_of_the_project_needs_no_network(project: Project, web: Web) -> None:
    """A family with an @font-face rule is the author's affair, in whichever file the rule stands."""
    (project.folder / "own.woff2").write_bytes(b"wOF2")
    (project.folder / "a.css").write_text("@font-face { font-family: Own; src: url(own.woff2) } p { font-family: own }")
    gathered = project.gather("<link rel=stylesheet href=a.css>")
    assert (gathered.faces, web.requests, gathered.warnings) == ("", [], ())


def test_bundled_family_that_only_the_request_names_is_served(project: Project) -> None:
    """A variable of the request names it, and a script of the page sets it."""
    gathered = project.gather("<p>1</p>", variables={"face": {"name": "JetBrains Mono", "source": "bundled"}})
    assert 'font-family:"jetbrains mono"' in gathered.faces


@pytest.mark.usefixtures("foo")
def test_other_families_are_fetched(project: Project) -> None:
    """A family that nobody defines comes from the font service, as a file of the site."""
    gathered = project.gather(style("Foo, sans-serif"))
    assert "/_remote/" in gathered.faces
    assert gathered.warnings == ()
    assert [path.read_bytes() for path in (project.folder / "_remote").glob("*.woff2")] == [b"wOF2foo"]


def test_families_that_nobody_has_are_named(project: Project) -> None:
    """First choices that cannot be had end the plan, all of them in one message."""
    with pytest.raises(FONT_FETCH_FAILED, match="no font family Bar, Nope"):
        project.gather(style("Nope, serif") + style("Bar, Inter"))


def test_later_choices_may_be_missing(project: Project) -> None:
    """A family behind one that is there does no harm; one of an operating system is not even asked for."""
    gathered = project.gather(style("Inter, Nope, 'Apple Color Emoji', sans-serif"))
    assert list(gathered.warnings) == [
        "there is no font family Apple Color Emoji; the next one of its stack is drawn",
        "there is no font family Nope; the next one of its stack is drawn",
    ]


def test_a_value_that_a_variable_has_elsewhere_may_be_missing(project: Project) -> None:
    """Perhaps nothing draws it, so it ends no render."""
    css = "<style>:root { --face: Nope } :root { --face: Inter } p { font-family: var(--face) }</style>"
    assert list(project.gather(css).warnings) == ["there is no font family Nope; the next one of its stack is drawn"]


def test_missing_families_may_be_warnings(project: Project, web: Web) -> None:
    """Without failClosedFontFetch a render goes on, whether the service has not got a family or is not there."""
    gathered = project.gather(style("Nope, serif"), failClosedFontFetch=False)
    assert gathered.warnings == ("there is no font family Nope; the next one of its stack is drawn",)
    web.answers["/css2"] = Answer(status=500)
    (warning,) = project.gather(style("Nope, serif"), failClosedFontFetch=False).warnings
    assert warning.startswith("the font family Nope could not be fetched")


def test_service_that_is_down_is_tried_again_later(project: Project, web: Web) -> None:
    """Trouble of the network has a code that is retried."""
    web.answers["/css2"] = Answer(status=503)
    with pytest.raises(FONT_FETCH_UNAVAILABLE, match="answered 503"):
        project.gather(style("Nope"))
    assert len(web.requests) == 2


def test_without_remote_access_nothing_is_fetched(project: Project, web: Web) -> None:
    """Who compiles without a way to fetch gets the document with its references."""
    html = f"<img src='{web.url}/a.png'>{style('Nope')}"
    gathered = project.gather(html, remote=False)
    assert (gathered.html, web.requests) == (html, [])
    assert len(gathered.warnings) == 1


def test_local_text_in_place_of_media_is_refused(project: Project) -> None:
    """Local media is looked into before anything is fetched."""
    (project.folder / "a.mp4").write_text("<!doctype html>")
    with pytest.raises(NOT_MEDIA_PAYLOAD, match=r"a\.mp4"):
        project.gather("<video src=a.mp4></video>")


def test_rules_of_several_families_are_joined() -> None:
    """Fetched rules come in the order of the families."""
    assert fetch_families({"A": True, "B": False}, lambda name: f"<{name}>", fail_closed=True) == ("<A><B>", [])
