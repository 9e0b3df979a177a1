import subprocess
import sys
from pathlib import Path

import pytest

from hf_lambda.deploy import runtime_packages
from hf_lambda.deploy.runtime_packages import copy_provided_packages
from hf_lambda.errors import BUILD_FAILED


def test_provided_packages_work_alone(tmp_path: Path) -> None:
    """boto3 makes a client from the copies, in a Python that has nothing else, compiled files left out."""
    copy_provided_packages(tmp_path)
    code = "import sys; sys.path.insert(0, sys.argv[1]); import boto3; print(boto3.client('s3', 'us-east-1'))"
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code, str(tmp_path)], capture_output=True, text=True, check=True
    )
    assert "S3" in done.stdout
    assert list(tmp_path.rglob("*.so")) == []
    assert not (tmp_path / "bin").exists()


def test_package_that_is_not_installed_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without one of them the message says which, and what brings it."""
    monkeypatch.setattr(runtime_packages, "PROVIDED", ("boto4",))
    with pytest.raises(BUILD_FAILED, match="boto4 is not installed; `pip install hf-lambda` brings it"):
        copy_provided_packages(tmp_path)
