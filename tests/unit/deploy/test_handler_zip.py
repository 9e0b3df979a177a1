import json
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

from hf_lambda.deploy import runtime_packages
from hf_lambda.deploy.handler_tree import file_digests
from hf_lambda.deploy.handler_zip import BuiltZip, verify_zip
from hf_lambda.deploy.zip_archive import Limits, write_zip, zip_sizes
from hf_lambda.errors import BUILD_FAILED
from hf_lambda.packs import write_pack
from tests.unit.deploy.test_elf_audit import LIBRARY, needing

THIS = f"{sys.version_info.major}.{sys.version_info.minor}"


class Tree:
    """A small tree like the one that /var/task holds."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.manifest: dict[str, Any] = {"python": THIS, "tools": {"tool": {"sha256": "ab" * 32}}}
        (folder / "task" / "toolchain").mkdir(parents=True)
        self.add("handler.py", b"def handler(event, context): ...\n")
        self.add_pack("tool", {"program": LIBRARY})

    def add(self, name: str, contents: bytes) -> None:
        """A file of the tree."""
        (self.folder / "task" / name).write_bytes(contents)

    def add_pack(self, name: str, files: dict[str, bytes]) -> None:
        """A packed tool."""
        source = self.folder / "source"
        source.mkdir()
        for file, contents in files.items():
            (source / file).write_bytes(contents)
        write_pack(source, self.folder / "task" / "toolchain" / f"{name}.tar.zst", level=1)
        shutil.rmtree(source)

    def zip(self) -> Path:
        """The zip of it, with a manifest that fits."""
        manifest = {"files": file_digests(self.folder / "task"), **self.manifest}
        self.add("MANIFEST.json", json.dumps(manifest).encode())
        write_zip(self.folder / "task", self.folder / "handler.zip")
        return self.folder / "handler.zip"


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Tree:
    """A tree that passes every check, and needs nothing of what Lambda's runtime brings."""
    monkeypatch.setattr(runtime_packages, "PROVIDED", ())
    return Tree(tmp_path)


def verify(path: Path, *, limits: Limits | None = None, layer: Path | None = None) -> BuiltZip:
    """Check a zip."""
    return verify_zip(path, layer=layer, limits=limits or Limits(), report=lambda _: None)


def test_good_zip_passes(tree: Tree) -> None:
    """A zip with the right digests, programs and handler is proven."""
    built = verify(tree.zip())
    assert built.import_proven
    assert built.manifest["python"] == THIS
    assert built.sizes.zipped == built.path.stat().st_size


@pytest.mark.parametrize("change", ["changed", "added", "removed"])
def test_file_that_differs_from_the_manifest_is_named(tree: Tree, change: str) -> None:
    """A file that was changed, added or removed after the build is found by name."""
    tree.add("module.py", b"x = 1\n")
    tree.manifest["files"] = file_digests(tree.folder / "task")
    if change == "removed":
        (tree.folder / "task" / "module.py").unlink()
    else:
        tree.add("module.py" if change == "changed" else "other.py", b"x = 2\n")
    with pytest.raises(
        BUILD_FAILED, match=rf"differ from the manifest: {'other' if change == 'added' else 'module'}\.py"
    ):
        verify(tree.zip())


def test_program_in_a_pack_is_checked(tree: Tree) -> None:
    """Packed programs are what runs: one that misses a library is found by its pack and name."""
    tree.add_pack("tool", {"program": needing(b"libq.so.6")})
    with pytest.raises(BUILD_FAILED, match=r"tool: program: needs libq\.so\.6"):
        verify(tree.zip())


