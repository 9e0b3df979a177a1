import re
from pathlib import Path

import pytest
from selectolax.lexbor import LexborHTMLParser

from hf_lambda.composition.inlining import inline_sub_compositions
from hf_lambda.composition.markup import scan_elements
from hf_lambda.errors import EMPTY_COMPOSITION


def host(name: str, file: str, *attributes: str) -> str:
    """A host of a file."""
    return f'<div data-composition-id="{name}" data-composition-src="{file}" {" ".join(attributes)}>old</div>'


def scene(name: str, content: str = "", extra: str = "") -> str:
    """A sub-composition's file."""
    return f'<template><div data-composition-id="{name}">{content}</div>{extra}</template>'


def page(body: str, head: str = "") -> str:
    """An entry document."""
    root = f"<div data-composition-id=root>{body}</div>"
    return (
        f"<!DOCTYPE html>\r\n<HTML lang=en><head >{head}</head>\r\n<body>{root}<script>entry()</script></body></HTML>\n"
    )


def write(project: Path, **files: str) -> Path:
    """Files of a project, by the names of their scenes."""
    for name, html in files.items():
        (project / f"{name}.html").write_text(html)
    return project


def test_document_without_hosts_stays(tmp_path: Path) -> None:
    """Where there is nothing to mount, not a byte changes."""
    html = page("<p  class=x>&amp;<br/>ü</p>", "<meta charset=utf-8>")
    assert inline_sub_compositions(html, tmp_path) == html


def test_only_hosts_and_the_ends_of_head_and_body_change(tmp_path: Path) -> None:
    """The author's text is kept byte for byte around what is filled in and added."""
    write(tmp_path, a=scene("a", "new", "<style>.x{}</style><script>1</script>"))
    before, after = page(f"<p>1</p >{host('a', 'a.html')}<P>2", "<title>t</title>").split(host("a", "a.html"))
    inlined = inline_sub_compositions(before + host("a", "a.html") + after, tmp_path)
    added_to_head = inlined[inlined.index("<title>t</title>") + 16 : inlined.index("</head>")]
    added_to_body = inlined[inlined.index("entry()</script>") + 16 : inlined.index("</body>")]
    filled = inlined[inlined.index("</p >") + 5 : inlined.index("<P>2")]
    assert added_to_head == '<style>[data-composition-id="a"] .x {}</style>\n'
    assert added_to_body.startswith("<script>")
    assert filled.startswith('<div data-composition-id="a" data-composition-file="a.html" >')
    assert filled.endswith(">new</div></div>")
    assert inlined.replace(added_to_head, "").replace(added_to_body, "").replace(filled, "") == before + after


def test_hosts_are_filled_to_any_depth(tmp_path: Path) -> None:
    """A sub-composition may mount others, and paths start at the project's top at every level."""
    (tmp_path / "deep").mkdir()
    write(tmp_path, a=scene("a", host("b", "deep/b.html")), c=scene("c", "bottom"))
    write(tmp_path / "deep", b=scene("b", host("c", "c.html")))
    inlined = inline_sub_compositions(page(host("a", "a.html")), tmp_path)
    assert "data-composition-src" not in inlined
    assert re.findall(r'data-composition-file="([^"]+)"', inlined) == ["a.html", "deep/b.html", "c.html"]
    assert ">bottom<" in inlined


@pytest.mark.parametrize(
    ("files", "message"),
    [
        (
            {"a": scene("a", host("b", "b.html")), "b": scene("b", host("a", "./a.html"))},
            r"a\.html -> b\.html -> a\.html",
        ),
        ({"a": scene("a", host("a", "/a.html"))}, r"mounts itself: a\.html -> a\.html"),
        ({"a": scene("a", host("b", "b.html"))}, r"b\.html is not in the project: a\.html -> b\.html"),
        ({"a": " \n"}, r"a\.html has nothing"),
        ({"a": "<template></template><p>x</p>"}, r"a\.html has nothing"),
        ({"a": "<p>x</p>"}, r"a\.html has no element with data-composition-id"),
    ],
)
def test_unusable_file_is_named_with_its_chain(tmp_path: Path, files: dict[str, str], message: str) -> None:
    """A file that mounts itself, is missing or shows nothing stops the plan, and the error says how it was reached."""
    write(tmp_path, **files)
    with pytest.raises(EMPTY_COMPOSITION, match=message):
        inline_sub_compositions(page(host("a", "a.html")), tmp_path)


