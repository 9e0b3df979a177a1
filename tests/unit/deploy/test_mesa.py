import dataclasses
import importlib
import json
from pathlib import Path

import pytest

from hf_lambda.capture.chromium import MESA_MANIFEST
from hf_lambda.deploy import mesa
from hf_lambda.deploy.elf_audit import audit_tree, read_elf
from hf_lambda.deploy.mesa import collect_mesa
from hf_lambda.errors import TOOLCHAIN_MISSING
from hf_lambda.toolchain import Toolchain
from tests.unit.deploy.debs import build_deb, describe

LIBRARY = Path(str(importlib.import_module("zstandard.backend_c").__file__))
"""A real library that stands in for each of them."""
FILES = {
    "libLLVM-15.so.1",
    "libllvm15.copyright",
    "libvulkan_lvp.so",
    "libzstd.so.1",
    "libzstd1.copyright",
    "lvp_icd.json",
    "mesa-vulkan-drivers.copyright",
}


@pytest.fixture
def downloads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that has small packages of the same names, each of which needs a libc that is never called."""
    folder = tmp_path / "downloads"
    folder.mkdir()
    parts = []
    for part in mesa._PARTS:
        licence = f"licence of {part.package.name}".encode()
        contents = build_deb(
            {
                f"usr/lib/x86_64-linux-gnu/{part.library}": LIBRARY.read_bytes(),
                f"usr/share/doc/{part.package.name}/copyright": licence,
            }
        )
        package = describe(contents, part.package.name)
        (folder / f"{package.sha256}.deb").write_bytes(contents)
        parts.append(dataclasses.replace(part, package=package, never_called=frozenset({"libc.so.6"})))
    monkeypatch.setattr(mesa, "_PARTS", tuple(parts))
    return folder


def test_folder_has_all_that_a_loader_needs(downloads: Path, tmp_path: Path) -> None:
    """The libraries lie there detached, with their licences, and beside the driver what tells of it."""
    target = tmp_path / "deep" / "mesa"
    assert collect_mesa(target, downloads) == "25.0.7"
    assert {path.name for path in target.iterdir()} == FILES
    for name in ("libvulkan_lvp.so", "libLLVM-15.so.1", "libzstd.so.1"):
        facts = read_elf(target / name)
        assert facts is not None
        assert "libc.so.6" not in facts.needed
    icd = json.loads((target / MESA_MANIFEST).read_text())["ICD"]
    assert (target / icd["library_path"]).samefile(target / "libvulkan_lvp.so")
    assert (target / "libllvm15.copyright").read_text() == "licence of libllvm15"


def test_nothing_is_left_where_a_package_is_missing(
    downloads: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where one of them cannot be had there is no folder, so none that could be taken for a whole one."""
    last = mesa._PARTS[-1].package
    (downloads / f"{last.sha256}.deb").unlink()
    monkeypatch.setenv("no_proxy", "")
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")
    with pytest.raises(TOOLCHAIN_MISSING, match=r"deb\.debian\.org.*archive\.debian\.org.*snapshot\.debian\.org"):
        collect_mesa(tmp_path / "mesa", downloads)
    assert not (tmp_path / "mesa").exists()


def test_real_driver_loads_beside_the_browser(toolchain: Toolchain) -> None:
    """What set-up packed asks for nothing that Lambda and Chromium's own folder have not."""
    folder = toolchain.mesa_dir
    if folder is None:
        pytest.skip("this machine reached no Debian mirror")
    assert {path.name for path in folder.iterdir() if not path.name.startswith(".")} == FILES
    assert audit_tree(folder, host=toolchain.chromium_dir) == []
