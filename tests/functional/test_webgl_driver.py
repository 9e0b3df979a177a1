"""Mesa draws WebGL where it draws what SwiftShader would, and is there, and works."""

import dataclasses
import json
import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from elftools.elf.elffile import ELFFile

from hf_lambda.capture.chromium import MESA_MANIFEST
from hf_lambda.capture.flags import MESA, SWIFTSHADER, webgl_driver_of
from hf_lambda.capture.page import Page
from hf_lambda.capture.page_report import PageReport
from hf_lambda.capture.shutter import Picture
from hf_lambda.deadline import Deadline
from hf_lambda.errors import BROWSER_CRASHED, INVALID_CONFIG, SCRATCH_UNAVAILABLE, TOOLCHAIN_MISSING
from hf_lambda.handler import browser_pool
from hf_lambda.plan.document import Plan
from hf_lambda.plan.packing import read_plan
from hf_lambda.settings import Settings
from hf_lambda.storage.folder import FolderStorage
from hf_lambda.toolchain import MANIFEST_NAME, Toolchain
from tests.functional.projects import write_project
from tests.functional.renders import decoded_frames, render
from tests.functional.renders import plan as plan_source
from tests.functional.webgl import CANVAS, NOISE, WAVES, drawing_script, fragment_shader, write_webgl_project

pytestmark = pytest.mark.browser

IN_LAMBDA = {"GLIBC": (2, 34), "GLIBCXX": (3, 4, 29), "CXXABI": (1, 3, 13)}
"""The newest that Amazon Linux 2023 has of libc and libstdc++, those of GCC 11."""
LEAST_DB = 45.0
"""Between pictures of two drivers, after x264 at its finest."""


@pytest.fixture(scope="module", autouse=True)
def needs_mesa(toolchain: Toolchain) -> None:
    """A machine without a Debian mirror has none."""
    if not toolchain.has_mesa:
        pytest.skip("this toolchain was built without Mesa")


@pytest.fixture
def without_mesa(toolchain: Toolchain, session_settings: Settings, tmp_path: Path) -> Iterator[Settings]:
    """Settings of the same toolchain, built where there was no Mesa."""
    folder = tmp_path / "toolchain"
    folder.mkdir()
    for part in toolchain.folder.iterdir():
        (folder / part.name).symlink_to(part)
    manifest = json.loads((folder / MANIFEST_NAME).read_text())
    del manifest["mesa"]
    (folder / MANIFEST_NAME).unlink()
    (folder / MANIFEST_NAME).write_text(json.dumps(manifest))
    settings = dataclasses.replace(session_settings, toolchain_dir=folder)
    yield settings
    browser_pool(settings).close()


@pytest.fixture
def own_mesa(toolchain: Toolchain, session_settings: Settings, tmp_path: Path) -> Iterator[tuple[Settings, Path]]:
    """Settings with an unpacked driver of their own, and where it lies."""
    assert toolchain.mesa_dir is not None
    cache = tmp_path / "cache"
    folder = shutil.copytree(toolchain.mesa_dir, cache / toolchain.mesa_dir.name)
    settings = dataclasses.replace(session_settings, cache_dir=cache)
    yield settings, folder
    browser_pool(settings).close()


def hide_newer_symbols(library: Path) -> list[str]:
    """Have a library ask for names that nobody has instead of those that Lambda's image lacks; their versions."""
    content = bytearray(library.read_bytes())
    hidden = []
    with library.open("rb") as file:
        elf: Any = ELFFile(file)  # whose sections have no types
        names = elf.get_section_by_name(".dynstr")["sh_offset"]
        needed = {
            version["vna_other"]: version.name
            for _, versions in elf.get_section_by_name(".gnu.version_r").iter_versions()
            for version in versions
        }
        indexes = elf.get_section_by_name(".gnu.version").iter_symbols()
        for symbol, index in zip(elf.get_section_by_name(".dynsym").iter_symbols(), indexes, strict=True):
            kind, _, number = needed.get(index["ndx"], "").partition("_")
            if kind in IN_LAMBDA and tuple(map(int, number.split("."))) > IN_LAMBDA[kind]:
                content[names + symbol["st_name"]] = ord("X")
                hidden.append(f"{kind}_{number}")
    library.write_bytes(content)
    return hidden


def plan(folder: Path, source: Path, settings: Settings, **config: object) -> tuple[Plan, list[str]]:
    """The plan of a project, and its warnings."""
    made = plan_source(source, folder / "planned", settings, fps=30, **config)
    stored = read_plan(FolderStorage(), made["PlanS3Uri"], folder / "plan", expected_hash=made["PlanHash"])
    return stored.plan, made["Warnings"]


