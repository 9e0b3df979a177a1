"""Where Chromium, ffmpeg, the HyperFrames runtime and the fonts are, and exactly which ones.

A toolchain is one folder with a `MANIFEST.json`; `hf-lambda setup` builds it, the deployment zip
carries one. Programs lie in it packed (see `packs`) and are unpacked at first use.
"""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from hf_lambda.errors import SCRATCH_UNAVAILABLE, TOOLCHAIN_MISMATCH, TOOLCHAIN_MISSING
from hf_lambda.files import is_file
from hf_lambda.hashing import json_sha256, tree_sha256
from hf_lambda.packs import unpacked
from hf_lambda.settings import Settings

MANIFEST_NAME = "MANIFEST.json"
TOOLS = ("chromium", "ffmpeg", "ffprobe", "runtime", "fonts")
OPTIONAL_TOOLS = ("mesa",)
"""Tools that a toolchain may lack: they make renders faster."""
PACK_SUFFIX = ".tar.zst"
SYSTEM_FONTS = "system"
"""The part of a font folder that browsers see as fonts of the system; the rest is loaded by pages."""
_CATALOGUE_NAME = "fonts.json"
LAYER_FOLDER = Path("/opt/toolchain")
"""Where Lambda unpacks a layer that holds a part of the toolchain."""


@dataclass(frozen=True)
class Toolchain:
    """One built toolchain.

    `versions` and `digests` are keyed by `TOOLS`, by those of `OPTIONAL_TOOLS` that are there, and by `extra-fonts`
    where there are some.
    """

    folder: Path
    cache_dir: Path
    versions: dict[str, str]
    digests: dict[str, str]
    extra_font_dirs: tuple[Path, ...] = ()
    """Folders with further fonts: catalogues such as `fonts_dir`, or plain folders of TrueType files."""

    @property
    def chromium_dir(self) -> Path:
        """The unpacked browser: `chromium`, its GL libraries, and its system libraries in `lib/`."""
        return self._unpacked("chromium")

    @property
    def has_mesa(self) -> bool:
        """Whether Mesa's driver is there."""
        return "mesa" in self.digests

    @property
    def mesa_dir(self) -> Path | None:
        """The unpacked Vulkan driver: `lvp_icd.json` and the libraries beside it; None where there is none."""
        return self._unpacked("mesa") if self.has_mesa else None

    @property
    def ffmpeg(self) -> Path:
        """The ffmpeg program."""
        return self._unpacked("ffmpeg") / "ffmpeg"

    @property
    def ffprobe(self) -> Path:
        """The ffprobe program."""
        return self._unpacked("ffprobe") / "ffprobe"

    @property
    def runtime(self) -> Path:
        """The HyperFrames browser runtime, one script."""
        return self.folder / "runtime" / "hyperframe.runtime.iife.js"

    @property
    def fonts_dir(self) -> Path:
        """The bundled families: `fonts.json` and the woff2 files that it names."""
        return self.folder / "fonts"

    @property
    def system_font_dirs(self) -> tuple[Path, ...]:
        """What browsers see as fonts of the system, beside Chromium's own."""
        return tuple(
            folder / SYSTEM_FONTS if (folder / _CATALOGUE_NAME).is_file() else folder
            for folder in (*self.extra_font_dirs, self.fonts_dir)
        )

    def unpack(self, *names: str) -> None:
        """Unpack these tools side by side, where a worker is about to need all of them.

        Raises:
            TOOLCHAIN_MISSING: a pack is missing or damaged.
            SCRATCH_UNAVAILABLE: the disk refuses.
        """
        with ThreadPoolExecutor(len(names), thread_name_prefix="unpack") as executor:
            list(executor.map(self._unpacked, names))

    def _unpacked(self, name: str) -> Path:
        places = [folder / f"{name}{PACK_SUFFIX}" for folder in (self.folder, LAYER_FOLDER)]
        pack = next((place for place in places if place.is_file()), None)
        if pack is None:
            raise TOOLCHAIN_MISSING(f"there is no {places[0]}, nor one in a layer")
        try:
            return unpacked(pack, digest=self.digests[name], cache_dir=self.cache_dir)
        except ValueError as error:
            raise TOOLCHAIN_MISSING(str(error)) from error
        except OSError as error:
            raise SCRATCH_UNAVAILABLE(f"{pack} could not be unpacked to {self.cache_dir}: {error}") from error


def locate_toolchain(settings: Settings) -> Toolchain:
    """The toolchain that `settings` points at; nothing is unpacked yet.

    Raises:
        TOOLCHAIN_MISSING: there is none, or it is of another make.
        TOOLCHAIN_MISMATCH: its Chromium is not of the source that the settings ask for.
    """
    manifest_path = settings.toolchain_dir / MANIFEST_NAME
    extra = _extra_fonts(settings.font_dirs)
    try:
        manifest: dict[str, Any] = json.loads(manifest_path.read_text())
        source = manifest["chromium"].get("source")
        if settings.chrome_source not in (None, source):
            raise TOOLCHAIN_MISMATCH(f"the Chromium here is {source}, the settings ask for {settings.chrome_source}")
        names = (*TOOLS, *(name for name in OPTIONAL_TOOLS if name in manifest))
        return Toolchain(
            folder=settings.toolchain_dir,
            cache_dir=settings.cache_dir,
            versions={name: manifest[name]["version"] for name in names} | dict.fromkeys(extra, "extra"),
            digests={name: manifest[name]["sha256"] for name in names} | extra,
            extra_font_dirs=settings.font_dirs,
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise TOOLCHAIN_MISSING(f"no usable toolchain in {settings.toolchain_dir} ({error})") from error


def _extra_fonts(folders: tuple[Path, ...]) -> dict[str, str]:
    missing = [folder for folder in folders if not folder.is_dir()]
    if missing:
        raise TOOLCHAIN_MISSING(f"HF_LAMBDA_FONTS names {missing[0]}, which is no folder")
    files = (path for folder in folders for path in folder.rglob("*") if is_file(path))
    stamps = tuple((str(path), path.stat().st_size, path.stat().st_mtime_ns) for path in files)
    return {"extra-fonts": _digest_of(folders, stamps)} if folders else {}


@cache
def _digest_of(folders: tuple[Path, ...], _: tuple[tuple[str, int, int], ...]) -> str:
    """One digest for the folders' contents, computed again when a stamp changes."""
    return json_sha256([tree_sha256(folder) for folder in folders])
