"""Files that a page takes from folders that are not packed."""

from pathlib import Path

import pytest

from hf_lambda.composition.archive import pack_project, unpack_project
from hf_lambda.composition.left_out import files_in_left_out

FOLDERS = ("node_modules", "dist")


def write(folder: Path, files: dict[str, str]) -> Path:
    """Files of a project."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


@pytest.mark.parametrize(
    "text",
    [
        '<script src="node_modules/lib/a.js"></script>',
        '<script src="./node_modules/lib/a.js?v=1"></script>',
        "<script type=importmap>{'imports': {'lib/': '/node_modules/lib/a.js'}}</script>",
        "p{background:url(../node_modules/lib/a.js)}",
        '<script src="node_modules/lib/x/../a.js"></script>',
        '<script src="node_modules/lib/%61.js"></script>',
    ],
)
def test_named_files_are_found(tmp_path: Path, text: str) -> None:
    """However the project's own texts spell the address."""
    write(tmp_path, {"index.html": text, "node_modules/lib/a.js": "", "node_modules/lib/b.js": ""})
    found = files_in_left_out(tmp_path, [tmp_path / "index.html"], FOLDERS)
    assert found == [tmp_path / "node_modules/lib/a.js"]


def test_files_that_these_load_are_found_too(tmp_path: Path) -> None:
    """Modules import their neighbours, style sheets show pictures beside them; circles end."""
    write(
        tmp_path,
        {
            "index.html": "dist/a.js",
            "dist/a.js": 'import "./b.js"; import("../dist/none.js")',
            "dist/b.js": 'export * from "./a.js"; import "./sub/c.css"',
            "dist/sub/c.css": 'p{background:url("../d.png")}',
            "dist/d.png": "",
            "dist/e.png": "",
        },
    )
    found = files_in_left_out(tmp_path, [tmp_path / "index.html"], FOLDERS)
    assert [path.relative_to(tmp_path).as_posix() for path in found] == [
        "dist/a.js", "dist/b.js", "dist/d.png", "dist/sub/c.css",
    ]  # fmt: skip


def test_files_in_folders_of_an_import_map_are_found(tmp_path: Path) -> None:
    """What a script imports by the beginning that the map gives a folder to, and nothing else of the folder."""
    files = {
        "index.html": '<script type="importmap">{"imports": {"lib/addons/": "./node_modules/lib/jsm/"}}</script>',
        "main.js": "import { A } from 'lib/addons/controls/a.js'; import './controls/b.js'",
        "node_modules/lib/jsm/controls/a.js": "import './c.js'",
        "node_modules/lib/jsm/controls/b.js": "",
        "node_modules/lib/jsm/controls/c.js": "",
    }
    write(tmp_path, files)
    found = files_in_left_out(tmp_path, [tmp_path / "index.html", tmp_path / "main.js"], FOLDERS)
    assert [path.name for path in found] == ["a.js", "c.js"]


@pytest.mark.parametrize("text", ["my-node_modules/a.js", "node_modules", "node_modules/../../outside.js"])
def test_nothing_else_is_found(tmp_path: Path, text: str) -> None:
    """Other folders' names, folders themselves, files outside."""
    project = write(tmp_path / "project", {"index.html": text, "node_modules/a.js": ""})
    write(tmp_path, {"outside.js": ""})
    assert files_in_left_out(project, [project / "index.html"], FOLDERS) == []


def test_packed_project_has_them(tmp_path: Path) -> None:
    """An archive holds what the page loads from node_modules, and nothing else of it."""
    project = write(tmp_path / "p", {"index.html": "node_modules/a.js", "node_modules/a.js": "a", "dist/b.js": "b"})
    pack_project(project, tmp_path / "p.tar.gz")
    unpack_project(tmp_path / "p.tar.gz", tmp_path / "out")
    names = sorted(path.relative_to(tmp_path / "out").as_posix() for path in (tmp_path / "out").rglob("*.*"))
    assert names == ["index.html", "node_modules/a.js"]
