"""Entry files of every form, as text."""

from pathlib import Path

import pytest

from hf_lambda.composition.entry import is_document, is_template_entry, read_entry

ROOT = '<div data-composition-id="main" data-duration="2">x</div>'


def write(folder: Path, **files: str) -> Path:
    """Files of a project; a double underscore in a name is a slash."""
    for name, text in files.items():
        path = folder / f"{name.replace('__', '/')}.html"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<!DOCTYPE html><p>", True),
        ("\n<!-- a --><!-- b -->\n<HTML lang=en>", True),
        ("<html>", True),
        ("<htmlx>", False),
        ("<head></head>", False),
        ("<!-- <html> --><p>", False),
        ("", False),
    ],
)
def test_documents_are_told_from_fragments(html: str, expected: bool) -> None:  # a table of cases
    """Comments and white space in front do not count."""
    assert is_document(html) is expected


def test_document_is_not_touched(tmp_path: Path) -> None:
    """At the top of the project a whole document stays byte for byte."""
    html = f"<!doctype html><body>{ROOT}<img src='../a.png'></body>"
    entry = read_entry(write(tmp_path, index=html), "index.html")
    assert (entry.file, entry.html) == ("index.html", html)


def test_fragment_is_wrapped(tmp_path: Path) -> None:
    """The fragment is the body of a document with a reset."""
    entry = read_entry(write(tmp_path, index=ROOT), "index.html")
    before, _, after = entry.html.partition(ROOT)
    assert "margin:0" in before
    assert after.strip().endswith("</html>")


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        (f"<template>{ROOT}</template>", True),
        (f'<html data-composition-id="main"><body><template>{ROOT}</template>', True),
        (f"{ROOT}<template>{ROOT}</template>", False),
        ("<template></template>", False),
        (ROOT, False),
    ],
)
def test_template_entries_are_told(html: str, expected: bool) -> None:  # a table of cases
    """All compositions are in templates; an id on html only names the file."""
    assert is_template_entry(html) is expected


def test_template_alone_is_unwrapped(tmp_path: Path) -> None:
    """The template that holds the composition goes, what is around it stays; others stay templates."""
    html = f"<html><body><template>other</template><template id=t>{ROOT}</template><p>y</p></body></html>"
    entry = read_entry(write(tmp_path, scene=html), "scene.html")
    assert entry.html == f"<html><body><template>other</template>{ROOT}<p>y</p></body></html>"


def test_mounted_template_is_shown_in_its_host(tmp_path: Path) -> None:
    """Of index.html stay its head, its libraries, its root and the host, which starts at 0."""
    index = (
        '<html><head><style>s</style></head><body class="film"><script src="gsap.js"></script>'
        '<div data-composition-id="film" data-duration="60" data-width="64"><p>other</p>'
        '<div data-composition-id="s" data-composition-src="./scenes/s.html" data-start="7"></div></div>'
        "<script>film()</script></body></html>"
    )
    project = write(tmp_path, index=index, scenes__s=f"<template>{ROOT}</template>")
    entry = read_entry(project, "scenes/s.html")
    assert "/" not in entry.file
    assert entry.html == (
        '<html><head><style>s</style></head><body class="film"><script src="gsap.js"></script>'
        '<div data-composition-id="film" data-duration="2" data-width="64" data-start="0">'
        '<div data-composition-id="s" data-composition-src="./scenes/s.html" data-start="0" data-duration="2"></div>'
        "</div></body></html>"
    )


def test_entry_in_a_folder_gets_the_addresses_of_the_top(tmp_path: Path) -> None:
    """Attributes, styles, modules and import maps; what does not exist beside the entry is left to the top."""
    html = (
        '<html><head><style>@import "b.css"; p{background:url(b.png)}</style>'
        '<script type="importmap">{"imports": {"m": "./m.js"}}</script></head>'
        '<img src="b.png"><img src="top.png"><a href="#x"></a>'
        "<script type=module>import './m.js'; import 'm'</script><script>import_('./m.js')</script></html>"
    )
    project = write(tmp_path, scenes__s=html)
    for name in ("b.css", "b.png", "m.js"):
        (project / "scenes" / name).touch()
    assert read_entry(project, "scenes/s.html").html == (
        '<html><head><style>@import "scenes/b.css"; p{background:url("scenes/b.png")}</style>'
        '<script type="importmap">{"imports": {"m": "./scenes/m.js"}}</script></head>'
        '<img src="scenes/b.png"><img src="top.png"><a href="#x"></a>'
        "<script type=module>import './scenes/m.js'; import 'm'</script><script>import_('./m.js')</script></html>"
    )
