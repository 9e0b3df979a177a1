import subprocess
import sys
from pathlib import Path

import pytest

from hf_lambda.deploy.bytecode import compile_modules
from hf_lambda.errors import BUILD_FAILED

PYTHON = Path(sys.executable)
_SOURCE = 'NAMES = {"one", "two", "three"}\n\n\ndef fail():\n    raise ValueError(NAMES)\n'


def write_tree(folder: Path) -> Path:
    """A tree of one package with one module."""
    (folder / "package").mkdir(parents=True)
    (folder / "package" / "__init__.py").write_text("")
    (folder / "package" / "module.py").write_text(_SOURCE)
    return folder


def bytecode(tree: Path) -> dict[str, bytes]:
    """What lies beside the modules of a tree."""
    return {path.relative_to(tree).as_posix(): path.read_bytes() for path in tree.rglob("*.pyc")}


def test_equal_trees_give_equal_bytecode(tmp_path: Path) -> None:
    """Neither a tree's place nor the time is in it."""
    trees = [write_tree(tmp_path / name) for name in ("one", "another-place")]
    for tree in trees:
        compile_modules(tree, PYTHON)
    assert len(bytecode(trees[0])) == 2
    assert bytecode(trees[0]) == bytecode(trees[1])


def test_bytecode_is_what_runs(tmp_path: Path) -> None:
    """A module is not compiled again where its bytecode is there."""
    tree = write_tree(tmp_path / "tree")
    compile_modules(tree, PYTHON)
    (tree / "package" / "module.py").write_text("raise SystemExit('compiled again')")
    argv = [sys.executable, "-c", "import package.module; package.module.fail()"]
    done = subprocess.run(argv, cwd=tree, capture_output=True, text=True, check=False)
    assert "ValueError" in done.stderr


def test_a_module_that_is_no_python_is_named(tmp_path: Path) -> None:
    """It would fail in Lambda."""
    tree = write_tree(tmp_path / "tree")
    (tree / "package" / "broken.py").write_text("def :")
    with pytest.raises(BUILD_FAILED, match=r"broken\.py"):
        compile_modules(tree, PYTHON)
