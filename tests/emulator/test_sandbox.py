"""What a sandbox lets the function see and write, and what the function makes of too little."""

import dataclasses
import json
import os
import shutil
import signal
import subprocess
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hf_lambda.deploy.handler_tree import TreeContents
from hf_lambda.deploy.handler_zip import build_zip
from hf_lambda.deploy.toolchain_build import HEADLESS_SHELL, build_toolchain
from hf_lambda.deploy.zip_archive import extract_zip
from hf_lambda.emulator.engine import BUCKET, Emulator
from hf_lambda.emulator.worker import FunctionResult, Worker
from hf_lambda.settings import Settings
from hf_lambda.toolchain import locate_toolchain
from tests.emulator.conftest import ANY_SIZE
from tests.emulator.runs import Runs, processes_of, still_there
from tests.functional.projects import write_numbered_project

pytestmark = pytest.mark.usefixtures("confined")

_PROBE = """
import json, os, shutil

def can_write(folder):
    try:
        with open(f"{folder}/probe", "w") as file:
            file.write("x")
        os.mkdir(f"{folder}/probes")
    except OSError:
        return False
    return True

places = ["/", "/tmp", "/var", "/var/task", "/var/task/hf_lambda", "/var/runtime", "/usr", "/etc", "/dev", "/opt"]
print(json.dumps({
    "writable": [place for place in places if can_write(place)],
    "shm": os.path.exists("/dev/shm"),
    "size": shutil.disk_usage("/tmp").total,
    "uid": os.getuid(),
    "processes": len([name for name in os.listdir("/proc") if name.isdigit()]),
}))
"""


def probe(emulated: Emulator) -> dict[str, Any]:
    """What a program finds in a sandbox like those that the function runs in."""
    argv = [*emulated.sandbox.prefix, str(emulated.layout.python), "-I", "-c", _PROBE]
    found: dict[str, Any] = json.loads(subprocess.run(argv, capture_output=True, text=True, check=True, cwd="/").stdout)
    return found


def plan_request(emulated: Emulator, project: Path) -> dict[str, Any]:
    """A request that needs the browser."""
    name = uuid.uuid4().hex
    uri = emulated.upload_project(project, name)
    return {
        "Action": "plan",
        "ProjectS3Uri": uri,
        "PlanOutputS3Prefix": f"s3://{BUCKET}/renders/{name}",
        "Config": {"fps": 30, "quality": "draft", "chunkSize": 5},
    }


