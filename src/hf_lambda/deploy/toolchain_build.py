"""Builds the toolchain folder from its sources: npm packages at locked versions, ffmpeg's wheel, Debian's Mesa."""

import json
import shutil
import tarfile
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version as package_version
from io import BytesIO
from pathlib import Path

from hf_lambda.deploy.fonts import collect_fonts
from hf_lambda.deploy.npm import install_packages, npm_manifest_dir
from hf_lambda.errors import TOOLCHAIN_MISSING
from hf_lambda.hashing import file_sha256, json_sha256, tree_sha256
from hf_lambda.packs import extraction_filter, write_pack
from hf_lambda.toolchain import MANIFEST_NAME, PACK_SUFFIX

LAPTOP_LEVEL = 3
"""zstd level for a toolchain that is only unpacked on the machine that packs it."""
ZIP_LEVEL = 19
"""zstd level for a toolchain that is shipped: slow to pack, as quick to unpack."""
SPARTICUZ, HEADLESS_SHELL = "sparticuz", "chrome-headless-shell"
"""Where Chromium can come from: npm's package, or a folder with a headless shell and its side files."""

_FINGERPRINT_NAME = "FINGERPRINT"
_RECIPE_VERSION = 4
"""Raised when this module builds something else from the same sources."""
_RUNTIME = Path("hyperframes/dist/hyperframe.runtime.iife.js")
_CHROMIUM_ARCHIVES = ("al2023", "swiftshader", "fonts")

_FIRST_ANSWER_SECONDS, _NEXT_ANSWER_SECONDS = 10.0, 2.0
"""How long a Debian mirror may take to answer, and where none did before, so that set-up is quick again."""

Report = Callable[[str], None]


@dataclass(frozen=True)
class _Collected:
    """A tool whose files lie ready to be packed."""

    folder: Path
    version: str


def build_toolchain(
    target: Path,
    *,
    packages_dir: Path,
    downloads_dir: Path,
    level: int,
    report: Report,
    chrome_dir: Path | None = None,
) -> bool:
    """Build the toolchain in `target` unless it is there already; returns whether anything was built.

    `packages_dir` is where npm installs (its `node_modules` is reused when it is current), `downloads_dir` keeps
    Debian's packages. With `chrome_dir`, the Chromium is that folder's chrome-headless-shell with everything beside
    it. A toolchain without Mesa, which is optional, is built again when Mesa can be had.

    Raises:
        TOOLCHAIN_MISSING: a source could not be had; the message says which and what to do.
    """
    manifest_dir = npm_manifest_dir()
    chrome = tree_sha256(chrome_dir) if chrome_dir is not None else SPARTICUZ
    sources = [_RECIPE_VERSION, level, file_sha256(manifest_dir / "package-lock.json"), _ffmpeg_wheel(), chrome]
    whole, without_mesa = json_sha256(sources), json_sha256([*sources, "without Mesa"])
    found = _read_fingerprint(target)
    if found == whole:
        return False
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{target.name}.", dir=target.parent) as scratch:
        seconds = _NEXT_ANSWER_SECONDS if found == without_mesa else _FIRST_ANSWER_SECONDS
        mesa = _collect_mesa(Path(scratch) / "mesa", downloads_dir, report, seconds)
        if mesa is None and found == without_mesa:
            return False
        report("installing npm packages (Chromium, HyperFrames runtime, fonts, ffprobe)")
        node_modules = install_packages(manifest_dir, packages_dir)
        built = Path(scratch) / "toolchain"
        _build(node_modules, built, level, report, chrome_dir, mesa)
        (built / _FINGERPRINT_NAME).write_text(without_mesa if mesa is None else whole)
        shutil.rmtree(target, ignore_errors=True)
        built.rename(target)
    return True


def _read_fingerprint(target: Path) -> str | None:
    try:
        return (target / _FINGERPRINT_NAME).read_text()
    except OSError:
        return None


def _collect_mesa(target: Path, downloads_dir: Path, report: Report, answer_seconds: float) -> _Collected | None:
    """Mesa's files and version, or None where no mirror of Debian can be reached, as some networks have it."""
    from hf_lambda.deploy.mesa import collect_mesa  # brings an ELF reader and a web client, seldom needed

    report("fetching Mesa from a Debian mirror")
    try:
        return _Collected(target, collect_mesa(target, downloads_dir, answer_seconds=answer_seconds))
    except TOOLCHAIN_MISSING as error:
        report(f"leaving Mesa out, so WebGL is drawn at half the speed: {error.cause}")
        return None


