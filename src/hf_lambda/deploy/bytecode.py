"""Compiles a tree's Python modules ahead: `/var/task` cannot be written to, so every cold start would compile anew."""

import subprocess
from pathlib import Path

from hf_lambda.errors import BUILD_FAILED
from hf_lambda.processes import scrubbed_environment

_DEPLOYED_AT = "/var/task"


def compile_modules(tree: Path, python: Path) -> None:
    """Write the bytecode of every module below `tree` beside it, for that interpreter's version.

    Equal sources give equal bytes: no times, and paths as they are in Lambda. The sources are not looked at again
    (https://docs.python.org/3/reference/import.html#cached-bytecode-invalidation), so they must not change after.

    Raises:
        BUILD_FAILED: a module cannot be compiled.
    """
    options = ["-q", "-f", "--invalidation-mode", "unchecked-hash", "-s", str(tree), "-p", _DEPLOYED_AT]
    done = subprocess.run(
        [str(python), "-P", "-m", "compileall", *options, str(tree)],
        capture_output=True,
        text=True,
        check=False,
        env=scrubbed_environment(PYTHONHASHSEED="0"),  # the order of sets is part of the bytes
    )
    if done.returncode != 0:
        raise BUILD_FAILED(f"modules cannot be compiled: {(done.stdout + done.stderr).strip()[-1500:]}")
