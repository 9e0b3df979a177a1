"""Collects font families from their npm packages into a font folder.

A font folder has `fonts.json`, the woff2 files that it names, which pages load, and `system/` with TrueType files,
which browsers see as fonts of the system.
"""

import json
import re
import shutil
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

from hf_lambda.composition.fonts import CATALOGUE_NAME, FontFace
from hf_lambda.deploy.woff import unwrap_woff, woff_tables
from hf_lambda.toolchain import SYSTEM_FONTS

BASE_PACKAGE = "dejavu-fonts-ttf"
"""What text without a family, and characters that no named font has, are drawn with."""

_BASE_FILES = ("Sans", "Sans-Bold", "SansMono", "SansMono-Bold", "Serif", "Serif-Bold")
_FACE = re.compile(r"@font-face\s*\{(.*?)\}", re.DOTALL)
_SOURCE = re.compile(r"url\(\./files/([\w.-]+\.woff2)\)")
_SHEET = re.compile(r"\d00(-italic)?\.css")
_WHOLE_UNICODE = "U+0-10FFFF"
_MANY_FACES = 400
_SHEETS_OF_LARGE_FAMILIES = {"400.css", "700.css"}
"""Families of many megabytes come in these weights only."""


def collect_fonts(node_modules: Path, target: Path) -> dict[str, str]:
    """Copy every bundled family and the base fonts to the new folder `target`; returns versions by family."""
    versions = collect_families(sorted((node_modules / "@fontsource").iterdir()), target)
    base = node_modules / BASE_PACKAGE
    (target / SYSTEM_FONTS).mkdir()
    for name in _BASE_FILES:
        shutil.copyfile(base / "ttf" / f"DejaVu{name}.ttf", target / SYSTEM_FONTS / f"DejaVu{name}.ttf")
    shutil.copyfile(base / "LICENSE", target / f"{BASE_PACKAGE}.LICENSE.txt")
    return {**versions, BASE_PACKAGE: _version(base)}


def collect_families(packages: Iterable[Path], target: Path) -> dict[str, str]:
    """Copy the woff2 files of @fontsource packages and write the catalogue; returns versions by family."""
    target.mkdir(parents=True)
    catalogue: dict[str, list[dict[str, str]]] = {}
    versions = {}
    for package in packages:
        # Chromium draws the colour glyphs of fonts of the system only; such a family is served from there by its name.
        faces = [] if _is_coloured(package) else _read_faces(package)
        for face in faces:
            shutil.copyfile(package / "files" / face.file, target / face.file)
        shutil.copyfile(package / "LICENSE", target / f"{package.name}.LICENSE.txt")
        metadata = json.loads((package / "metadata.json").read_text())
        catalogue[metadata["family"].lower()] = [asdict(face) for face in faces]
        versions[package.name] = _version(package)
    (target / CATALOGUE_NAME).write_text(json.dumps(catalogue, sort_keys=True))
    return versions


def collect_system_fonts(packages: Iterable[Path], target: Path) -> None:
    """Write the regular faces of @fontsource packages as TrueType files, for characters that no named font has."""
    target.mkdir(parents=True)
    for package in packages:
        woffs = sorted((package / "files").glob("*-400-normal.woff"))
        if _is_coloured(package):  # its parts are in the whole, and a family is looked for in one file
            woffs = [max(woffs, key=lambda woff: woff.stat().st_size)]
        for woff in woffs:
            (target / f"{woff.stem}.ttf").write_bytes(unwrap_woff(woff.read_bytes()))


def _read_faces(package: Path) -> list[FontFace]:
    sheets = [sheet for sheet in sorted(package.glob("*.css")) if _SHEET.fullmatch(sheet.name)]
    faces = {sheet.name: _read_sheet(sheet) for sheet in sheets}
    is_large = sum(map(len, faces.values())) > _MANY_FACES
    return [face for name, read in faces.items() if not is_large or name in _SHEETS_OF_LARGE_FAMILIES for face in read]


def _is_coloured(package: Path) -> bool:
    woffs = sorted((package / "files").glob("*.woff"))
    return bool(woffs) and b"COLR" in woff_tables(woffs[0].read_bytes())


def _version(package: Path) -> str:
    version: str = json.loads((package / "package.json").read_text())["version"]
    return version


def _read_sheet(sheet: Path) -> list[FontFace]:
    faces = []
    for body in _FACE.findall(sheet.read_text()):
        properties = dict(re.findall(r"([\w-]+)\s*:\s*([^;]+);", body))
        file = _SOURCE.search(body)
        assert file is not None, sheet
        faces.append(
            FontFace(
                file=file.group(1),
                weight=properties["font-weight"],
                style=properties["font-style"],
                unicode_range=properties.get("unicode-range", _WHOLE_UNICODE),
            )
        )
    return faces
