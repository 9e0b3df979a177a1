import os
import sys
import zipfile
from pathlib import Path

import pytest

from hf_lambda.emulator.binaries import fetch_emulator, fetch_interface_client
from hf_lambda.errors import EMULATOR_UNAVAILABLE
from tests.unit.doubles import write_program

MEMBER = "samcli/local/rapid/aws-lambda-rie-x86_64"


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A pip that brings what lies in this folder, and notes each call."""
    folder = tmp_path / "index"
    folder.mkdir()
    with zipfile.ZipFile(folder / "sam.whl", "w") as wheel:
        wheel.writestr(MEMBER, "the emulator")
    script = (
        f'echo "$@" >> {folder}/calls; '
        f'case "$3" in download) cp {folder}/sam.whl "$8";; install) mkdir -p "$5"; echo "$7" > "$5/version";; esac'
    )
    monkeypatch.setattr(sys, "executable", str(write_program(tmp_path / "python", script)))
    return folder


def calls(index: Path) -> list[str]:
    """How pip was called."""
    return (index / "calls").read_text().splitlines()


def test_emulator_is_taken_out_of_its_wheel_once(index: Path, tmp_path: Path) -> None:
    """The program is executable and kept; the wheel around it is not."""
    cache = tmp_path / "cache"
    program = fetch_emulator(cache)
    assert program.read_text() == "the emulator"
    assert os.access(program, os.X_OK)
    assert fetch_emulator(cache) == program
    assert len(calls(index)) == 1
    assert list(cache.iterdir()) == [program]


def test_client_is_kept_for_each_python(index: Path, tmp_path: Path) -> None:
    """Each Python has a folder of its own, fetched once, with nothing beside it."""
    cache = tmp_path / "cache"
    folders = [fetch_interface_client(cache, version) for version in ("3.12", "3.13", "3.13")]
    assert [(folder / "version").read_text().strip() for folder in folders] == ["3.12", "3.13", "3.13"]
    assert len(calls(index)) == 2
    assert sorted(cache.iterdir()) == sorted(set(folders))


@pytest.mark.parametrize("fetch", ["emulator", "client"])
def test_index_out_of_reach_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fetch: str) -> None:
    """Without a network the message says what could not be fetched and why, and nothing half-done stays."""
    script = '[ "$3" = download ] || mkdir -p "$5"; echo no route to host >&2; exit 1'
    monkeypatch.setattr(sys, "executable", str(write_program(tmp_path / "python", script)))
    cache = tmp_path / "cache"
    with pytest.raises(EMULATOR_UNAVAILABLE, match=r"could not fetch aws.*: no route to host"):
        fetch_emulator(cache) if fetch == "emulator" else fetch_interface_client(cache, "3.13")
    assert list(cache.iterdir()) == []
