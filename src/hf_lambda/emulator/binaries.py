"""Fetches what AWS publishes of the Lambda runtime: its interface emulator, and its Python interface client."""

import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from hf_lambda.deploy.wheels import LINUX_PLATFORMS
from hf_lambda.errors import EMULATOR_UNAVAILABLE
from hf_lambda.files import temporary_beside

_SAM_CLI = "aws-sam-cli==1.170.0"
"""Its wheel carries the emulator; it pins half the world, so only the file is taken out of it."""
_EMULATOR = "samcli/local/rapid/aws-lambda-rie-x86_64"
_CLIENT = "awslambdaric==4.2.2"


def fetch_emulator(cache_dir: Path) -> Path:
    """The runtime interface emulator, a program, kept in `cache_dir`.

    Raises:
        EMULATOR_UNAVAILABLE: pip could not fetch it.
    """
    program = cache_dir / f"aws-lambda-rie-{_SAM_CLI.rpartition('=')[2]}"
    if program.is_file():
        return program
    cache_dir.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache_dir) as scratch:
        _pip("download", "--no-deps", "--only-binary", ":all:", "--dest", scratch, _SAM_CLI)
        (wheel,) = Path(scratch).glob("*.whl")
        with zipfile.ZipFile(wheel) as archive:
            extracted = Path(archive.extract(_EMULATOR, scratch))
        extracted.chmod(0o755)
        extracted.replace(program)
    return program


def fetch_interface_client(cache_dir: Path, python_version: str) -> Path:
    """A folder with `awslambdaric` for that Python, kept in `cache_dir`.

    Raises:
        EMULATOR_UNAVAILABLE: pip could not fetch it.
    """
    folder = cache_dir / f"awslambdaric-{_CLIENT.rpartition('=')[2]}-{python_version}"
    if folder.is_dir():
        return folder
    cache_dir.mkdir(parents=True, exist_ok=True)
    temporary = temporary_beside(folder)
    platforms = (argument for platform in LINUX_PLATFORMS for argument in ("--platform", platform))
    try:
        _pip(
            *("install", "--target", str(temporary), "--python-version", python_version),
            *("--implementation", "cp", *platforms, "--only-binary", ":all:", _CLIENT),
        )
        temporary.rename(folder)
    except OSError:
        if not folder.is_dir():  # another process was quicker
            raise
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return folder


def _pip(*arguments: str) -> None:
    argv = [sys.executable, "-m", "pip", *arguments, "--quiet", "--disable-pip-version-check"]
    done = subprocess.run(argv, capture_output=True, text=True, check=False, env=dict(os.environ))
    if done.returncode != 0:
        raise EMULATOR_UNAVAILABLE(f"pip could not fetch {arguments[-1]}: {done.stderr.strip()[-500:]}")
