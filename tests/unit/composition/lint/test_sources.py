from pathlib import Path

import pytest

from hf_lambda.composition.lint.javascript import Code
from hf_lambda.composition.lint.sources import imported_urls, is_remote, read_project
from tests.unit.composition.lint.projects import page, write


def test_project_is_what_the_entry_document_leads_to(tmp_path: Path) -> None:
    """Hosts, scripts, imports and stylesheets are followed, and nothing else is read."""
    host = '<div data-composition-id="b" data-composition-src="sub/b.html"></div>'
    head = '<link rel="stylesheet" href="a.css"><script type="module" src="a.js"></script>'
    write(
        tmp_path,
        {
            "index.html": page(host, "inline()", head=head),
            "sub/b.html": '<div data-composition-id="b"><style>p {}</style><script src="b.js"></script></div>',
            "sub/b.js": "b()",
            "a.js": 'import { c } from "./lib.js"; import("./deep/c.js")',
            "lib.js": "lib()",
            "deep/c.js": 'import "../a.js"',
            "a.css": "p {}",
            "other.html": page("", "other()"),
            "other.js": "other()",
        },
    )
    project = read_project(tmp_path, "index.html")
    assert [document.file.path for document in project.documents] == ["index.html", "sub/b.html"]
    assert sorted(script.file.path for script in project.scripts) == [
        *("a.js", "deep/c.js", "index.html", "lib.js", "sub/b.js"),
    ]
    assert sorted(style.file.path for style in project.styles) == ["a.css", "sub/b.html"]


@pytest.mark.parametrize(
    ("path", "source"),
    [("gsap.min.js", "x()"), ("vendor/d3.js", "x()"), ("big.js", f"{'x();' * 2000}\n"), ("x.txt", "x()")],
)
def test_libraries_are_not_read(tmp_path: Path, path: str, source: str) -> None:
    """Minified files, and those in folders for libraries, are not the author's."""
    write(tmp_path, {"index.html": page(f'<script src="{path}"></script>'), path: source})
    assert read_project(tmp_path, "index.html").scripts == []


def test_data_blocks_are_no_scripts(tmp_path: Path) -> None:
    """JSON and shaders in script elements are not read as code."""
    inner = '<script type="application/json">{}</script><script type="x-shader/x-vertex">x</script>'
    write(tmp_path, {"index.html": page(inner)})
    assert read_project(tmp_path, "index.html").scripts == []


def test_files_that_mount_each_other_end(tmp_path: Path) -> None:
    """A circle of hosts is read once around."""
    host = '<div data-composition-id="{0}"><div data-composition-src="{1}.html"></div></div>'
    write(tmp_path, {"index.html": page(host.format("x", "a")), "a.html": host.format("a", "b")})
    write(tmp_path, {"b.html": host.format("b", "a")})
    paths = [document.file.path for document in read_project(tmp_path, "index.html").documents]
    assert paths == ["index.html", "a.html", "b.html"]


def test_imports_are_found_in_each_form() -> None:
    """Static, bare and dynamic imports are found, and strings that are none are not."""
    code = Code("import a from 'a'; import 'b'; export * from 'c'; await import('d'); f('e')")
    assert list(imported_urls(code)) == ["a", "b", "c", "d"]


@pytest.mark.parametrize(
    ("url", "remote"),
    [("https://a/b", True), ("//a/b", True), ("data:,", True), ("a/b:c", False), ("/a", False), ("../a", False)],
)
def test_remote_addresses(url: str, remote: bool) -> None:
    """A scheme or a host makes an address remote."""
    assert is_remote(url) is remote
