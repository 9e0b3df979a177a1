"""The packages that Lambda's Python runtime brings, for running a zip outside Lambda."""

import shutil
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from hf_lambda.errors import BUILD_FAILED

PROVIDED = ("boto3", "botocore", "jmespath", "python-dateutil", "s3transfer", "six", "urllib3")
"""All of them pure Python, so that any Python can use one copy."""


def copy_provided_packages(target: Path) -> None:
    """Copy the provided packages from this environment into the folder `target`.

    Raises:
        BUILD_FAILED: one is not installed here.
    """
    for name in PROVIDED:
        try:
            installed = distribution(name)
        except PackageNotFoundError as error:
            raise BUILD_FAILED(f"{name} is not installed; `pip install hf-lambda` brings it") from error
        for file in installed.files or ():
            source, copy = Path(str(file.locate())), target / file
            if ".." not in file.parts and source.suffix != ".pyc" and source.is_file():
                copy.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(source, copy)
