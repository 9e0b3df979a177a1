import ast
import dataclasses
import json
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

import hf_lambda
from hf_lambda import __version__
from hf_lambda.deploy.handler_tree import CHROMIUM_PACK, NOT_DEPLOYED, TreeContents, file_digests, write_tree
from hf_lambda.hashing import file_sha256
from hf_lambda.toolchain import TOOLS
from tests.unit.doubles import write_program

PYTHON = sys.executable
THIS = f"{sys.version_info.major}.{sys.version_info.minor}"
PACKAGE = Path(hf_lambda.__file__).parent
PYPROJECT = Path(__file__).parents[3] / "pyproject.toml"


@pytest.fixture
def toolchain_dir(tmp_path: Path) -> Path:
    """A toolchain folder with packs of a few bytes."""
    folder = tmp_path / "toolchain"
    folder.mkdir()
    manifest = {name: {"version": f"{name}-1", "sha256": "0" * 64} for name in TOOLS}
    (folder / "MANIFEST.json").write_text(json.dumps(manifest))
    (folder / "FINGERPRINT").write_text("of this machine")
    for name in ("chromium", "ffmpeg", "ffprobe"):
        (folder / f"{name}.tar.zst").write_text(name)
    return folder


@pytest.fixture
def contents(tmp_path: Path, toolchain_dir: Path, monkeypatch: pytest.MonkeyPatch) -> TreeContents:
    """What goes in; a pip that installs one package stands in for the network's."""
    info = "mkdir -p ${8}/any-2.0.dist-info; printf 'Name: any\\nVersion: 2.0\\n' > ${8}/any-2.0.dist-info/METADATA"
    monkeypatch.setattr(sys, "executable", str(write_program(tmp_path / "python", info)))
    return TreeContents(toolchain_dir, "3.13", "sparticuz", None)


def test_tree_is_what_var_task_holds(contents: TreeContents, tmp_path: Path) -> None:
    """Entry point, package, toolchain, licences and manifest lie where the function looks for them."""
    write_tree(tmp_path / "tree", contents)
    names = {path.name for path in (tmp_path / "tree").iterdir()}
    assert {"handler.py", "hf_lambda", "toolchain", "LICENCES", "MANIFEST.json"} <= names
    assert (tmp_path / "tree" / "toolchain" / CHROMIUM_PACK).read_text() == "chromium"
    assert not (tmp_path / "tree" / "toolchain" / "FINGERPRINT").exists()


def test_manifest_lists_what_the_tree_holds(contents: TreeContents, tmp_path: Path) -> None:
    """Versions, packages and the digest of every file but the manifest itself are written down."""
    tree = tmp_path / "tree"
    manifest = write_tree(tree, contents)
    assert json.loads((tree / "MANIFEST.json").read_text()) == manifest
    assert manifest["hfLambda"] == __version__
    assert (manifest["python"], manifest["chromeSource"], manifest["chromiumInLayer"]) == ("3.13", "sparticuz", False)
    assert manifest["packages"] == {"any": "2.0"}
    assert manifest["files"]["handler.py"] == file_sha256(tree / "handler.py")
    assert "MANIFEST.json" not in manifest["files"]
    assert manifest["files"] == file_digests(tree)


@pytest.mark.parametrize(("version", "is_there"), [(THIS, True), ("3.99", False)])
def test_modules_are_compiled_where_their_python_is(
    contents: TreeContents, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str, is_there: bool
) -> None:
    """The manifest says whether a cold start finds bytecode, and lists it."""
    (tmp_path / "bin").mkdir()
    write_program(tmp_path / "bin" / f"python{THIS}", f'exec {PYTHON} "$@"')
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/bin")
    manifest = write_tree(tmp_path / "tree", dataclasses.replace(contents, python_version=version))
    assert manifest["bytecode"] == is_there
    assert any(name.endswith(".pyc") for name in manifest["files"]) == is_there


def test_chromium_of_a_layer_stays_out(contents: TreeContents, tmp_path: Path) -> None:
    """Where the browser lies in a layer, its pack is not in the tree, and the manifest says so."""
    without: dict[str, Any] = {**vars(contents), "has_chromium": False}
    manifest = write_tree(tmp_path / "tree", TreeContents(**without))
    assert manifest["chromiumInLayer"]
    assert {path.name for path in (tmp_path / "tree" / "toolchain").glob("*.zst")} == {
        "ffmpeg.tar.zst",
        "ffprobe.tar.zst",
    }


def test_licences_name_every_tool(contents: TreeContents, tmp_path: Path) -> None:
    """The notice has the version of each tool in it."""
    write_tree(tmp_path / "tree", contents)
    notice = (tmp_path / "tree" / "LICENCES").read_text()
    assert all(f"{name}-1" in notice for name in TOOLS if name != "fonts")
    assert "Mesa" not in notice


def test_licences_name_mesa_where_it_is_there(contents: TreeContents, tmp_path: Path) -> None:
    """An optional tool is in the notice of a tree that has it, with what it came with."""
    path = contents.toolchain_dir / "MANIFEST.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "mesa": {"version": "mesa-1", "sha256": "0" * 64}}))
    write_tree(tmp_path / "tree", contents)
    assert "\nMesa mesa-1 (MIT), LLVM" in (tmp_path / "tree" / "LICENCES").read_text()


def test_parts_above_the_handler_are_not_deployed() -> None:
    """What is left out are exactly the layers above the handler, so that nothing deployed can miss them."""
    contracts = tomllib.loads(PYPROJECT.read_text())["tool"]["importlinter"]["contracts"]
    layers = next(item["layers"] for item in contracts if item["type"] == "layers")
    assert {*layers[: layers.index("handler")], "__pycache__"} == NOT_DEPLOYED


def test_deployed_part_imports_nothing_that_stays_at_home() -> None:
    """No module that is deployed imports one that is not, at whatever depth of a function."""
    deployed = [path for path in PACKAGE.rglob("*.py") if path.relative_to(PACKAGE).parts[0] not in NOT_DEPLOYED]
    imported = {
        (path.name, module.split(".")[1])
        for path in deployed
        for module in imports_of(path)
        if module.startswith("hf_lambda.")
    }
    assert {(name, part) for name, part in imported if part in NOT_DEPLOYED} == set()


def imports_of(path: Path) -> list[str]:
    """The modules that a file imports."""
    nodes = list(ast.walk(ast.parse(path.read_text("utf-8"))))
    froms = [node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module]
    return froms + [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
