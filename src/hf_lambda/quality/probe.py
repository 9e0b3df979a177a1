"""Proves the packaged Chromium by itself, with a DevTools client that shares no code with ours."""

import json
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hf_lambda.capture.flags import chromium_flags
from hf_lambda.deploy.handler_tree import CHROMIUM_PACK, TOOLCHAIN_FOLDER
from hf_lambda.emulator.sandbox import SandboxLayout, sandbox_for
from hf_lambda.errors import PROBE_UNAVAILABLE
from hf_lambda.packs import unpacked
from hf_lambda.processes import scrubbed_environment
from hf_lambda.quality.pyppeteer_home import pyppeteer_packages
from hf_lambda.toolchain import MANIFEST_NAME

_SCRIPT = Path(__file__).with_name("probe_script.py")
_SECONDS = 120
_TEMPORARY_BYTES = 512 << 20
"""The /tmp that Lambda gives a function that asks for none."""
_TAIL = 1500


@dataclass(frozen=True)
class ProbeResult:
    """What was seen. `failures` is empty where everything was as it must be; times are milliseconds."""

    failures: list[str]
    seen: dict[str, Any]
    unpack_ms: int
    unproven: str | None


def probe_chromium(source: Path, cache_dir: Path) -> ProbeResult:
    """Probe the Chromium in `source`: a deployment zip, a layer's zip, or a toolchain's folder.

    Raises:
        PROBE_UNAVAILABLE: the probe could not be run, which says nothing about Chromium.
    """
    packages = pyppeteer_packages(cache_dir)
    with tempfile.TemporaryDirectory(prefix="hf-lambda-probe-") as work:
        task, scratch = Path(work) / "task", Path(work) / "scratch"
        Path(work).chmod(0o755)  # the sandbox's user reads below it
        task.mkdir()
        scratch.mkdir()
        pack, digest = _find_pack(source, Path(work))
        started = time.monotonic()
        try:
            chromium = unpacked(pack, digest=digest, cache_dir=task)
        except (ValueError, OSError) as error:
            return ProbeResult([f"{pack.name} cannot be unpacked: {error}"], {}, 0, None)
        unpack_ms = round(1000 * (time.monotonic() - started))
        shutil.copyfile(_SCRIPT, task / "probe_script.py")
        layout = SandboxLayout(task, packages, None, Path(sys.executable).resolve(), _TEMPORARY_BYTES)
        sandbox = sandbox_for(layout, scratch)
        folder = f"{sandbox.task_root}/{chromium.name}"
        request = {"program": f"{folder}/chromium", "folder": folder, "flags": chromium_flags()}
        script = f"{sandbox.task_root}/probe_script.py"
        argv = [*sandbox.prefix, str(layout.python), script, json.dumps(request)]
        seen, failures = _run(argv, scrubbed_environment(PYTHONPATH=sandbox.runtime_root, PYTHONDONTWRITEBYTECODE="1"))
    return ProbeResult(failures or find_failures(seen), seen, unpack_ms, sandbox.unproven)


def find_failures(seen: dict[str, Any]) -> list[str]:
    """What the probe saw that must not be."""
    renderers = f"{seen['glRenderer']!r}, in pages {seen['webglRenderer']!r}"
    is_software = all("swiftshader" in seen[name].lower() for name in ("glRenderer", "webglRenderer"))
    checks = (
        (is_software, f"it does not draw in software: {renderers}"),
        (seen["isPng"], "BeginFrame gives no picture"),
        (seen["isRepeatable"], "two BeginFrames of a page that stands still give different pictures"),
        (seen["drawsText"], "it draws no text"),
        (seen["drawsLetters"], "all letters look the same: it has no font"),
    )
    return [failure for passed, failure in checks if not passed]


def _find_pack(source: Path, work: Path) -> tuple[Path, str]:
    """The packed Chromium and its digest, taken out of a zip where it is in one."""
    try:
        if source.is_dir():
            return source / CHROMIUM_PACK, _digest((source / MANIFEST_NAME).read_bytes())
        with zipfile.ZipFile(source) as archive:
            pack = Path(archive.extract(f"{TOOLCHAIN_FOLDER}/{CHROMIUM_PACK}", work))
            manifest = f"{TOOLCHAIN_FOLDER}/{MANIFEST_NAME}"
            return pack, _digest(archive.read(manifest)) if manifest in archive.namelist() else "layer"
    except (OSError, KeyError, ValueError, zipfile.BadZipFile) as error:
        raise PROBE_UNAVAILABLE(f"{source} holds no packed Chromium: {error}") from error


def _digest(manifest: bytes) -> str:
    return str(json.loads(manifest)["chromium"]["sha256"])


def _run(argv: list[str], environment: dict[str, str]) -> tuple[dict[str, Any], list[str]]:
    """What the script printed, or why it printed nothing."""
    try:
        done = subprocess.run(
            argv, env=environment, cwd="/", capture_output=True, text=True, check=False, timeout=_SECONDS
        )
    except subprocess.TimeoutExpired:
        return {}, [f"Chromium did not answer within {_SECONDS} s"]
    except OSError as error:
        raise PROBE_UNAVAILABLE(f"{argv[0]} could not be started: {error}") from error
    if "ModuleNotFoundError" in done.stderr:
        raise PROBE_UNAVAILABLE(f"the environment for pyppeteer is damaged: {done.stderr.strip()[-_TAIL:]}")
    if done.returncode != 0:
        return {}, [f"Chromium could not be driven: {done.stderr.strip()[-_TAIL:]}"]
    seen: dict[str, Any] = json.loads(done.stdout)
    return seen, []