@pytest.mark.parametrize("source", ["https://host/a.html", "//host/a.html", "__SCENE__", "{{scene}}"])
def test_remote_file_and_placeholder_stay(tmp_path: Path, source: str) -> None:
    """The runtime loads the one, and the other is not for this render."""
    html = page(host("a", source))
    assert inline_sub_compositions(html, tmp_path) == html


def test_host_in_a_template_stays(tmp_path: Path) -> None:
    """What a template holds is not in the document yet; the runtime mounts it."""
    html = page(f"<template id=a-template>{host('a', 'a.html')}</template>")
    assert inline_sub_compositions(html, tmp_path) == html


@pytest.mark.parametrize("open_tag", ["<div class=card>", "<div />", "<b>", "<i class=icon />"])
def test_scene_that_lacks_an_end_tag_ends_with_its_host(tmp_path: Path, open_tag: str) -> None:
    """What a scene leaves open holds nothing of what comes after it."""
    write(tmp_path, a=scene("a", f"<p>1</p>{open_tag}<p>2</p>"), b=scene("b", "<q>3</q>"))
    inlined = inline_sub_compositions(page(host("a", "a.html") + host("b", "b.html")), tmp_path)
    after = LexborHTMLParser(inlined).css_first("[data-composition-id=root] > [data-composition-id=b] > div > q")
    assert after is not None
    assert after.text() == "3"


def test_equal_names_are_told_apart(tmp_path: Path) -> None:
    """Mounts of one name get one name each, on every level, and their own values under it."""
    write(tmp_path, a=scene("a", host("b", "b.html")), b=scene("b"))
    hosts = [host("a", "a.html", f"""data-variable-values='{{"n": {n}}}'""") for n in (1, 2)]
    inlined = inline_sub_compositions(page("".join(hosts) + host("b", "b.html")), tmp_path)
    names = [element.attributes.get("data-composition-id") for element in scan_elements(inlined)]
    assert [name for name in names if name] == ["root", "a__hf1", "b__hf1", "a__hf2", "b__hf2", "b"]
    assert '{"a__hf1": {"n": 1}, "a__hf2": {"n": 2}}' in inlined
    assert '[data-composition-id="a__hf2"] { --n: 2; }' in inlined


def test_host_named_like_the_page_is_renamed(tmp_path: Path) -> None:
    """The page's root keeps its name."""
    write(tmp_path, a=scene("root"))
    assert 'data-composition-id="root__hf1"' in inline_sub_compositions(page(host("root", "a.html")), tmp_path)


def test_hosts_without_a_name_are_told_apart(tmp_path: Path) -> None:
    """They go by what their file says, unless another mount or any element of the page is called that."""
    write(tmp_path, a=scene("a", "", "<style>.x{}</style><script>1</script>"), b=scene("root"))
    tags = [f"""<div data-composition-src=a.html data-variable-values='{{"n": {n}}}'></div>""" for n in (1, 2)]
    inlined = inline_sub_compositions(page("".join(tags) + "<div data-composition-src=b.html></div>"), tmp_path)
    names = [element.attributes.get("data-composition-id") for element in scan_elements(inlined)]
    assert [name for name in names if name] == ["root", "a", "a__hf1", "root__hf1"]
    assert '{"a": {"n": 1}, "a__hf1": {"n": 2}}' in inlined
    assert '<style>[data-composition-id="a__hf1"] .x {}</style>' in inlined
    assert '"authoredId": "a", "runtimeId": "a__hf1"' in inlined


def test_name_that_a_host_wrote_stays_its_own(tmp_path: Path) -> None:
    """A host without one gives way to it, wherever it stands."""
    write(tmp_path, a=scene("a"))
    inlined = inline_sub_compositions(page("<div data-composition-src=a.html></div>" + host("a", "a.html")), tmp_path)
    assert re.findall(r'data-composition-id="(\w+)"', inlined) == ["a__hf1", "a"]


