import hashlib
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hf_lambda.composition.fetching import Fetcher, FetchLimits
from hf_lambda.composition.google_fonts import FontService
from hf_lambda.composition.remote_assets import RemoteAssets
from hf_lambda.deadline import Deadline
from hf_lambda.errors import (
    ASSET_FETCH_FAILED,
    ASSET_FETCH_UNAVAILABLE,
    ASSET_REFUSED,
    FONT_FETCH_FAILED,
    FONT_FETCH_UNAVAILABLE,
)
from tests.web import Answer, Web

PNG = b"\x89PNG\r\n\x1a\nrest"
Make = Callable[..., RemoteAssets]


@pytest.fixture
def make(tmp_path: Path, web: Web) -> Make:
    """Makes the remote assets of the project in `tmp_path / "site"`, whose font service is `web`."""
    (tmp_path / "site").mkdir()

    def build(*, fail_closed: bool = True, private: bool = True, **options: Any) -> RemoteAssets:
        limits = FetchLimits(attempt_seconds=5, retry_delay_seconds=0.01)
        fetcher = Fetcher(tmp_path / "parts", limits, deadline=Deadline(60), allow_private=private)
        fonts = FontService(fetcher, web.url, lambda name: name == "Inter", lambda: frozenset(b"abc"), fail_closed)
        return RemoteAssets(tmp_path / "site", fetcher, fonts, **options)

    return build


@pytest.fixture
def site(tmp_path: Path, make: Make) -> Path:
    """The project's folder."""
    return tmp_path / "site"


def name_of(contents: bytes, suffix: str) -> str:
    """The name of a file with these contents."""
    return f"/_remote/{hashlib.sha256(contents).hexdigest()[:16]}{suffix}"


def test_each_file_is_fetched_once_and_named_by_its_contents(web: Web, make: Make, site: Path) -> None:
    """References in tags, attributes and styles lead to one file; queries and fragments do not matter."""
    picture, script = web.put("/a.png?v=1", PNG, "image/png"), web.put("/lib.js", "let a", "text/javascript")
    html = f"<script defer src='{script}'></script><img src='{picture}'>"
    html += f"<p style='b:url({picture}#x)'><style>q{{r:url({picture})}}</style>"
    name = name_of(PNG, ".png")
    assert make().localise(html, "index.html") == (
        f'<script defer src="{name_of(b"let a", ".js")}"></script><img src="{name}">'
        f'<p style="b:url(&quot;{name}#x&quot;)"><style>q{{r:url("{name}")}}</style>'
    )
    assert (site / name[1:]).read_bytes() == PNG
    assert sorted(web.requests) == ["/a.png?v=1", "/lib.js"]


def test_nothing_remote_changes_nothing(make: Make, site: Path) -> None:
    """A project whose files are all its own comes out byte for byte."""
    (site / "a.css").write_text("p { b: url(a.png) }")
    (site / "a.png").write_bytes(PNG)
    html = "<link rel=stylesheet href=a.css><IMG SRC=a.png><a href='https://elsewhere.example/'>link</a>"
    assets = make()
    assert assets.localise(html, "index.html") == html
    assert (assets.warnings, sorted(path.name for path in site.iterdir())) == ([], ["a.css", "a.png"])


def test_stylesheets_bring_what_they_refer_to(web: Web, make: Make, site: Path) -> None:
    """Imports, fonts and pictures of a fetched stylesheet are found from where it was, and come along."""
    web.put("/css/deep/more.css", "i { j: url(../../pic.svg#a) }", "text/css")
    web.put("/pic.svg", "<svg/>", "image/svg+xml")
    web.put("/css/f.woff2", b"wOF2font", "font/woff2")
    sheet = web.put("/css/a.css", "@import 'deep/more.css'; @font-face { src: url(f.woff2) }", "text/css")
    html = make().localise(f"<link rel=stylesheet href='{sheet}'>", "index.html")
    outer = (site / re.findall(r"/(_remote/\w+\.css)", html)[0]).read_text()
    assert name_of(b"wOF2font", ".woff2") in outer
    inner = (site / re.findall(r"/(_remote/\w+\.css)", outer)[0]).read_text()
    assert inner == f'i {{ j: url("{name_of(b"<svg/>", ".svg")}#a") }}'


