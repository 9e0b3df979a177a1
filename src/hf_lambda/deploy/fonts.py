"""Collects the bundled font families from their npm packages."""

import json
import re
import shutil
from dataclasses import asdict
from pathlib import Path

from hf_lambda.composition.fonts import FontFace

_FACE = re.compile(r"@font-face\s*\{(.*?)\}", re.DOTALL)
_SOURCE = re.compile(r"url\(\./files/([\w.-]+\.woff2)\)")
_SHEET = re.compile(r"\d00(-italic)?\.css")
_WHOLE_UNICODE = "U+0-10FFFF"
_SHEETS_OF_LARGE_FAMILIES = {"noto-sans-jp": {"400.css", "700.css"}}
"""Families of many megabytes come in these weights only."""


def collect_fonts(node_modules: Path, target: Path) -> dict[str, str]:
    """Copy every family's woff2 files and write `fonts.json`; returns versions by family."""
    target.mkdir(parents=True)
    catalogue: dict[str, list[dict[str, str]]] = {}
    versions = {}
    for package in sorted((node_modules / "@fontsource").iterdir()):
        faces = [face for sheet in _sheets(package) for face in _read_sheet(sheet)]
        for face in faces:
            shutil.copyfile(package / "files" / face.file, target / face.file)
        shutil.copyfile(package / "LICENSE", target / f"{package.name}.LICENSE.txt")
        metadata = json.loads((package / "metadata.json").read_text())
        catalogue[metadata["family"].lower()] = [asdict(face) for face in faces]
        versions[package.name] = json.loads((package / "package.json").read_text())["version"]
    (target / "fonts.json").write_text(json.dumps(catalogue, sort_keys=True))
    return versions


def _sheets(package: Path) -> list[Path]:
    wanted = _SHEETS_OF_LARGE_FAMILIES.get(package.name)
    return [
        sheet
        for sheet in sorted(package.glob("*.css"))
        if _SHEET.fullmatch(sheet.name) and (wanted is None or sheet.name in wanted)
    ]


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
