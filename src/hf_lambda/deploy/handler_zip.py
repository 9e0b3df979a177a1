"""Builds and checks the deployment zip. Same inputs, same bytes; what would not run in Lambda is not built."""

import json
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from hf_lambda.deploy.elf_audit import audit_tree
from hf_lambda.deploy.handler_tree import (
    CHROMIUM_PACK,
    TOOLCHAIN_FOLDER,
    TreeContents,
    file_digests,
    write_tree,
)
from hf_lambda.deploy.interpreters import find_python
from hf_lambda.deploy.runtime_packages import copy_provided_packages
from hf_lambda.deploy.zip_archive import (
    LAYER_NAME,
    Limits,
    ZipSizes,
    extract_zip,
    largest_members,
    write_zip,
    zip_sizes,
)
from hf_lambda.errors import BUILD_FAILED
from hf_lambda.packs import unpacked
from hf_lambda.toolchain import MANIFEST_NAME, PACK_SUFFIX

_LOADED_BY = {"mesa": "chromium"}
"""Packs of libraries, and the pack whose program loads them."""
_LARGEST_SHOWN = 20
_IMPORT = "import sys; sys.path[:0] = sys.argv[1:]; import handler; print(handler.handler.__module__)"
_IMPORT_SECONDS = 120

Report = Callable[[str], None]


@dataclass(frozen=True)
class BuiltZip:
    """A zip that passed every check. `layer` is there where Chromium was split off."""

    path: Path
    sizes: ZipSizes
    layer: Path | None
    manifest: dict[str, Any]
    import_proven: bool


def build_zip(contents: TreeContents, target: Path, *, limits: Limits, report: Report) -> BuiltZip:
    """Build the zip `target` (and the layer beside it, where the contents leave Chromium out) and check it.

    What fails a check is not left behind, and what was at `target` before stays.

    Raises:
        BUILD_FAILED: a wheel is missing, a limit is broken, or a file would not load in Lambda.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".hf-lambda-build-", dir=target.parent) as scratch:
        report("collecting the package, its wheels and the toolchain")
        tree, unchecked = Path(scratch) / "tree", Path(scratch) / target.name
        write_tree(tree, contents)
        report("writing the zip")
        write_zip(tree, unchecked)
        unchecked_layer = None
        if not contents.has_chromium:
            unchecked_layer = Path(scratch) / LAYER_NAME
            _write_layer(contents.toolchain_dir / CHROMIUM_PACK, Path(scratch) / "layer", unchecked_layer)
        built = verify_zip(unchecked, layer=unchecked_layer, limits=limits, report=report)
        layer = unchecked_layer and unchecked_layer.replace(target.with_name(LAYER_NAME))
        return replace(built, path=unchecked.replace(target), layer=layer)


def verify_zip(target: Path, *, layer: Path | None, limits: Limits, report: Report) -> BuiltZip:
    """Check a built zip from its own bytes: sizes, digests, every program and library, and that it can be imported.

    Raises:
        BUILD_FAILED: the first kind of finding, each finding named.
    """
    try:
        sizes = _check_sizes(target, layer, limits)
        with tempfile.TemporaryDirectory(prefix="hf-lambda-verify-") as scratch:
            tree = Path(scratch) / "task"
            extract_zip(target, tree)
            if layer is not None:
                extract_zip(layer, Path(scratch) / "layer")
            manifest: dict[str, Any] = json.loads((tree / MANIFEST_NAME).read_text())
            report("checking digests")
            _check_digests(tree, manifest)
            report("checking programs and libraries")
            _audit(tree, Path(scratch), manifest)
            report(f"importing the handler with Python {manifest['python']}")
            proven = _check_import(tree, Path(scratch) / "runtime", manifest["python"])
    except (ValueError, KeyError, TypeError) as error:
        raise BUILD_FAILED(f"{target} is no zip of ours: {error!r}") from error
    except (OSError, subprocess.SubprocessError) as error:
        raise BUILD_FAILED(f"{target} could not be checked: {error}") from error
    return BuiltZip(target, sizes, layer, manifest, proven)


def _check_sizes(target: Path, layer: Path | None, limits: Limits) -> ZipSizes:
    sizes = zip_sizes(target)
    total = sizes.unzipped + (zip_sizes(layer).unzipped if layer is not None else 0)
    for kind, actual, allowed in (("unzipped", total, limits.unzipped), ("zipped", sizes.zipped, limits.zipped)):
        if actual > allowed:
            members = largest_members([path for path in (target, layer) if path is not None], _LARGEST_SHOWN)
            largest = "".join(f"\n  {size / 2**20:8.1f} MiB  {name}" for size, name in members)
            excess = f"{actual / 2**20:.1f} MiB {kind}, {allowed / 2**20:.1f} MiB are allowed"
            raise BUILD_FAILED(f"the zip is {excess}; largest:{largest}\n")
    return sizes


def _check_digests(tree: Path, manifest: dict[str, Any]) -> None:
    expected, actual = manifest["files"], file_digests(tree)
    differing = sorted(name for name in expected.keys() | actual.keys() if expected.get(name) != actual.get(name))
    if differing:
        raise BUILD_FAILED(f"files differ from the manifest: {', '.join(differing[:_LARGEST_SHOWN])}")


def _audit(tree: Path, scratch: Path, manifest: dict[str, Any]) -> None:
    """Packed programs are unpacked first: they are what runs."""
    findings = audit_tree(tree)
    packs = {pack.name.removesuffix(PACK_SUFFIX): pack for pack in sorted(scratch.glob(f"*/**/*{PACK_SUFFIX}"))}
    folders = {
        name: unpacked(pack, digest=manifest["tools"][name]["sha256"], cache_dir=scratch / "packs")
        for name, pack in packs.items()
    }
    for name, folder in folders.items():
        host = folders.get(_LOADED_BY.get(name, ""))
        if host is None and name in _LOADED_BY:
            continue  # the program lies in a layer, which is not at hand
        findings += [f"{name}: {finding}" for finding in audit_tree(folder, host=host)]
    if findings:
        raise BUILD_FAILED("; ".join(findings))


def _check_import(tree: Path, runtime: Path, python_version: str) -> bool:
    """Import the handler in an interpreter that has nothing else; gives False where there is no such Python here."""
    python = find_python(python_version)
    if python is None:
        return False
    copy_provided_packages(runtime)
    argv = [str(python), "-I", "-S", "-B", "-c", _IMPORT, str(tree), str(runtime)]
    done = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=_IMPORT_SECONDS, cwd=tree)
    if done.returncode != 0:
        raise BUILD_FAILED(f"the handler cannot be imported: {done.stderr.strip()[-1500:]}")
    return True


def _write_layer(pack: Path, folder: Path, target: Path) -> None:
    """Lambda unpacks layers into /opt, where `toolchain.py` looks too."""
    (folder / TOOLCHAIN_FOLDER).mkdir(parents=True)
    (folder / TOOLCHAIN_FOLDER / pack.name).write_bytes(pack.read_bytes())
    write_zip(folder, target)
