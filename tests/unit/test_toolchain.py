import dataclasses
import json
from pathlib import Path

import pytest

from hf_lambda.errors import TOOLCHAIN_MISMATCH, TOOLCHAIN_MISSING
from hf_lambda.packs import write_pack
from hf_lambda.settings import Settings
from hf_lambda.toolchain import locate_toolchain

NAMES = ("chromium", "ffmpeg", "ffprobe", "runtime", "fonts")
MANIFEST = {name: {"version": f"{name} 1", "sha256": "ab" * 32} for name in NAMES}


@pytest.fixture
def folder(settings: Settings) -> Path:
    """A toolchain folder with a manifest and no tools."""
    settings.toolchain_dir.mkdir()
    (settings.toolchain_dir / "MANIFEST.json").write_text(json.dumps(MANIFEST))
    return settings.toolchain_dir


def test_manifest_gives_versions_and_digests(settings: Settings, folder: Path) -> None:
    """What the manifest says of each tool is known without unpacking it."""
    toolchain = locate_toolchain(settings)
    assert toolchain.versions == {name: f"{name} 1" for name in NAMES}
    assert toolchain.digests == dict.fromkeys(NAMES, "ab" * 32)
    assert not settings.cache_dir.exists()


def test_optional_tool_is_there_or_not(settings: Settings, folder: Path, tmp_path: Path) -> None:
    """A toolchain without Mesa is one; where the manifest has it, it is known and unpacked like the others."""
    assert locate_toolchain(settings).mesa_dir is None
    (tmp_path / "source").mkdir()
    (tmp_path / "source" / "lvp_icd.json").write_text("driver")
    write_pack(tmp_path / "source", folder / "mesa.tar.zst", level=1)
    mesa = {"version": "25", "sha256": "cd" * 32}
    (folder / "MANIFEST.json").write_text(json.dumps({**MANIFEST, "mesa": mesa}))
    toolchain = locate_toolchain(settings)
    assert (toolchain.versions["mesa"], toolchain.digests["mesa"]) == ("25", "cd" * 32)
    assert toolchain.mesa_dir is not None
    assert (toolchain.mesa_dir / "lvp_icd.json").read_text() == "driver"


@pytest.mark.parametrize("source", ["chrome-headless-shell", None])
def test_chromium_of_another_source_is_refused(settings: Settings, folder: Path, source: str | None) -> None:
    """A stack that asks for one kind of Chromium does not start with another, or with one of unknown make."""
    chromium = {**MANIFEST["chromium"], **({} if source is None else {"source": source})}
    (folder / "MANIFEST.json").write_text(json.dumps({**MANIFEST, "chromium": chromium}))
    assert locate_toolchain(settings).folder == folder
    with pytest.raises(TOOLCHAIN_MISMATCH, match="the settings ask for sparticuz"):
        locate_toolchain(dataclasses.replace(settings, chrome_source="sparticuz"))


def test_chromium_of_the_right_source_is_taken(settings: Settings, folder: Path) -> None:
    """The kind that the stack asks for is the kind that the manifest names."""
    chromium = {**MANIFEST["chromium"], "source": "sparticuz"}
    (folder / "MANIFEST.json").write_text(json.dumps({**MANIFEST, "chromium": chromium}))
    assert locate_toolchain(dataclasses.replace(settings, chrome_source="sparticuz")).folder == folder


def test_runtime_and_fonts_lie_in_the_folder(settings: Settings, folder: Path) -> None:
    """Files that pages load are served from where they lie."""
    toolchain = locate_toolchain(settings)
    assert toolchain.runtime == folder / "runtime" / "hyperframe.runtime.iife.js"
    assert toolchain.fonts_dir == folder / "fonts"


@pytest.mark.parametrize("name", ["ffmpeg", "ffprobe"])
def test_program_is_unpacked_at_first_use(settings: Settings, folder: Path, tmp_path: Path, name: str) -> None:
    """A program comes out of its pack when it is asked for."""
    source = tmp_path / "source"
    source.mkdir()
    (source / name).write_text("program")
    write_pack(source, folder / f"{name}.tar.zst", level=1)
    program: Path = getattr(locate_toolchain(settings), name)
    assert program.read_text() == "program"
    assert program.is_relative_to(settings.cache_dir)


