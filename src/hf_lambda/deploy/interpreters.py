"""Finds a Python of the version that Lambda runs, to prove a zip with."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

_START_SECONDS = 60


def find_python(version: str) -> Path | None:
    """An interpreter of exactly that version ("3.13"), or None where the machine has none that starts."""
    return next((path for path in _candidates(version) if _is_version(path, version)), None)


def _candidates(version: str) -> Iterator[Path]:
    yield Path(sys.executable)
    found = shutil.which(f"python{version}")
    if found is not None:
        yield Path(found)
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    yield from sorted(pyenv.glob(f"versions/{version}.*/bin/python{version}"))


def _is_version(python: Path, version: str) -> bool:
    code = "import sys; print('%d.%d' % sys.version_info[:2])"
    try:
        argv = [str(python), "-I", "-c", code]
        done = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=_START_SECONDS)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0 and done.stdout.strip() == version
