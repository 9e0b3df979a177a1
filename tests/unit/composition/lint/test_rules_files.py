from pathlib import Path

import pytest

from hf_lambda.composition.lint.linting import lint_project
from tests.unit.composition.lint.projects import codes, page, places, write

FILES: dict[str, str | bytes] = {"img/Logo.png": b"", "img/a b.png": b"", "main.css": "p { color: red }"}


@pytest.mark.parametrize(
    ("code", "inner"),
    [
        ("missing_local_file", '<img src="img/none.png">'),
        ("missing_local_file", '<img src="img/logo.png">'),
        ("missing_local_file", '<img src="img/Logo.png" srcset="img/Logo.png 1x, img/none.png 2x">'),
        ("missing_local_file", '<video poster="none.png" muted></video>'),
        ("missing_local_file", '<svg><image href="none.png"></image></svg>'),
        ("missing_local_file", '<p style="background: url(none.png)"></p>'),
        ("missing_local_file", "<style>p { background: url('none.png') }</style>"),
        ("missing_local_file", '<script src="none.js"></script>'),
        ("path_leaves_project", '<img src="../../none.png">'),
        ("missing_sub_composition", '<div data-composition-id="b" data-composition-src="none.html"></div>'),
        ("missing_sub_composition", '<div data-composition-id="b" data-composition-src="{{file}}"></div>'),
    ],
)
def test_references_to_nothing_are_found(tmp_path: Path, code: str, inner: str) -> None:
    """A reference that leads to no file gives one finding."""
    assert codes(tmp_path, page(inner), FILES) == [code]


@pytest.mark.parametrize(
    "inner",
    [
        '<img src="img/Logo.png?v=2#x"><img src="/img/Logo.png"><img src="./img/a%20b.png"><img src="img/a b.png">',
        '<img src="https://example.com/a.png"><img src="data:,"><img src="//example.com/a.png"><img src="">',
        '<img src="__LOGO__"><img src="{{logo}}"><a href="none.html">a</a><svg><use href="#none"></use></svg>',
        '<link rel="canonical" href="/none"><link rel="stylesheet" href="main.css">',
        "<style>/* url(none.png) */ p { mask: url(#m); filter: url(data:,) }</style>",
        '<img src="../img/Logo.png">',
    ],
)
def test_references_that_lead_somewhere_are_left_alone(tmp_path: Path, inner: str) -> None:
    """Files that are there, and addresses that are no files, give nothing."""
    assert codes(tmp_path, page(inner), FILES) == []


def test_sub_compositions_refer_from_beside_them_or_from_the_top(tmp_path: Path) -> None:
    """Both conventions are accepted, and what neither finds is named in the sub-composition."""
    images = "\n".join(f'<img src="{url}">' for url in ("beside.png", "img/top.png", "../img/top.png", "none.png"))
    host = '<div data-composition-id="b" data-composition-src="sub/b.html"></div>'
    files: dict[str, str | bytes] = {
        "index.html": page(host),
        "sub/b.html": f'<template><div data-composition-id="b">\n{images}</div></template>',
        "sub/beside.png": b"",
        "img/top.png": b"",
    }
    assert places(tmp_path, files) == [("sub/b.html", 5, "missing_local_file")]


@pytest.mark.parametrize(
    ("url", "hint"),
    [
        ("img/logo.png", "there is img/Logo.png, which differs in case"),
        ("Logo.png", "did you mean img/Logo.png?"),
        ("img/Logos.png", "did you mean img/Logo.png?"),
    ],
)
def test_near_misses_are_suggested(tmp_path: Path, url: str, hint: str) -> None:
    """The file that may be meant is named: in other case, elsewhere, or spelled a little otherwise."""
    write(tmp_path, {**FILES, "index.html": page(f'<img src="{url}">')})
    (finding,) = lint_project(tmp_path, "index.html")
    assert finding.message == f"{url} is not in the project; {hint}"