def test_tools_are_unpacked_together(settings: Settings, folder: Path, tmp_path: Path) -> None:
    """A worker that needs several tools has them all after one call, and none that it did not ask for."""
    for name in ("ffmpeg", "ffprobe", "chromium"):
        (tmp_path / name).mkdir()
        (tmp_path / name / name).write_text(name)
        write_pack(tmp_path / name, folder / f"{name}.tar.zst", level=1)
    locate_toolchain(settings).unpack("ffmpeg", "chromium")
    assert {path.name.partition("-")[0] for path in settings.cache_dir.iterdir() if path.is_dir()} == {
        "ffmpeg",
        "chromium",
    }


def test_tool_that_cannot_be_unpacked_is_an_error_of_the_table(settings: Settings, folder: Path) -> None:
    """One missing pack among several is named."""
    with pytest.raises(TOOLCHAIN_MISSING, match=r"ffmpeg\.tar\.zst"):
        locate_toolchain(settings).unpack("ffmpeg")


@pytest.mark.parametrize("name", ["chromium_dir", "ffmpeg", "ffprobe"])
def test_missing_pack_is_a_missing_toolchain(settings: Settings, folder: Path, name: str) -> None:
    """A pack that is not there names itself and how to get it."""
    with pytest.raises(TOOLCHAIN_MISSING, match=r"there is no .*tar\.zst.*hf-lambda setup"):
        getattr(locate_toolchain(settings), name)


def test_damaged_pack_is_a_missing_toolchain(settings: Settings, folder: Path) -> None:
    """A pack that is no pack is an error of the table."""
    (folder / "ffmpeg.tar.zst").write_bytes(b"not a pack")
    with pytest.raises(TOOLCHAIN_MISSING, match="damaged"):
        locate_toolchain(settings).ffmpeg  # noqa: B018 # reading it unpacks


def test_missing_folder_names_the_cure(settings: Settings) -> None:
    """Without a toolchain the message says where it was looked for and what to run."""
    with pytest.raises(TOOLCHAIN_MISSING, match="hf-lambda setup") as caught:
        locate_toolchain(settings)
    assert str(settings.toolchain_dir) in caught.value.cause


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "null",
        "[]",
        "3",
        '{"ffmpeg": null}',
        '{"ffmpeg": "7"}',
        '{"ffmpeg": {"version": "7"}}',
        '{"ffmpeg": {"sha256": "ab"}}',
        "{}",
        json.dumps({name: part for name, part in MANIFEST.items() if name != "ffprobe"}),
        json.dumps({**MANIFEST, "mesa": {"version": "25"}}),
    ],
)
def test_manifest_of_another_make_is_refused(settings: Settings, folder: Path, text: str) -> None:
    """A manifest that lacks a tool, or says something else, is no toolchain."""
    (folder / "MANIFEST.json").write_text(text)
    with pytest.raises(TOOLCHAIN_MISSING):
        locate_toolchain(settings)


def test_extra_fonts_are_part_of_the_identity(settings: Settings, folder: Path, tmp_path: Path) -> None:
    """Further font folders have one digest, which changes with their contents; they come before the toolchain's own."""
    extra = tmp_path / "extra"
    extra.mkdir()
    (extra / "a.ttf").write_bytes(b"one")
    with_fonts = dataclasses.replace(settings, font_dirs=(extra,))
    (folder / "fonts").mkdir()
    (folder / "fonts" / "fonts.json").write_text("{}")
    toolchain = locate_toolchain(with_fonts)
    assert toolchain.system_font_dirs == (extra, folder / "fonts" / "system")
    assert toolchain.versions["extra-fonts"] == "extra"
    (extra / "a.ttf").write_bytes(b"other")
    assert locate_toolchain(with_fonts).digests["extra-fonts"] != toolchain.digests["extra-fonts"]
    assert "extra-fonts" not in locate_toolchain(settings).digests


def test_links_to_nothing_are_no_fonts(settings: Settings, folder: Path, tmp_path: Path) -> None:
    """A font that was taken away leaves its link behind, and the other fonts."""
    extra = tmp_path / "extra"
    extra.mkdir()
    (extra / "a.ttf").write_bytes(b"one")
    with_fonts = dataclasses.replace(settings, font_dirs=(extra,))
    digest = locate_toolchain(with_fonts).digests["extra-fonts"]
    (extra / "b.ttf").symlink_to("gone.ttf")
    assert locate_toolchain(with_fonts).digests["extra-fonts"] == digest


def test_extra_folder_that_is_not_there_is_named(settings: Settings, folder: Path, tmp_path: Path) -> None:
    """A font folder that is promised and missing is an error, not another picture."""
    with pytest.raises(TOOLCHAIN_MISSING, match=r"HF_LAMBDA_FONTS names .*none"):
        locate_toolchain(dataclasses.replace(settings, font_dirs=(tmp_path / "none",)))
