from pathlib import Path

import pytest

from tests.unit.composition.lint.projects import codes, page

ROOT = 'data-composition-id="a" data-width="320" data-height="180" data-duration="2"'


@pytest.mark.parametrize(
    ("code", "document"),
    [
        ("root_missing_id", "<!doctype html><p>hello</p>"),
        ("root_missing_size", '<div data-composition-id="a" data-duration="2" data-width="320"></div>'),
        ("missing_duration_source", '<div data-composition-id="a" data-width="320" data-height="180">x</div>'),
        ("unknown_frame_rate", page("x", root='data-duration="2" data-fps="12"')),
        ("multiple_roots", f'<div {ROOT}></div><div data-composition-id="b"></div><script>"b"</script>'),
        ("root_in_template", f"<template><div {ROOT}></div></template>"),
        ("visible_comment", page("<!-- a <!-- b --> c -->")),
        ("self_closing_tag", page('<video src="data:,"/>')),
        ("self_closing_tag", page("<div class='a'/>")),
        ("duplicate_id", page('<p id="x">a</p><p id="x" data-start="1">b</p>')),
        ("host_without_file", page('<div data-composition-id="b" data-start="0" data-duration="1"></div>')),
    ],
)
def test_faults_of_documents_are_found(tmp_path: Path, code: str, document: str) -> None:
    """A document with one fault gives its one code."""
    assert codes(tmp_path, document) == [code]


@pytest.mark.parametrize(
    "document",
    [
        page("<!-- a --><p>b</p><!-- c\n<div/> -->"),
        page('<img src="data:,"/><br/><svg><g/><path d="M0 0"/></svg>', script='const x = "-->"'),
        f'<html dir="rtl"><body><div {ROOT}></div></body></html>',
        page('<p dir="rtl">a</p><pre>--></pre><p title="-->">b</p>'),
        page('<svg><linearGradient id="g"/></svg><svg><linearGradient id="g"/></svg>'),
        page('<div data-composition-id="b"><p>b</p></div>'),
        page('<div data-composition-id="b"></div><template id="b-template"><p>b</p></template>'),
        page('<div data-composition-id="b"></div>', script='fill("[data-composition-id=b] p", "b")'),
        page('<p data-start="0" data-duration="2">a</p>', root=""),
        page(head="<style>@keyframes k { to { opacity: 0 } }</style>", root=""),
        page(root='data-composition-duration="3"'),
        page("x", root='data-duration="2" data-fps="23.976"'),
        f'<div data-composition-id="b"><p>x</p></div><div data-root="true" {ROOT}></div>',
    ],
)
def test_sound_documents_are_left_alone(tmp_path: Path, document: str) -> None:
    """What a browser shows as written gives nothing."""
    assert codes(tmp_path, document) == []
