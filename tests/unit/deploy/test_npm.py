import json
from pathlib import Path

import pytest

from hf_lambda.deploy.npm import has_packages, install_packages, npm_manifest_dir
from hf_lambda.errors import TOOLCHAIN_MISSING
from tests.unit.doubles import write_program

RECORD = 'printf "%s\\n" "$@" > arguments; printf "%s" "$PATH" > path; mkdir -p node_modules'


@pytest.fixture
def manifest(tmp_path: Path) -> Path:
    """A folder with a package manifest and its lock."""
    folder = tmp_path / "manifest"
    folder.mkdir()
    for name in ("package.json", "package-lock.json"):
        (folder / name).write_text(json.dumps({"name": name}))
    return folder


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that programs are found in, before the system's own."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    return folder


def write_npm(programs: Path, script: str, *, version: str = "10.2.0") -> Path:
    """A program `npm` that installs nothing."""
    return write_program(programs / "npm", f'if [ "$1" = --version ]; then echo {version}; exit; fi\n{script}')


def test_manifest_is_the_one_of_the_checkout() -> None:
    """In a checkout the manifest at its top is used."""
    names = {path.name for path in npm_manifest_dir().iterdir()}
    assert {"package.json", "package-lock.json"} <= names


def test_packages_are_installed_from_the_lock_without_scripts(programs: Path, manifest: Path, tmp_path: Path) -> None:
    """npm gets manifest and lock, and is told to install just that and to run nothing of it."""
    write_npm(programs, RECORD)
    target = tmp_path / "deep" / "target"
    assert install_packages(manifest, target) == target / "node_modules"
    arguments = (target / "arguments").read_text().split()
    assert arguments[0] == "ci"
    assert "--ignore-scripts" in arguments
    assert (target / "package-lock.json").read_bytes() == (manifest / "package-lock.json").read_bytes()
    assert (target / "package.json").read_bytes() == (manifest / "package.json").read_bytes()


def test_packages_may_be_installed_beside_their_manifest(programs: Path, manifest: Path) -> None:
    """In a checkout the packages go where the manifest is."""
    write_npm(programs, RECORD)
    assert install_packages(manifest, manifest) == manifest / "node_modules"


def test_node_beside_npm_is_found_first(programs: Path, manifest: Path) -> None:
    """The node that npm belongs to is the one it runs with."""
    write_npm(programs, RECORD)
    install_packages(manifest, manifest)
    assert (manifest / "path").read_text().split(":")[0] == str(programs)


def test_packages_of_an_installation_that_was_cut_short_are_not_there(programs: Path, manifest: Path) -> None:
    """npm writes its list of what it installed when all is installed."""
    assert not has_packages(manifest)
    write_npm(programs, "mkdir -p node_modules/gsap; kill -9 $$")
    with pytest.raises(TOOLCHAIN_MISSING):
        install_packages(manifest, manifest)
    assert not has_packages(manifest)
    write_npm(programs, "touch node_modules/.package-lock.json")
    install_packages(manifest, manifest)
    assert has_packages(manifest)


@pytest.mark.parametrize("stream", ["1", "2"])
def test_failure_is_named_with_npms_own_words(programs: Path, manifest: Path, stream: str) -> None:
    """When npm fails, what it said is in the message, on whichever stream."""
    write_npm(programs, f"echo 404 no such package >&{stream}; exit 1")
    with pytest.raises(TOOLCHAIN_MISSING, match=r"npm ci failed in .*: 404 no such package"):
        install_packages(manifest, manifest)


@pytest.mark.parametrize("version", ["6.14.18", "", "unknown"])
def test_npm_that_cannot_read_the_lock_is_not_used(programs: Path, manifest: Path, version: str) -> None:
    """An npm that is too old is passed over; without another, the message says how to get one."""
    write_npm(programs, RECORD, version=version)
    with pytest.raises(TOOLCHAIN_MISSING):
        install_packages(manifest, manifest)
    assert not (manifest / "arguments").exists()


def test_manifest_that_is_not_there_is_an_error(programs: Path, tmp_path: Path) -> None:
    """Without a manifest nothing is installed."""
    write_npm(programs, RECORD)
    with pytest.raises(FileNotFoundError):
        install_packages(tmp_path / "none", tmp_path / "target")
