"""Builds of the zip as a whole: they repeat, they are checked, and SAM accepts the template around them."""

import dataclasses
import shutil
import subprocess
import sys
import venv
from pathlib import Path

import pytest

from hf_lambda.deploy.handler_tree import TreeContents
from hf_lambda.deploy.handler_zip import BuiltZip, build_zip, verify_zip
from hf_lambda.deploy.zip_archive import Limits
from hf_lambda.errors import BUILD_FAILED
from hf_lambda.settings import Settings
from tests.emulator.conftest import ANY_SIZE
from tests.emulator.runs import CHECKOUT, file_digest

SAM_CLI = "aws-sam-cli==1.170.0"
_BUILD = """
import sys
from pathlib import Path
from hf_lambda.deploy.handler_tree import TreeContents
from hf_lambda.deploy.handler_zip import build_zip
from hf_lambda.deploy.zip_archive import Limits

toolchain, python, constraints, target = sys.argv[1:]
contents = TreeContents(Path(toolchain), python, "sparticuz", Path(constraints))
build_zip(contents, Path(target), limits=Limits(1 << 40, 1 << 40), report=print)
"""


def test_copies_of_the_sources_give_equal_zips(contents: TreeContents, tmp_path: Path) -> None:
    """Two checkouts at other places, written at other times with other modes, build the same bytes."""
    digests = []
    for name, umask in (("one", 0o022), ("other", 0o077)):
        copy = tmp_path / name
        shutil.copytree(CHECKOUT / "src", copy / "src", ignore=shutil.ignore_patterns("__pycache__"))
        for path in (copy / "src").rglob("*.py"):
            path.chmod(0o666 & ~umask)
            path.touch()
        target = copy / "dist" / "handler.zip"
        argv = [sys.executable, "-c", _BUILD, str(contents.toolchain_dir), contents.python_version]
        subprocess.run(
            [*argv, str(contents.constraints), str(target)],
            check=True,
            capture_output=True,
            env={"PYTHONPATH": str(copy / "src"), "PATH": "/usr/bin:/bin"},
        )
        digests.append(file_digest(target))
    assert digests[0] == digests[1]


def test_built_zip_verifies(built: BuiltZip) -> None:
    """A zip that was built passes the checks again, from its bytes alone."""
    assert verify_zip(built.path, layer=None, limits=ANY_SIZE, report=print).manifest == built.manifest


def test_too_large_a_zip_is_refused_with_its_largest_files(contents: TreeContents, tmp_path: Path) -> None:
    """Over a limit, the message lists what to save on, and the zip that was there before is still there."""
    target = tmp_path / "handler.zip"
    target.write_bytes(b"the last good one")
    with pytest.raises(BUILD_FAILED) as caught:
        build_zip(contents, target, limits=dataclasses.replace(ANY_SIZE, unzipped=1 << 20), report=print)
    lines = [line for line in caught.value.cause.splitlines() if " MiB  " in line]
    assert len(lines) == 20
    assert "toolchain/chromium.tar.zst" in lines[0]
    assert [path.name for path in tmp_path.iterdir()] == ["handler.zip"]
    assert target.read_bytes() == b"the last good one"


def test_parts_above_the_handler_stay_at_home(built: BuiltZip) -> None:
    """The zip holds the handler and what it imports, not what builds, drives or imitates the function."""
    packages = {name.split("/")[1] for name in built.manifest["files"] if name.startswith("hf_lambda/")}
    assert {"handler.py", "stages", "capture", "media"} <= packages
    assert packages & {"cli", "deploy", "emulator", "local", "quality"} == set()


def test_limits_are_those_of_lambda() -> None:
    """Lambda takes 250 MiB unzipped; ours leaves a little, and not more than 180 MiB zipped, Mesa included."""
    assert Limits().unzipped <= 250 << 20
    assert Limits().zipped <= 180 << 20


def test_sam_finds_the_template_valid() -> None:
    """`sam validate --lint`, in an environment of its own, has nothing to say against the template."""
    environment = Settings.from_environment().cache_dir / "emulator" / SAM_CLI
    sam = environment / "bin" / "sam"
    if not sam.is_file():
        venv.create(environment, with_pip=True, clear=True)
        pip = [str(environment / "bin" / "python"), "-m", "pip", "install", "--quiet", SAM_CLI]
        subprocess.run(pip, check=True, capture_output=True)
    done = subprocess.run(
        [str(sam), "validate", "--lint", "--region", "us-east-1", "--template", str(CHECKOUT / "template.yaml")],
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": "/usr/bin:/bin", "HOME": str(environment), "SAM_CLI_TELEMETRY": "0"},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "is a valid SAM Template" in done.stdout
