"""The whole of AWS that a render needs, on one machine, around one built zip."""

import json
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile

from hf_lambda.deploy.interpreters import find_python
from hf_lambda.deploy.runtime_packages import copy_provided_packages
from hf_lambda.deploy.zip_archive import extract_zip
from hf_lambda.emulator.aws import CREDENTIALS, REGION, EmulatedAws, emulated_aws
from hf_lambda.emulator.binaries import fetch_emulator, fetch_interface_client
from hf_lambda.emulator.pool import WorkerPool
from hf_lambda.emulator.sandbox import Sandbox, SandboxLayout, sandbox_for
from hf_lambda.emulator.stack import RenderStack
from hf_lambda.emulator.worker import FunctionSpec, Worker
from hf_lambda.errors import EMULATOR_UNAVAILABLE
from hf_lambda.toolchain import MANIFEST_NAME

BUCKET = "hf-lambda-emulated"
"""Where it is given no name of its own."""


@dataclass(frozen=True)
class EmulatorOptions:
    """What to run and how much of it."""

    zip_path: Path
    definition: Path
    cache_dir: Path
    workers: int = 2
    layer: Path | None = None
    memory_mb: int = 4096
    timeout_seconds: int = 900
    temporary_bytes: int = 10240 << 20
    reserved_concurrency: int | None = None
    environment: Mapping[str, str] | None = None
    name: str = BUCKET
    """Of the bucket and the function."""
    work_dir: Path | None = None
    """Parent of the emulator's folder (default: the system's for temporary files)."""


@dataclass
class Emulator(RenderStack):
    """A running emulator: bucket, sandboxes, state machine."""

    aws: EmulatedAws
    pool: WorkerPool
    sandbox: Sandbox
    layout: SandboxLayout


@contextmanager
def emulator(options: EmulatorOptions) -> Iterator[Emulator]:
    """Everything started, while the block lasts; nothing left behind.

    Raises:
        EMULATOR_UNAVAILABLE: something that it needs is missing; the message says what.
    """
    with ExitStack() as stack:
        work = Path(
            stack.enter_context(tempfile.TemporaryDirectory(prefix="hf-lambda-emulator-", dir=options.work_dir))
        )
        work.chmod(0o755)  # the sandbox's user reads it
        definition = _read_definition(options.definition)
        layout = _unpack(options, work)
        workers = [_worker(options, layout, work / f"worker-{index}") for index in range(options.workers)]
        pool = stack.enter_context(WorkerPool([worker for worker, _ in workers], options.reserved_concurrency))
        aws = stack.enter_context(emulated_aws(pool))
        for worker, _ in workers:
            worker.set_environment({"AWS_ENDPOINT_URL": aws.endpoint})
        aws.create_bucket(options.name)
        aws.deploy(options.name, definition)
        yield Emulator(
            s3=aws.client("s3"),
            stepfunctions=aws.client("stepfunctions"),
            bucket=options.name,
            state_machine_arn=aws.state_machine_arn,
            aws=aws,
            pool=pool,
            sandbox=workers[0][1],
            layout=layout,
        )


def _read_definition(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except (OSError, ValueError) as error:
        raise EMULATOR_UNAVAILABLE(f"there is no state machine at {path}: {error}") from error


def _unpack(options: EmulatorOptions, work: Path) -> SandboxLayout:
    """The zip as Lambda unpacks it, beside what Lambda's runtime brings."""
    task, runtime = work / "task", work / "runtime"
    manifest = _read_manifest(options.zip_path)
    if manifest["chromiumInLayer"] != (options.layer is not None):
        raise EMULATOR_UNAVAILABLE("a zip that was built with --layer needs its layer, any other zip has none")
    python = python_of(options.zip_path)
    _extract(options.zip_path, task)
    copy_provided_packages(runtime)
    client = fetch_interface_client(options.cache_dir, manifest["python"])
    shutil.copytree(client, runtime, dirs_exist_ok=True)
    shutil.copyfile(fetch_emulator(options.cache_dir), runtime / "aws-lambda-rie")
    (runtime / "aws-lambda-rie").chmod(0o755)
    layer = None
    if options.layer is not None:
        layer = work / "layer"
        extract_zip(options.layer, layer)
    return SandboxLayout(task, runtime, layer, python, options.temporary_bytes)


def python_of(zip_path: Path) -> Path:
    """The interpreter that a built zip runs with on this machine.

    Raises:
        EMULATOR_UNAVAILABLE: the machine has none of the zip's version, or the zip cannot be read.
    """
    version = _read_manifest(zip_path)["python"]
    python = find_python(version)
    if python is None:
        own = f"{sys.version_info.major}.{sys.version_info.minor}"
        raise EMULATOR_UNAVAILABLE(
            f"{zip_path} is for Python {version}, which is neither on PATH nor in pyenv; install it, or build a zip "
            f"for this one (`hf-lambda build --python {own}`), which smoke and eval take with --skip-build"
        )
    return python.resolve()


def _read_manifest(zip_path: Path) -> dict[str, Any]:
    try:
        with ZipFile(zip_path) as archive:
            manifest: dict[str, Any] = json.loads(archive.read(MANIFEST_NAME))
    except (OSError, ValueError, KeyError, BadZipFile) as error:
        raise _unusable(zip_path, error) from error
    return manifest


def _extract(zip_path: Path, task: Path) -> None:
    try:
        extract_zip(zip_path, task)
    except (OSError, ValueError) as error:
        raise _unusable(zip_path, error) from error


def _unusable(zip_path: Path, error: Exception) -> EMULATOR_UNAVAILABLE:
    return EMULATOR_UNAVAILABLE(f"{zip_path} cannot be used ({error}); `hf-lambda build` makes one")


def _worker(options: EmulatorOptions, layout: SandboxLayout, scratch: Path) -> tuple[Worker, Sandbox]:
    scratch.mkdir()
    sandbox = sandbox_for(layout, scratch)
    function = FunctionSpec(
        {
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_ACCESS_KEY_ID": CREDENTIALS["aws_access_key_id"],
            "AWS_SECRET_ACCESS_KEY": CREDENTIALS["aws_secret_access_key"],
            "HYPERFRAMES_RENDER_BUCKET": options.name,
            "HF_LAMBDA_BLOB_PREFIX": f"s3://{options.name}/blobs",
            **(options.environment or {}),
        },
        options.memory_mb,
        options.timeout_seconds,
    )
    program = Path(sandbox.runtime_root) / "aws-lambda-rie"
    return Worker(program, layout.python, sandbox, function, scratch / "log"), sandbox