def render_one_chunk(worker: Worker, emulated: Emulator, project: Path) -> FunctionResult:
    """Plan with a worker, then render its first chunk there."""
    plan = worker.invoke(plan_request(emulated, project))
    assert not plan.is_error, plan.payload
    return worker.invoke(
        {
            "Action": "render-chunk",
            "PlanS3Uri": plan.payload["PlanS3Uri"],
            "PlanHash": plan.payload["PlanHash"],
            "ChunkIndex": 0,
            "ChunkOutputS3Prefix": plan.payload["PlanS3Uri"].rpartition("/")[0],
            "Format": "mp4",
        }
    )


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Five numbered frames."""
    return write_numbered_project(tmp_path / "project", fps=30, duration=1 / 6)


def test_only_temporary_storage_can_be_written(emulated: Emulator) -> None:
    """Of the places that programs like to write to, /tmp is the only one that takes anything."""
    assert probe(emulated)["writable"] == ["/tmp"]


def test_surroundings_are_those_of_lambda(emulated: Emulator) -> None:
    """There is no shared memory, /tmp is as large as configured, the user is nobody, other processes are not seen."""
    found = probe(emulated)
    assert not found["shm"]
    assert found["size"] == emulated.layout.temporary_bytes
    assert found["uid"] == 65534
    assert found["processes"] <= 3


def test_browsers_do_not_see_credentials(runs: Runs, project: Path) -> None:
    """The function has credentials; Chromium's processes, which run strangers' scripts, have none."""
    runs.plan(project)
    worker = runs.emulated.pool.workers[runs.emulated.pool.log[-1].worker]
    environments = [(process.name(), process.environ()) for process in processes_of(worker)]
    browsers = [names for name, names in environments if name.startswith("chromium")]
    assert browsers
    assert any("AWS_SECRET_ACCESS_KEY" in names for _, names in environments)
    assert [name for names in browsers for name in names if name.startswith(("AWS_", "HYPERFRAMES", "HF_"))] == []


def test_full_disk_is_named(lone_worker: Callable[..., Worker], emulated: Emulator, project: Path) -> None:
    """A /tmp that Chromium does not fit into is SCRATCH_UNAVAILABLE, with the place in the message."""
    small = dataclasses.replace(emulated.layout, temporary_bytes=100 << 20)
    result = lone_worker(layout=small).invoke(plan_request(emulated, project))
    assert result.is_error
    assert result.payload["errorType"] == "SCRATCH_UNAVAILABLE"
    assert "/tmp" in result.payload["errorMessage"]


def test_function_out_of_time_says_so_itself(
    lone_worker: Callable[..., Worker], emulated: Emulator, project: Path
) -> None:
    """The function keeps back enough of its time to end with a typed error before Lambda ends it."""
    result = lone_worker(timeout_seconds=11).invoke(plan_request(emulated, project))
    assert result.payload["errorType"] == "CHUNK_DEADLINE_EXCEEDED"


def test_function_that_hangs_is_ended_and_replaced(lone_worker: Callable[..., Worker]) -> None:
    """A function that cannot even end itself is Sandbox.Timedout; the next request finds a new sandbox."""
    worker = lone_worker(timeout_seconds=4)
    assert worker.invoke({}).payload["errorType"] == "INVALID_EVENT"
    (python,) = [process for process in processes_of(worker) if "awslambdaric" in process.cmdline()[:4]]
    os.kill(python.pid, signal.SIGSTOP)
    result = worker.invoke({})
    assert (result.is_error, result.payload["errorType"]) == (True, "Sandbox.Timedout")
    assert still_there([python]) == []
    after = worker.invoke({})
    assert (after.payload["errorType"], after.is_cold) == ("INVALID_EVENT", True)


def test_sandbox_stays_warm(lone_worker: Callable[..., Worker]) -> None:
    """The second request finds the sandbox of the first."""
    worker = lone_worker()
    assert [worker.invoke({}).is_cold for _ in range(3)] == [True, False, False]


def test_closed_sandbox_leaves_no_process(
    lone_worker: Callable[..., Worker], emulated: Emulator, project: Path
) -> None:
    """With its sandbox go the browsers and everything else that the function started."""
    worker = lone_worker()
    worker.invoke(plan_request(emulated, project))
    processes = processes_of(worker)
    assert len(processes) > 3
    worker.close()
    assert still_there(processes) == []


def test_chromium_in_a_layer(
    contents: TreeContents, emulated: Emulator, lone_worker: Callable[..., Worker], project: Path, tmp_path: Path
) -> None:
    """A zip without Chromium, and the layer with it, render a chunk together."""
    split = build_zip(
        dataclasses.replace(contents, has_chromium=False),
        tmp_path / "dist" / "handler.zip",
        limits=ANY_SIZE,
        report=print,
    )
    assert split.layer is not None
    assert split.manifest["chromiumInLayer"]
    extract_zip(split.path, tmp_path / "task")
    extract_zip(split.layer, tmp_path / "layer")
    layout = dataclasses.replace(emulated.layout, task=tmp_path / "task", layer=tmp_path / "layer")
    result = render_one_chunk(lone_worker(layout=layout), emulated, project)
    assert not result.is_error, result.payload
    assert result.payload["FramesEncoded"] == 5


def test_headless_shell_of_ones_own(
    contents: TreeContents, emulated: Emulator, lone_worker: Callable[..., Worker], project: Path, tmp_path: Path
) -> None:
    """A folder with a headless shell and its side files is built into a zip, which renders with that browser only."""
    shell = tmp_path / "shell"
    chromium = locate_toolchain(Settings.from_environment()).chromium_dir
    shutil.copytree(chromium, shell, ignore=shutil.ignore_patterns("lib", "fonts*", ".*"))
    (shell / "chromium").rename(shell / HEADLESS_SHELL)
    build_toolchain(
        tmp_path / "chain",
        packages_dir=tmp_path / "npm",
        downloads_dir=Settings.from_environment().downloads_dir,
        level=1,
        report=print,
        chrome_dir=shell,
    )
    own = dataclasses.replace(contents, toolchain_dir=tmp_path / "chain", chrome_source=HEADLESS_SHELL)
    built = build_zip(own, tmp_path / "dist" / "handler.zip", limits=ANY_SIZE, report=print)
    assert built.manifest["chromeSource"] == HEADLESS_SHELL
    extract_zip(built.path, tmp_path / "task")
    layout = dataclasses.replace(emulated.layout, task=tmp_path / "task")
    asked_for = {"HF_LAMBDA_CHROME_SOURCE": HEADLESS_SHELL}
    result = render_one_chunk(lone_worker(layout=layout, environment=asked_for), emulated, project)
    assert not result.is_error, result.payload
    assert result.payload["FramesEncoded"] == 5
    refused = lone_worker(environment=asked_for).invoke(plan_request(emulated, project))
    assert refused.payload["errorType"] == "TOOLCHAIN_MISMATCH"
