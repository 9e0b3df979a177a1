"""Where Chromium, ffmpeg, the HyperFrames runtime and the fonts are, and exactly which ones.

A toolchain is one folder with a `MANIFEST.json`; `hf-lambda setup` builds it, the deployment zip
carries one. Programs lie in it packed (see `packs`) and are unpacked at first use.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hf_lambda.errors import SCRATCH_UNAVAILABLE, TOOLCHAIN_MISSING
from hf_lambda.packs import unpacked
from hf_lambda.settings import Settings

MANIFEST_NAME = "MANIFEST.json"
TOOLS = ("chromium", "ffmpeg", "ffprobe", "runtime", "fonts")
PACK_SUFFIX = ".tar.zst"


@dataclass(frozen=True)
class Toolchain:
    """One built toolchain. `versions` and `digests` are keyed by `TOOLS`."""

    folder: Path
    cache_dir: Path
    versions: dict[str, str]
    digests: dict[str, str]

    @property
    def chromium_dir(self) -> Path:
        """The unpacked browser: `chromium`, its GL libraries, and its system libraries in `lib/`."""
        return self._unpacked("chromium")

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

    def _unpacked(self, name: str) -> Path:
        pack = self.folder / f"{name}{PACK_SUFFIX}"
        if not pack.is_file():
            raise TOOLCHAIN_MISSING(f"there is no {pack}")
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
    """
    manifest_path = settings.toolchain_dir / MANIFEST_NAME
    try:
        manifest: dict[str, Any] = json.loads(manifest_path.read_text())
        return Toolchain(
            folder=settings.toolchain_dir,
            cache_dir=settings.cache_dir,
            versions={name: manifest[name]["version"] for name in TOOLS},
            digests={name: manifest[name]["sha256"] for name in TOOLS},
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise TOOLCHAIN_MISSING(f"no usable toolchain in {settings.toolchain_dir} ({error})") from error
