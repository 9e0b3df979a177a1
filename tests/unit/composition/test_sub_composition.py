"""What of a file is its composition."""

from pathlib import Path

import pytest

from hf_lambda.composition.asset_paths import AssetPaths
from hf_lambda.composition.sub_composition import SubComposition

ROOT = '<i id="r" data-composition-id="a">1</i>'


@pytest.mark.parametrize(
    "html",
    [
        f"<template>{ROOT}</template>",
        f"<html data-composition-id=a><body><template>{ROOT}</template></body></html>",
        f"<body data-composition-id=a><template>{ROOT}</template></body>",
        f"<template>other</template><template>{ROOT}</template>",
        f"<body>{ROOT}</body>",
        ROOT,
    ],
)
def test_content_is_where_the_composition_lies(tmp_path: Path, html: str) -> None:
    """In its template, even where html or body carry an id of their own, else in the body, else anywhere."""
    source = SubComposition(html, AssetPaths(tmp_path, "a.html"))
    start, stop = source.content_range()
    assert html[start:stop] == ROOT
    assert [root.attributes["id"] for root in source.roots] == ["r"]
    assert source.ids == {"r"}


def test_template_inside_a_composition_is_its_scripts(tmp_path: Path) -> None:
    """A template that holds no composition, inside of one, is not the content."""
    html = "<body><div data-composition-id=a><template>row</template></div></body>"
    start, stop = SubComposition(html, AssetPaths(tmp_path, "a.html")).content_range()
    assert html[start:stop].startswith("<div")


@pytest.mark.parametrize(("html", "is_blank"), [(" <template>\n</template><p>x", True), ("", True), ("<p>", False)])
def test_blank_content_is_noticed(tmp_path: Path, html: str, is_blank: bool) -> None:
    """A template with nothing in it is blank, whatever stands beside it."""
    source = SubComposition(html, AssetPaths(tmp_path, "a.html"))
    assert source.is_blank == is_blank
    assert source.roots == []


@pytest.mark.parametrize(
    ("html", "css"),
    [
        ("<svg><style><![CDATA[ a > b{} /*&amp;*/ ]]></style></svg>", " a > b{} /*&amp;*/ "),
        ("<svg><g><style>a &gt; b{}<!-- c{} --><![CDATA[d{}]]>e{}</style></g></svg>", "a > b{}d{}e{}"),
        (
            "<svg><foreignObject><style>a::after{content:'&gt;'}</style></foreignObject></svg>",
            "a::after{content:'&gt;'}",
        ),
        ("<style>a::after{content:'&gt;'}</style>", "a::after{content:'&gt;'}"),
    ],
)
def test_style_in_svg_is_markup(tmp_path: Path, html: str, css: str) -> None:
    """Browsers read there what an XML parser would; in HTML, and in HTML inside of SVG, a style is plain text."""
    source = SubComposition(html + ROOT, AssetPaths(tmp_path, "a.html"))
    assert [source.css_of(style) for style in source.assets("style")] == [css]
