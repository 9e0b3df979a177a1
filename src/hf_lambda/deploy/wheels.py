"""Installs the packages of the function as the Lambda runtime needs them, whatever Python runs this."""

import shutil
import subprocess
import sys
from collections.abc import Iterable
from contextlib import suppress
from importlib.metadata import requires
from pathlib import Path

from elftools.common.exceptions import ELFError
from packaging.requirements import Requirement

from hf_lambda.deploy.debug_info import strip_debug_info
from hf_lambda.deploy.runtime_packages import PROVIDED
from hf_lambda.errors import BUILD_FAILED

LINUX_PLATFORMS = ("manylinux2014_x86_64", "manylinux_2_28_x86_64", "manylinux_2_34_x86_64")
"""Wheels for these load on Amazon Linux 2023."""
_UNUSED = (
    *("bin", "libfuturize", "libpasteurize", "future/backports"),  # of `future`, which ffmpeg-python imports in part
    "aws_lambda_powertools/event_handler/openapi/swagger_ui",  # for functions that are web servers
    "*.dist-info/sboms",
    *("jmespath", "jmespath-*.dist-info"),  # the runtime has it
    *("zstandard/_cffi*", "zstandard/backend_cffi.py"),  # the C backend is the one in use
    *("selectolax/*.c", "selectolax/*.pyx", "selectolax/*.pxi", "selectolax/*.pxd"),  # sources of what is compiled
    *("*.dist-info/RECORD", "*.dist-info/INSTALLER", "*.dist-info/REQUESTED", "*.dist-info/direct_url.json"),
    *("**/*.pyi", "**/py.typed", "**/__pycache__"),
)


def install_wheels(target: Path, *, constraints: Path | None, python_version: str) -> None:
    """Install what the package requires (but for what the runtime provides) into the folder `target`.

    `python_version` is the runtime's, such as "3.13"; `constraints` fixes the versions.

    Raises:
        BUILD_FAILED: pip could not find a wheel, or could not reach its index.
    """
    argv = [
        *(sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-compile"),
        *("--target", str(target), "--python-version", python_version, "--implementation", "cp"),
        *(argument for platform in LINUX_PLATFORMS for argument in ("--platform", platform)),
        *("--only-binary", ":all:"),
        *(() if constraints is None else ("--constraint", str(constraints))),
        *required_packages(python_version),
    ]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise BUILD_FAILED(f"pip could not install the wheels for Python {python_version}: {done.stderr[-1000:]}")
    _remove_unused(target)
    for library in sorted(target.rglob("*.so")):
        with suppress(ELFError):  # what is no library is named by the audit
            strip_debug_info(library)


def required_packages(python_version: str) -> list[str]:
    """The package's own requirements on that Python, without its extras and without what Lambda provides."""
    environment = {"extra": "", "python_version": python_version}
    requirements = [Requirement(text) for text in requires("hf-lambda") or ()]
    return sorted(
        f"{item.name}{item.specifier}"
        for item in requirements
        if item.name.lower() not in PROVIDED and (item.marker is None or item.marker.evaluate(environment))
    )


def _remove_unused(target: Path) -> None:
    for path in _matching(target, _UNUSED):
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def _matching(target: Path, patterns: Iterable[str]) -> list[Path]:
    return [path for pattern in patterns for path in target.glob(pattern)]