def _ffmpeg_wheel() -> str:
    try:
        return package_version("imageio-ffmpeg")
    except ImportError as error:
        raise TOOLCHAIN_MISSING("imageio-ffmpeg is not installed; `pip install hf-lambda[local]` brings it") from error


def _build(
    node_modules: Path, target: Path, level: int, report: Report, chrome_dir: Path | None, mesa: _Collected | None
) -> None:
    import imageio_ffmpeg

    target.mkdir(parents=True)
    manifest = {}

    def pack(name: str, version: str, source: Path) -> None:
        report(f"packing {name}")
        write_pack(source, target / f"{name}{PACK_SUFFIX}", level=level)
        manifest[name] = {"version": version, "sha256": tree_sha256(source)}

    with tempfile.TemporaryDirectory(dir=target.parent) as scratch:
        work = Path(scratch)
        _unpack_chromium(node_modules / "@sparticuz/chromium/bin", work / "chromium")
        chromium_version = _npm_version(node_modules, "@sparticuz/chromium")
        if chrome_dir is not None:
            chromium_version = _replace_browser(work / "chromium", chrome_dir)
        pack("chromium", chromium_version, work / "chromium")
        manifest["chromium"]["source"] = SPARTICUZ if chrome_dir is None else HEADLESS_SHELL
        _copy_program(Path(imageio_ffmpeg.get_ffmpeg_exe()), work / "ffmpeg" / "ffmpeg")
        pack("ffmpeg", imageio_ffmpeg.get_ffmpeg_version(), work / "ffmpeg")
        _copy_program(node_modules / "@ffprobe-installer/linux-x64/ffprobe", work / "ffprobe" / "ffprobe")
        pack("ffprobe", _npm_version(node_modules, "@ffprobe-installer/linux-x64"), work / "ffprobe")
    if mesa is not None:
        pack("mesa", mesa.version, mesa.folder)
    report("collecting the runtime and the fonts")
    (target / "runtime").mkdir()
    shutil.copyfile(node_modules / _RUNTIME, target / "runtime" / _RUNTIME.name)
    manifest["runtime"] = {
        "version": _npm_version(node_modules, "hyperframes"),
        "sha256": tree_sha256(target / "runtime"),
    }
    font_versions = collect_fonts(node_modules, target / "fonts")
    manifest["fonts"] = {
        "version": f"{len(font_versions)} families",
        "sha256": tree_sha256(target / "fonts"),
    }
    (target / MANIFEST_NAME).write_text(json.dumps(manifest, indent=2, sort_keys=True) + "\n")


def _unpack_chromium(source: Path, target: Path) -> None:
    """Chromium, its GL libraries, its system libraries in `lib/`, and its base fonts."""
    import brotli

    target.mkdir(parents=True)
    browser = target / "chromium"
    browser.write_bytes(brotli.decompress((source / "chromium.br").read_bytes()))
    browser.chmod(0o755)
    for name in _CHROMIUM_ARCHIVES:
        contents = brotli.decompress((source / f"{name}.tar.br").read_bytes())
        with tarfile.open(fileobj=BytesIO(contents)) as archive:
            archive.extractall(target, **extraction_filter("tar"))


def _replace_browser(chromium: Path, chrome_dir: Path) -> str:
    """Put the headless shell of `chrome_dir` in the browser's place, its system libraries and fonts stay."""
    program = chrome_dir / HEADLESS_SHELL
    if not program.is_file():
        raise TOOLCHAIN_MISSING(f"there is no {HEADLESS_SHELL} in {chrome_dir}")
    for path in chromium.iterdir():
        if path.is_file():
            path.unlink()  # the other browser, and the GL libraries that belong to it
    shutil.copytree(chrome_dir, chromium, dirs_exist_ok=True)
    (chromium / HEADLESS_SHELL).rename(chromium / "chromium")
    (chromium / "chromium").chmod(0o755)
    return f"{HEADLESS_SHELL} {file_sha256(program)[:12]}"


def _copy_program(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True)
    shutil.copyfile(source, target)
    target.chmod(0o755)


def _npm_version(node_modules: Path, package: str) -> str:
    version: str = json.loads((node_modules / package / "package.json").read_text())["version"]
    return version