def test_scripts_run_in_the_order_that_they_rely_on(tmp_path: Path) -> None:
    """Remote libraries, values, the library of scopes, then scripts in order, outer mounts first; modules last."""
    write(
        tmp_path,
        a=scene(
            "a", host("b", "b.html"), "<script type=module>m()</script><script>a1()</script><script src=l.js></script>"
        ),
        b=scene("b", "", "<script src=https://x/r.js></script><script src=./l.js></script><script>b1()</script>"),
    )
    body = host("a", "a.html", """data-variable-values='{"n": 1}'""")
    inlined = inline_sub_compositions(page(body), tmp_path)
    marks = ["entry()", "https://x/r.js", "__hfVariablesByComp =", "__hfLambdaScope =", "a1()", "l.js", "b1()", "m()"]
    places = [inlined.index(mark) for mark in marks]
    assert places == sorted(places)
    assert inlined.count("l.js") == 1


@pytest.mark.parametrize("attribute", ["defer", "async"])
def test_mounted_scripts_run_behind_deferred_libraries(tmp_path: Path, attribute: str) -> None:
    """What the document defers comes when all of it is parsed, and the scripts of scenes may need it."""
    write(tmp_path, a=scene("a", "", "<script>a()</script>"))
    library = f'<script {attribute} src="https://cdn.example/gsap.js"></script>'
    app, module = f'<script {attribute} src="app.js"></script>', "<script type=module>chart()</script>"
    inlined = inline_sub_compositions(page(host("a", "a.html"), library + app), tmp_path)
    hoisted = library.replace(f" {attribute}", "")
    places = [inlined.index(mark) for mark in (app, "entry()", hoisted, "a()")]
    assert places == sorted(places)
    assert inlined.count("gsap.js") == 1
    assert library in inline_sub_compositions(page(host("a", "a.html"), module + library), tmp_path)
    without_scripts = page(host("b", "b.html"), f"{library}<template>{library}</template>")
    write(tmp_path, b=scene("b"))
    assert inline_sub_compositions(without_scripts, tmp_path).count(library) == 2


def test_what_the_document_has_is_not_loaded_again(tmp_path: Path) -> None:
    """Libraries and stylesheets are known by their URL."""
    extra = "<script src=../gsap.js></script><script src=gsap.js></script>"
    write(
        tmp_path, a=f"<html><head><link rel=stylesheet href=./s.css></head><body>{scene('a', '', extra)}</body></html>"
    )
    head = "<script src='./gsap.js'></script><link rel=stylesheet href=s.css><link rel=preload href=t.css>"
    inlined = inline_sub_compositions(page(host("a", "a.html"), head), tmp_path)
    assert inlined.count("gsap.js") == 1
    assert inlined.count("s.css") == 1


def test_values_reach_the_page_without_scripts(tmp_path: Path) -> None:
    """The runtime binds text to variables, so the table is there even where no script asks for it."""
    write(tmp_path, a=scene("a", "<b data-var-text=t></b>"))
    inlined = inline_sub_compositions(page(host("a", "a.html", """data-variable-values='{"t": "x"}'""")), tmp_path)
    assert '{"a": {"t": "x"}}' in inlined
    assert "__hfLambdaScope" not in inlined


def test_values_of_the_request_reach_the_stylesheet(tmp_path: Path) -> None:
    """Custom properties of the entry document follow the render request."""
    html = """<html data-composition-variables='[{"id":"x","default":"red"}]'><head></head><body></body></html>"""
    assert ":root { --x: red; }" in inline_sub_compositions(html, tmp_path)
    assert ":root { --x: blue; }" in inline_sub_compositions(html, tmp_path, {"x": "blue"})


def test_fragment_gets_its_additions(tmp_path: Path) -> None:
    """A document without head and body is completed at its two ends."""
    write(tmp_path, a=scene("a", "new", "<style>.x{}</style><script>1</script>"))
    inlined = inline_sub_compositions(host("a", "a.html"), tmp_path)
    assert inlined.startswith("<style>")
    assert inlined.rstrip().endswith("</script>")