def test_modules_bring_their_imports(web: Web, make: Make, site: Path) -> None:
    """A module's relative and rooted imports are fetched too, circles included."""
    web.put("/npm/b.js", "import './a.js'; export default 1", "text/javascript")
    url = web.put("/npm/a.js", "import b from '/npm/b.js'; import three from 'three'", "text/javascript")
    html = make().localise(f"<script type=module>import '{url}'</script>", "index.html")
    first = (site / re.findall(r"/(_remote/\w+\.js)", html)[0]).read_text()
    second = re.findall(r"'/(_remote/\w+\.js)'", first)[0]
    assert "from 'three'" in first
    assert re.findall(r"/(_remote/\w+\.js)", html)[0] in (site / second).read_text()
    assert sorted(web.requests) == ["/npm/a.js", "/npm/b.js"]


def test_local_stylesheets_and_modules_are_rewritten(web: Web, make: Make, site: Path) -> None:
    """Remote references of the project's own linked and imported files are fetched; files nobody uses stay."""
    url = web.put("/a.png", PNG, "image/png")
    (site / "css").mkdir()
    (site / "css" / "a.css").write_text("@import 'b.css';")
    (site / "css" / "b.css").write_text(f"p {{ b: url({url}) }}")
    (site / "unused.css").write_text("p { b: url(http://127.0.0.1:9/none.png) }")
    html = "<link rel=stylesheet href='css/a.css?v=2'>"
    assets = make()
    assert assets.localise(html, "index.html") == html
    assert (site / "css" / "b.css").read_text() == f'p {{ b: url("{name_of(PNG, ".png")}") }}'
    assert len(assets.stylesheets()) == 2


@pytest.mark.parametrize(
    ("html", "warning"),
    [
        ("<img src='img/none.png'>", "img/none.png, which scenes/main.html refers to"),
        ("<link rel=stylesheet href='a.css'>", "css/none.woff2, which a.css refers to"),
    ],
)
def test_missing_local_file_is_named_with_who_refers_to_it(html: str, warning: str, make: Make, site: Path) -> None:
    """A warning names the file, and who refers to it by the author's name, though that document lies at the top now."""
    (site / "a.css").write_text("@font-face { src: url(css/none.woff2) } p { b: url('#mask'), url(data:x) }")
    assets = make()
    assets.localise(html, "scenes/main.html")
    assert assets.warnings == [f"not in the project: {warning}"]


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (Answer(status=404), ASSET_FETCH_FAILED),
        (Answer(status=503), ASSET_FETCH_UNAVAILABLE),
        (Answer(b"<!doctype html><h1>Sorry", "text/html"), ASSET_FETCH_FAILED),
        (Answer(status=302, headers={"Location": "http://169.254.169.254/"}), ASSET_REFUSED),
    ],
)
@pytest.mark.parametrize("tag", ["<script src='{}'></script>", "<video src='{}'></video>", "<img src='{}'>"])
def test_file_that_cannot_be_had_ends_the_plan(
    tag: str, answer: Answer, error: type[Exception], web: Web, make: Make
) -> None:
    """The error says what the server did, and names the URL and the file that refers to it."""
    web.answers["/x"] = answer
    with pytest.raises(error, match=rf"{re.escape(web.url)}/x: .*\(for index\.html\)"):
        make().localise(tag.format(f"{web.url}/x?secret=1"), "index.html")


def test_picture_that_cannot_be_had_may_be_a_warning(web: Web, make: Make) -> None:
    """Best effort leaves a broken picture, which no worker tries to fetch again."""
    assets = make(tolerates_pictures=True)
    html = assets.localise(f"<img src='{web.url}/none.png'>", "index.html")
    assert re.fullmatch(r'<img src="/_remote/missing-\w{16}">', html)
    assert [warning.partition(":")[0] for warning in assets.warnings] == ["ASSET_FETCH_FAILED"]
    with pytest.raises(ASSET_FETCH_FAILED):
        make(tolerates_pictures=True).localise(f"<script src='{web.url}/none.js'></script>", "index.html")