def test_driver_is_checked_beside_the_browser(tree: Tree) -> None:
    """Mesa's libraries find what Chromium brings; other packs do not."""
    tree.manifest["tools"] |= {name: {"sha256": name * 8} for name in ("chromium", "mesa", "other")}
    tree.add_pack("mesa", {"driver.so": needing(b"libq.so.6")})
    verify(tree.zip())  # the browser lies in a layer
    tree.add_pack("chromium", {"chromium": LIBRARY})
    with pytest.raises(BUILD_FAILED, match=r"mesa: driver\.so: needs libq\.so\.6"):
        verify(tree.zip())
    tree.add_pack("chromium", {"libq.so.6": LIBRARY})
    verify(tree.zip())
    tree.add_pack("other", {"program": needing(b"libq.so.6")})
    with pytest.raises(BUILD_FAILED, match=r"other: program: needs libq\.so\.6"):
        verify(tree.zip())


def test_library_of_the_tree_is_checked(tree: Tree) -> None:
    """A wheel's library that was built for another machine is refused."""
    tree.add("native.so", LIBRARY[:18] + b"\xb7\x00" + LIBRARY[20:])
    with pytest.raises(BUILD_FAILED, match=r"native\.so: built for EM_AARCH64"):
        verify(tree.zip())


@pytest.mark.parametrize(
    ("source", "words"),
    [
        (b"import nowhere\n", "No module named 'nowhere'"),
        (b"x = 1\n", "has no attribute 'handler'"),
        (b"(", "SyntaxError"),
    ],
)
def test_handler_that_cannot_be_imported_is_refused(tree: Tree, source: bytes, words: str) -> None:
    """What Python says of the entry point is in the message."""
    tree.add("handler.py", source)
    with pytest.raises(BUILD_FAILED, match=words):
        verify(tree.zip())


def test_import_is_not_proven_without_its_python(tree: Tree) -> None:
    """Where this machine lacks the runtime's Python, the build goes on and says what is not proven."""
    tree.manifest["python"] = "3.99"
    assert not verify(tree.zip()).import_proven


@pytest.mark.parametrize("limits", [Limits(unzipped=1000), Limits(zipped=1000)], ids=["unzipped", "zipped"])
def test_too_large_a_zip_lists_its_largest_files(tree: Tree, limits: Limits) -> None:
    """The twenty largest files are named, the largest first."""
    for number in range(30):
        tree.add(f"file-{number:02d}", b"x" * (1000 + number))
    with pytest.raises(BUILD_FAILED, match="are allowed; largest:") as caught:
        verify(tree.zip(), limits=limits)
    listed = [line.split()[-1] for line in caught.value.cause.splitlines() if " MiB  " in line]
    assert len(listed) == 20
    assert listed[0] == "toolchain/tool.tar.zst"
    assert "file-29" in listed
    assert "file-00" not in listed


def test_layer_counts_against_the_same_limit(tree: Tree, tmp_path: Path) -> None:
    """Lambda adds layers to the function's own size, and so does the check, naming the layer's files too."""
    (tmp_path / "layer").mkdir()
    (tmp_path / "layer" / "browser").write_bytes(b"x" * 4_000_000)
    write_zip(tmp_path / "layer", tmp_path / "layer.zip")
    limits = Limits(unzipped=zip_sizes(tree.zip()).unzipped + 1000)
    path = tree.zip()
    verify(path, limits=limits)
    with pytest.raises(BUILD_FAILED, match="browser"):
        verify(path, limits=limits, layer=tmp_path / "layer.zip")


@pytest.mark.parametrize("manifest", [b"", b"[]", b"{}", b'{"files": {}}', b"\xff"])
def test_zip_of_another_maker_is_refused(tmp_path: Path, manifest: bytes) -> None:
    """A zip without a manifest of ours is an error of the table."""
    (tmp_path / "task").mkdir()
    (tmp_path / "task" / "MANIFEST.json").write_bytes(manifest)
    write_zip(tmp_path / "task", tmp_path / "handler.zip")
    with pytest.raises(BUILD_FAILED, match=r"handler\.zip is no zip of ours"):
        verify(tmp_path / "handler.zip")


def test_zip_that_is_not_there_is_named(tmp_path: Path) -> None:
    """A missing file is an error of the table with its path."""
    with pytest.raises(BUILD_FAILED, match=r"handler\.zip could not be checked"):
        verify(tmp_path / "handler.zip")
