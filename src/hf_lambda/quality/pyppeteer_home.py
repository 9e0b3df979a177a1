"""An environment with pyppeteer, made on demand: its pins are old and must not touch ours."""

import shutil
import subprocess
import sys
import venv
from pathlib import Path

from hf_lambda.errors import PROBE_UNAVAILABLE
from hf_lambda.files import temporary_beside
from hf_lambda.hashing import json_sha256

PACKAGES = (
    "pyppeteer==2.0.0",
    "appdirs==1.4.4",
    "certifi==2024.8.30",
    "importlib-metadata==8.5.0",
    "pyee==11.1.1",
    "tqdm==4.66.5",
    "typing-extensions==4.12.2",
    "urllib3==1.26.20",
    "websockets==10.4",
    "zipp==3.20.2",
)
"""All of it, so that pip has nothing to choose."""
_INSTALL_SECONDS = 300


def pyppeteer_packages(cache_dir: Path) -> Path:
    """The folder of packages of a virtual environment in `cache_dir` that has pyppeteer.

    Raises:
        PROBE_UNAVAILABLE: it could not be made.
    """
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    home = cache_dir / f"pyppeteer-{version}-{json_sha256(PACKAGES)[:12]}"
    packages = Path("lib", f"python{version}", "site-packages")
    if (home / packages).is_dir():
        return home / packages
    temporary = temporary_beside(home)
    try:
        venv.create(temporary, with_pip=True)
        _install(temporary)
        temporary.rename(home)
    except (OSError, subprocess.SubprocessError) as error:
        if not (home / packages).is_dir():  # else another process was quicker
            raise PROBE_UNAVAILABLE(f"the environment for pyppeteer could not be made: {error}") from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return home / packages


def _install(home: Path) -> None:
    argv = [str(home / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
    done = subprocess.run([*argv, *PACKAGES], capture_output=True, text=True, check=False, timeout=_INSTALL_SECONDS)
    if done.returncode != 0:
        raise PROBE_UNAVAILABLE(f"pip could not install pyppeteer: {done.stderr.strip()[-500:]}")