def test_private_host_is_refused(web: Web, make: Make) -> None:
    """A project cannot read from its worker's network."""
    with pytest.raises(ASSET_REFUSED, match="HF_LAMBDA_ALLOW_PRIVATE_ADDRESSES"):
        make(private=False).localise(f"<img src='{web.put('/a', PNG)}'>", "index.html")


def test_equal_files_give_equal_sites(web: Web, make: Make, site: Path) -> None:
    """Fetching again gives the same names and the same bytes."""
    web.put("/b.png", PNG, "image/png")
    url = web.put("/a.css", "p { b: url(b.png) }", "text/css")
    html = f"<link rel=stylesheet href='{url}'>"
    first = make().localise(html, "index.html")
    files = {path.name: path.read_bytes() for path in (site / "_remote").iterdir()}
    assert make().localise(html, "index.html") == first
    assert {path.name: path.read_bytes() for path in (site / "_remote").iterdir()} == files


def face(family: str, url: str, unicode_range: str) -> str:
    """A rule as font services write it."""
    return (
        f"@font-face {{ font-family: '{family}'; src: url({url}) format('woff2'); unicode-range: {unicode_range}; }}\n"
    )


def test_font_link_becomes_local_files(web: Web, make: Make, site: Path) -> None:
    """A Google link is asked of the configured service, without bundled families and faces that nothing needs."""
    latin, greek = web.put("/latin", b"wOF2latin", "font/woff2"), web.put("/greek", b"wOF2greek", "font/woff2")
    web.put("/css2", face("Foo", latin, "U+0-FF") + face("Foo", greek, "U+370-3FF"), "text/css")
    link = "https://fonts.googleapis.com/css2?family=Inter:wght@400;700&amp;family=Foo+Bar&amp;display=swap"
    assets = make()
    html = assets.localise(f"<link href='{link}' rel='stylesheet'>", "index.html")
    css = (site / re.findall(r"/(_remote/\w+\.css)", html)[0]).read_text()
    assert re.findall(r"url\(.*?\)", css) == [f'url("{name_of(b"wOF2latin", ".woff2")}")']
    assert sorted(web.requests) == ["/css2?family=Foo+Bar&display=swap", "/latin"]


def test_font_link_to_bundled_families_needs_no_network(web: Web, make: Make) -> None:
    """A bundled family is not fetched, whether it is linked or imported."""
    html = make().localise(
        "<link rel=stylesheet href='https://fonts.googleapis.com/css2?family=Inter'>"
        "<style>@import url('https://fonts.googleapis.com/css?family=Inter:400,700');</style>",
        "index.html",
    )
    assert html == '<link rel=stylesheet href="data:text/css,"><style>@import url("data:text/css,");</style>'
    assert web.requests == []


@pytest.mark.parametrize(("status", "error"), [(400, FONT_FETCH_FAILED), (500, FONT_FETCH_UNAVAILABLE)])
def test_font_service_in_trouble_is_an_error_of_its_own(
    status: int, error: type[Exception], web: Web, make: Make
) -> None:
    """Fonts have codes of their own; where they may fail, the link goes and a warning stays."""
    web.answers["/css2"] = Answer(status=status)
    html = "<link rel=stylesheet href='https://fonts.googleapis.com/css2?family=Foo'>"
    with pytest.raises(error, match=f"answered {status}"):
        make().localise(html, "index.html")
    assets = make(fail_closed=False)
    assert "data:text/css," in assets.localise(html, "index.html")
    assert [warning.partition(":")[0] for warning in assets.warnings] == [error.__name__]


def test_family_is_asked_for_in_two_ways(web: Web, make: Make) -> None:
    """A service that refuses the list of weights is asked for the family as it comes; one that has none gives none."""
    latin = web.put("/latin", b"wOF2latin", "font/woff2")
    web.put("/css2?family=Foo+Bar", face("Foo Bar", latin, "U+0-FF"), "text/css")
    assets = make()
    assert name_of(b"wOF2latin", ".woff2") in (assets.family_css("Foo Bar") or "")
    assert web.requests[0].startswith("/css2?family=Foo+Bar:ital,wght@0,100;0,200")
    assert assets.family_css("Nobody") is None
    web.answers["/css2"] = Answer(status=500)
    with pytest.raises(FONT_FETCH_UNAVAILABLE):
        make(fail_closed=False).family_css("Down")
