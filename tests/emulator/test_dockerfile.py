"""Dockerfile.rie, step by step without Docker: what its image would hold is run in a sandbox."""

import dataclasses
import json
import re
import shlex
from collections.abc import Callable
from pathlib import Path

import pytest

from hf_lambda.composition.archive import pack_project
from hf_lambda.deploy.handler_zip import BuiltZip
from hf_lambda.deploy.zip_archive import extract_zip
from hf_lambda.emulator.engine import Emulator
from hf_lambda.emulator.worker import Worker
from tests.emulator.runs import CHECKOUT
from tests.functional.projects import write_numbered_project

EVENT = CHECKOUT / "sample-events" / "plan.json"


def steps() -> list[tuple[str, str]]:
    """The instructions of the file as (keyword, rest of the line), continued lines joined."""
    text = re.sub(r"\\\n", " ", (CHECKOUT / "Dockerfile.rie").read_text())
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return [(line.split(maxsplit=1)[0], line.split(maxsplit=1)[1]) for line in lines]


def test_base_image_has_the_python_of_the_template() -> None:
    """The image and the template name the same Python."""
    (template_python,) = re.findall(r"Runtime: python(\S+)", (CHECKOUT / "template.yaml").read_text())
    assert dict(steps())["FROM"] == f"public.ecr.aws/lambda/python:{template_python}"
    assert {keyword for keyword, _ in steps()} == {"FROM", "COPY", "ENV", "CMD"}


@pytest.mark.usefixtures("confined")
def test_steps_give_a_function_that_runs(
    built: BuiltZip, emulated: Emulator, lone_worker: Callable[..., Worker], tmp_path: Path
) -> None:
    """What COPY puts into /var/task answers the sample event under the handler of CMD with the variables of ENV."""
    rest = dict(steps())
    source, target = rest["COPY"].split()
    assert target == "/var/task/"
    extract_zip(built.path, tmp_path / source)
    environment = dict(item.split("=", 1) for item in shlex.split(rest["ENV"]))
    (handler,) = json.loads(rest["CMD"])
    bucket = environment["HYPERFRAMES_RENDER_BUCKET"]
    archive = tmp_path / "project.tar.gz"
    pack_project(write_numbered_project(tmp_path / "project", fps=30, duration=1), archive)
    emulated.aws.create_bucket(bucket)
    emulated.aws.client("s3").upload_file(str(archive), bucket, "sites/sample/project.tar.gz")

    layout = dataclasses.replace(emulated.layout, task=tmp_path / source)
    worker = lone_worker(layout=layout, environment=environment, handler=handler)
    result = worker.invoke(json.loads(EVENT.read_text()))
    assert not result.is_error, result.payload
    assert (result.payload["Action"], result.payload["TotalFrames"]) == ("plan", 30)
