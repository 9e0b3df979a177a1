"""Lays out what `/var/task` will hold: entry point, package, wheels, toolchain, licences, manifest."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

import hf_lambda
from hf_lambda import __version__
from hf_lambda.deploy.bytecode import compile_modules
from hf_lambda.deploy.interpreters import find_python
from hf_lambda.deploy.wheels import install_wheels
from hf_lambda.hashing import file_sha256
from hf_lambda.toolchain import MANIFEST_NAME

TOOLCHAIN_FOLDER = "toolchain"
CHROMIUM_PACK = "chromium.tar.zst"
_ENTRY_POINT = '"""Lambda\'s entry point."""\n\nfrom hf_lambda.handler import handler\n\n__all__ = ["handler"]\n'
NOT_DEPLOYED = {"cli", "deploy", "emulator", "local", "quality", "__pycache__"}
"""Parts of the package above the handler: they deploy and drive it."""
_LICENCES = "LICENCES"
_NOTICE = """\
This archive holds, each under its own licence:
hf_lambda {version} (Apache 2.0)
Chromium {chromium} from npm @sparticuz/chromium (BSD; the package MIT)
ffmpeg {ffmpeg}, static build from PyPI imageio-ffmpeg (GPL 3; source: https://ffmpeg.org, https://johnvansickle.com/ffmpeg)
ffprobe {ffprobe}, static build from npm @ffprobe-installer/linux-x64 (GPL 3; sources as above)
HyperFrames runtime {runtime} from npm hyperframes (Apache 2.0)
fonts from npm @fontsource (their licences lie beside them)
Python packages (their licences lie in their .dist-info folders)
"""
_MESA_NOTICE = (
    "Mesa {mesa} (MIT), LLVM (Apache-2.0 with LLVM exception) and zstd (BSD) from Debian; their licences lie beside\n"
    "them\n"
)


@dataclass(frozen=True)
class TreeContents:
    """What goes into a tree: a built toolchain, for which Python, and which Chromium it holds."""

    toolchain_dir: Path
    python_version: str
    chrome_source: str
    constraints: Path | None
    has_chromium: bool = True


def write_tree(tree: Path, contents: TreeContents) -> dict[str, Any]:
    """Fill the new folder `tree`; returns its manifest.

    Raises:
        BUILD_FAILED: a wheel could not be had, or a module not be compiled.
    """
    tree.mkdir(parents=True)
    install_wheels(tree, constraints=contents.constraints, python_version=contents.python_version)
    (tree / "handler.py").write_text(_ENTRY_POINT)
    _copy_package(tree / "hf_lambda")
    _copy_toolchain(contents, tree / TOOLCHAIN_FOLDER)
    tools = json.loads((contents.toolchain_dir / MANIFEST_NAME).read_text())
    versions = {name: tool["version"] for name, tool in tools.items()}
    python = find_python(contents.python_version)
    if python is not None:
        compile_modules(tree, python)
    notice = _NOTICE + _MESA_NOTICE if "mesa" in versions else _NOTICE
    (tree / _LICENCES).write_text(notice.format(version=__version__, **versions))
    manifest = {
        "hfLambda": __version__,
        "gitRevision": _git_revision(),
        "python": contents.python_version,
        "bytecode": python is not None,
        "chromeSource": contents.chrome_source,
        "chromiumInLayer": not contents.has_chromium,
        "tools": tools,
        "packages": {item.metadata["Name"]: item.version for item in sorted_distributions(tree)},
        "files": file_digests(tree),
    }
    (tree / MANIFEST_NAME).write_text(json.dumps(manifest, indent=1, sort_keys=True) + "\n")
    return manifest


def sorted_distributions(folder: Path) -> list[Any]:
    """The Python packages in a folder, by name."""
    return sorted(distributions(path=[str(folder)]), key=lambda item: item.metadata["Name"].lower())


def file_digests(folder: Path) -> dict[str, str]:
    """SHA-256 of every file of a folder but for its own manifest, by relative path."""
    return {name: file_sha256(path) for name, path in _files(folder) if name != MANIFEST_NAME}


def _files(folder: Path) -> Iterator[tuple[str, Path]]:
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield path.relative_to(folder).as_posix(), path


def _copy_package(target: Path) -> None:
    source = Path(hf_lambda.__file__).parent

    def ignored(folder: str, names: list[str]) -> set[str]:
        return NOT_DEPLOYED.intersection(names) if Path(folder) == source else {"__pycache__"}.intersection(names)

    shutil.copytree(source, target, ignore=ignored)


def _copy_toolchain(contents: TreeContents, target: Path) -> None:
    left_out = () if contents.has_chromium else (CHROMIUM_PACK,)
    shutil.copytree(contents.toolchain_dir, target, ignore=shutil.ignore_patterns("FINGERPRINT", *left_out))


def _git_revision() -> str:
    """The commit that the package comes from, marked where files were changed since; "unknown" outside of git."""
    checkout = Path(hf_lambda.__file__).parents[2]
    if not (checkout / ".git").exists():  # an installed package; a repository around it is somebody else's
        return "unknown"
    argv = ["git", "-C", str(checkout), "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"]
    try:
        done = subprocess.run(argv, capture_output=True, text=True, check=False)
    except OSError:
        return "unknown"
    return done.stdout.strip() or "unknown"