@pytest.mark.parametrize(
    ("body", "config", "driver"),
    [
        (WAVES, {}, MESA),
        (NOISE, {}, SWIFTSHADER),
        (WAVES, {"webglDriver": "swiftshader"}, SWIFTSHADER),
        (NOISE, {"webglDriver": "mesa"}, MESA),
        (WAVES, {"captureMode": "screenshot"}, MESA),
        (WAVES, {"format": "webm"}, MESA),
    ],
    ids=["waves", "noise", "asked-for-swiftshader", "asked-for-mesa", "screenshots", "alpha"],
)
def test_mesa_draws_what_looks_alike(
    body: str, config: dict[str, str], driver: tuple[str, ...], session_settings: Settings, tmp_path: Path
) -> None:
    """Or what it is asked to."""
    source = write_webgl_project(tmp_path / "project", fragment_shader(body))
    made, warnings = plan(tmp_path, source, session_settings, **config)
    assert set(driver) <= set(made.chromium_flags)
    assert warnings == []


def test_other_pages_do_not_wait_for_mesa(session_settings: Settings, tmp_path: Path) -> None:
    """They have nothing for it to draw."""
    made, _ = plan(tmp_path, write_project(tmp_path / "project", "<p>words</p>"), session_settings)
    assert set(SWIFTSHADER) <= set(made.chromium_flags)


@pytest.mark.parametrize("version", ["webgl", "webgl2"])
def test_both_drivers_draw_the_same_picture(
    version: str, toolchain: Toolchain, session_settings: Settings, tmp_path: Path
) -> None:
    """But for rounding; and Mesa draws it again to the byte, in other segments too."""
    source = write_webgl_project(tmp_path / "project", fragment_shader(WAVES), version=version, seconds=0.2)
    config = {"crf": 0, "quality": "high"}
    mesa = render(source, tmp_path / "mesa", session_settings, **config)
    again = render(source, tmp_path / "again", session_settings, **config, segmentFrames=2)
    other = render(source, tmp_path / "other", session_settings, **config, webglDriver="swiftshader")
    assert mesa.pictures == again.pictures != other.pictures
    frames = [np.array(list(decoded_frames(toolchain, work.summary.output, 320, 180))) for work in (mesa, other)]
    error = np.mean((frames[0].astype(float) - frames[1]) ** 2)
    assert 10 * np.log10(255**2 / error) > LEAST_DB
    assert frames[0].std() > 20  # waves, not nothing


def test_without_mesa_swiftshader_draws(without_mesa: Settings, tmp_path: Path) -> None:
    """As on any machine that had no mirror; who asks for Mesa there is told."""
    source = write_webgl_project(tmp_path / "project", fragment_shader(WAVES))
    made, warnings = plan(tmp_path, source, without_mesa)
    assert set(SWIFTSHADER) <= set(made.chromium_flags)
    assert warnings == []
    with pytest.raises(TOOLCHAIN_MISSING, match="built without"):
        plan(tmp_path / "asked", source, without_mesa, webglDriver="mesa")


def test_mesa_calls_nothing_that_lambda_lacks(
    own_mesa: tuple[Settings, Path], session_settings: Settings, tmp_path: Path
) -> None:
    """It is built for a newer libc and a newer libstdc++ than Lambda's, of which it is linked with a few functions."""
    settings, folder = own_mesa
    assert set(hide_newer_symbols(folder / "libLLVM-15.so.1")) == {"GLIBC_2.36", "GLIBCXX_3.4.30"}
    assert hide_newer_symbols(folder / "libvulkan_lvp.so") == []
    source = write_webgl_project(tmp_path / "project", fragment_shader(WAVES), seconds=0.1)
    here = render(source, tmp_path / "here", session_settings)
    there = render(source, tmp_path / "there", settings)
    assert there.summary.plan["Warnings"] == []
    assert there.pictures == here.pictures


def test_mesa_that_does_not_start_is_done_without(own_mesa: tuple[Settings, Path], tmp_path: Path) -> None:
    """The plan finds out, so that no worker has to."""
    broken_mesa, folder = own_mesa
    manifest = folder / MESA_MANIFEST
    manifest.write_text("{}".ljust(manifest.stat().st_size))
    source = write_webgl_project(tmp_path / "project", fragment_shader(WAVES))
    made, warnings = plan(tmp_path, source, broken_mesa)
    assert set(SWIFTSHADER) <= set(made.chromium_flags)
    assert [warning for warning in warnings if "Mesa" in warning]
    assert render(source, tmp_path / "rendered", broken_mesa).summary.output.is_file()


