import io
import json
import tarfile
from pathlib import Path

import brotli
import pytest

from hf_lambda.deploy import mesa, toolchain_build
from hf_lambda.deploy.toolchain_build import HEADLESS_SHELL, build_toolchain
from hf_lambda.errors import TOOLCHAIN_MISSING
from hf_lambda.settings import Settings
from hf_lambda.toolchain import locate_toolchain
from tests.unit.deploy.test_fonts import Modules


class Machine:
    """A machine with small packages in the place of npm's, that reaches a Debian mirror or does not."""

    def __init__(self, folder: Path, settings: Settings) -> None:
        self.settings = settings
        self.folder = folder
        self.has_mirror = True
        self.patience: list[float] = []
        self.installed = 0
        self.said: list[str] = []
        self._write_packages()

    def build(self, chrome_dir: Path | None = None) -> bool:
        """Build the toolchain; returns whether anything was built."""
        return build_toolchain(
            self.settings.toolchain_dir,
            packages_dir=self.folder,
            downloads_dir=self.settings.downloads_dir,
            level=1,
            report=self.said.append,
            chrome_dir=chrome_dir,
        )

    def install_packages(self, manifest_dir: Path, target: Path) -> Path:
        """Stands in for npm."""
        self.installed += 1
        return target / "node_modules"

    def collect_mesa(self, target: Path, downloads_dir: Path, *, answer_seconds: float) -> str:
        """Stands in for the mirrors."""
        self.patience.append(answer_seconds)
        if not self.has_mirror:
            raise TOOLCHAIN_MISSING("no mirror gave anything")
        target.mkdir()
        (target / "lvp_icd.json").write_text("driver")
        return "25"

    def _write_packages(self) -> None:
        modules = self.folder / "node_modules"
        Modules(modules).add("any", "Any", {}, [])
        browser = modules / "@sparticuz" / "chromium" / "bin"
        browser.mkdir(parents=True)
        (browser / "chromium.br").write_bytes(brotli.compress(b"browser"))
        empty = io.BytesIO()
        tarfile.open(fileobj=empty, mode="w").close()
        for name in ("al2023", "swiftshader", "fonts"):
            (browser / f"{name}.tar.br").write_bytes(brotli.compress(empty.getvalue()))
        (modules / "@ffprobe-installer" / "linux-x64").mkdir(parents=True)
        (modules / "@ffprobe-installer" / "linux-x64" / "ffprobe").write_bytes(b"ffprobe")
        (modules / "hyperframes" / "dist").mkdir(parents=True)
        (modules / "hyperframes" / "dist" / "hyperframe.runtime.iife.js").write_text("runtime")
        for package in ("@sparticuz/chromium", "@ffprobe-installer/linux-x64", "hyperframes"):
            (modules / package / "package.json").write_text(json.dumps({"version": "1"}))


@pytest.fixture
def machine(tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Machine:
    """A machine without a toolchain."""
    import imageio_ffmpeg

    machine = Machine(tmp_path / "packages", settings)
    (tmp_path / "ffmpeg").write_bytes(b"ffmpeg")
    monkeypatch.setattr(imageio_ffmpeg, "get_ffmpeg_exe", lambda: str(tmp_path / "ffmpeg"))
    monkeypatch.setattr(imageio_ffmpeg, "get_ffmpeg_version", lambda: "7")
    monkeypatch.setattr(toolchain_build, "install_packages", machine.install_packages)
    monkeypatch.setattr(mesa, "collect_mesa", machine.collect_mesa)
    return machine


def stamps(folder: Path) -> dict[str, int]:
    """When each file of a folder was written."""
    return {str(path.relative_to(folder)): path.stat().st_mtime_ns for path in folder.rglob("*")}


def test_toolchain_is_built_once(machine: Machine) -> None:
    """Every tool is packed and known; the second time nothing is asked for or written."""
    assert machine.build()
    toolchain = locate_toolchain(machine.settings)
    assert toolchain.versions == {
        "chromium": "1",
        "ffmpeg": "7",
        "ffprobe": "1",
        "fonts": "2 families",
        "mesa": "25",
        "runtime": "1",
    }
    assert toolchain.ffmpeg.read_bytes() == b"ffmpeg"
    assert toolchain.mesa_dir is not None
    assert (toolchain.mesa_dir / "lvp_icd.json").read_text() == "driver"
    before = stamps(toolchain.folder)
    assert not machine.build()
    assert stamps(toolchain.folder) == before
    assert (machine.installed, len(machine.patience)) == (1, 1)


def test_mesa_is_left_out_without_a_mirror(machine: Machine) -> None:
    """A machine that reaches no mirror gets a toolchain, and is told what it lacks and why."""
    machine.has_mirror = False
    assert machine.build()
    toolchain = locate_toolchain(machine.settings)
    assert toolchain.mesa_dir is None
    assert toolchain.chromium_dir.is_dir()
    assert "leaving Mesa out, so WebGL is drawn at half the speed: no mirror gave anything" in machine.said


def test_what_is_there_stays_while_there_is_no_mirror(machine: Machine) -> None:
    """The next set-up asks again, but not for as long, and then leaves everything as it is."""
    machine.has_mirror = False
    machine.build()
    before = stamps(machine.settings.toolchain_dir)
    assert not machine.build()
    assert stamps(machine.settings.toolchain_dir) == before
    assert machine.installed == 1
    assert machine.patience[1] < machine.patience[0]


def test_mesa_is_added_when_a_mirror_is_there(machine: Machine) -> None:
    """A toolchain that lacks Mesa is built with it as soon as that can be had, and is whole then."""
    machine.has_mirror = False
    machine.build()
    machine.has_mirror = True
    assert machine.build()
    assert locate_toolchain(machine.settings).mesa_dir is not None
    machine.has_mirror = False
    assert not machine.build()
    assert len(machine.patience) == 2


def test_browser_of_ones_own_has_mesa_too(machine: Machine, tmp_path: Path) -> None:
    """With another Chromium, the driver is packed beside that."""
    shell = tmp_path / "shell"
    shell.mkdir()
    (shell / HEADLESS_SHELL).write_text("another browser")
    assert machine.build(chrome_dir=shell)
    toolchain = locate_toolchain(machine.settings)
    assert (toolchain.chromium_dir / "chromium").read_text() == "another browser"
    assert toolchain.mesa_dir is not None


def test_nothing_is_left_where_a_build_fails(machine: Machine) -> None:
    """A source that is missing keeps what was there, and no scratch folder stays."""
    machine.build()
    before = stamps(machine.settings.toolchain_dir)
    with pytest.raises(TOOLCHAIN_MISSING, match=f"there is no {HEADLESS_SHELL}"):
        machine.build(chrome_dir=machine.folder / "node_modules")
    assert stamps(machine.settings.toolchain_dir) == before
    siblings = {path.name for path in machine.settings.toolchain_dir.parent.iterdir()}
    assert siblings == {"toolchain", "packages", "ffmpeg"}
