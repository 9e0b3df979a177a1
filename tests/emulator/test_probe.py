import json
from pathlib import Path

import pytest

from hf_lambda.cli.main import main
from hf_lambda.deploy.handler_zip import BuiltZip
from hf_lambda.packs import write_pack
from hf_lambda.quality.probe import probe_chromium
from hf_lambda.settings import Settings


def test_packaged_chromium_passes(built: BuiltZip, capsys: pytest.CaptureFixture[str]) -> None:
    """The Chromium of the zip launches, draws in software, repeats a frame to the pixel and has fonts."""
    assert main(["probe", str(built.path), "--json"]) == 0
    seen = json.loads(capsys.readouterr().out)
    assert seen["failures"] == []
    assert "SwiftShader" in seen["glRenderer"]
    assert all(seen[name] is True for name in ("isPng", "isRepeatable", "drawsText", "drawsLetters"))
    assert all(seen[name] > 0 for name in ("unpackMs", "launchMs", "firstFrameMs"))


def test_broken_chromium_fails(tmp_path: Path) -> None:
    """A program that is no browser is a failure of Chromium, with what it said."""
    programs = tmp_path / "programs"
    programs.mkdir()
    (programs / "chromium").write_text("#!/bin/sh\necho no browser here >&2\nexit 3\n")
    (programs / "chromium").chmod(0o755)
    folder = tmp_path / "toolchain"
    folder.mkdir()
    write_pack(programs, folder / "chromium.tar.zst", level=1)
    (folder / "MANIFEST.json").write_text(json.dumps({"chromium": {"sha256": "0" * 64}}))
    result = probe_chromium(folder, Settings.from_environment().cache_dir / "probe")
    assert len(result.failures) == 1
    assert result.failures[0].startswith("Chromium could not be driven")


def test_zip_without_chromium_cannot_be_probed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What holds no Chromium says nothing about it: 2, not 1."""
    (tmp_path / "empty.zip").write_bytes(b"PK\x05\x06" + bytes(18))
    assert main(["probe", str(tmp_path / "empty.zip")]) == 2
    assert "PROBE_UNAVAILABLE" in capsys.readouterr().err