@pytest.fixture
def no_room_for_mesa(toolchain: Toolchain, session_settings: Settings, tmp_path: Path) -> Iterator[Settings]:
    """Settings with a cache in which no Mesa can be unpacked; all other tools can."""
    cache = tmp_path / "cache"
    (cache / f".mesa-{toolchain.digests['mesa'][:16]}.lock").mkdir(parents=True)
    settings = dataclasses.replace(session_settings, cache_dir=cache)
    yield settings
    browser_pool(settings).close()


def test_mesa_that_the_disk_refuses_is_done_without(no_room_for_mesa: Settings, tmp_path: Path) -> None:
    """A sandbox with a small /tmp renders as it did before there was Mesa; who asks for Mesa is told."""
    source = write_webgl_project(tmp_path / "project", fragment_shader(WAVES))
    made, warnings = plan(tmp_path, source, no_room_for_mesa)
    assert set(SWIFTSHADER) <= set(made.chromium_flags)
    assert [warning for warning in warnings if "Mesa" in warning and "could not be unpacked" in warning]
    with pytest.raises(SCRATCH_UNAVAILABLE, match="could not be unpacked"):
        plan(tmp_path / "asked", source, no_room_for_mesa, webglDriver="mesa")


@pytest.fixture
def dying_mesa(monkeypatch: pytest.MonkeyPatch) -> int:
    """The frame at which the process that draws with Mesa is killed, each time."""
    frame, capture = 2, Page.capture

    def capture_and_die(page: Page, number: int) -> Picture:
        browser = page._browser
        if number == frame and webgl_driver_of(browser.flags) == "mesa":
            os.kill(browser.compositor_pid(deadline=Deadline(60)), signal.SIGKILL)
        return capture(page, number)

    monkeypatch.setattr(Page, "capture", capture_and_die)
    return frame


@pytest.mark.parametrize("mode", ["auto", "beginframe", "screenshot"])
def test_mesa_that_dies_in_the_plan_is_done_without(
    mode: str, dying_mesa: int, session_settings: Settings, tmp_path: Path
) -> None:
    """Chromium goes on with another process, and the page without its WebGL; no other way to take frames helps."""
    seconds = dying_mesa * 2 / 30
    source = write_webgl_project(tmp_path / "project", fragment_shader(WAVES), seconds=seconds)
    made, warnings = plan(tmp_path, source, session_settings, captureMode=mode)
    assert set(SWIFTSHADER) <= set(made.chromium_flags)
    assert [warning for warning in warnings if "Mesa" in warning]
    with pytest.raises(BROWSER_CRASHED, match=r"drawing process|picture is gone"):
        plan(tmp_path / "asked", source, session_settings, captureMode=mode, webglDriver="mesa")


LOSS = """<script>
  window.loss = new Promise((resolve) => {
    document.getElementById("screen").addEventListener("webglcontextlost", () => {
      resolve();
      throw new Error("no WebGL");
    });
  });
</script>"""


@pytest.mark.parametrize("mode", ["auto", "beginframe", "screenshot"])
def test_mesa_that_dies_while_the_page_loads_is_done_without(
    mode: str, session_settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page that throws because it has no WebGL is not to blame."""
    load = Page.load

    def load_and_die(page: Page) -> PageReport:
        report, browser = load(page), page._browser
        if webgl_driver_of(browser.flags) == "mesa":
            os.kill(browser.compositor_pid(deadline=Deadline(60)), signal.SIGKILL)
            page.evaluate("loss")
        return report

    monkeypatch.setattr(Page, "load", load_and_die)
    source = write_project(tmp_path / "project", CANVAS + LOSS, script=drawing_script(fragment_shader(WAVES)))
    made, warnings = plan(tmp_path, source, session_settings, captureMode=mode)
    assert set(SWIFTSHADER) <= set(made.chromium_flags)
    assert [warning for warning in warnings if "Mesa" in warning]


@pytest.mark.parametrize("mode", ["auto", "beginframe", "screenshot"])
def test_mesa_that_dies_later_leaves_no_blank_pictures(
    mode: str, dying_mesa: int, session_settings: Settings, tmp_path: Path
) -> None:
    """The plan takes the first frame and the sixth; a worker fails, and may be tried again."""
    source = write_webgl_project(tmp_path / "project", fragment_shader(WAVES), seconds=10 / 30)
    with pytest.raises(BROWSER_CRASHED, match=r"drawing process|picture is gone"):
        render(source, tmp_path / "rendered", session_settings, captureMode=mode)


def test_another_driver_is_refused(session_settings: Settings, tmp_path: Path) -> None:
    """By name."""
    with pytest.raises(INVALID_CONFIG, match="webglDriver"):
        plan(tmp_path, write_project(tmp_path / "project", ""), session_settings, webglDriver="nvidia")
