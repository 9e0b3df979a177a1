"""Fixtures of the tests that run the real zip under real runtime interface emulators."""

import dataclasses
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hf_lambda.deploy.handler_tree import TreeContents
from hf_lambda.deploy.handler_zip import BuiltZip, build_zip
from hf_lambda.deploy.interpreters import find_python
from hf_lambda.deploy.zip_archive import Limits
from hf_lambda.emulator.aws import CREDENTIALS, REGION
from hf_lambda.emulator.engine import BUCKET, Emulator, EmulatorOptions, emulator
from hf_lambda.emulator.sandbox import SandboxLayout, can_confine, sandbox_for
from hf_lambda.emulator.worker import FunctionSpec, Worker
from hf_lambda.settings import Settings
from hf_lambda.toolchain import Toolchain, locate_toolchain
from tests.emulator.runs import CHECKOUT, THIS_PYTHON, Runs

ANY_SIZE = Limits(unzipped=1 << 40, zipped=1 << 40)
"""The laptop's toolchain is packed quickly, not small; the limits have tests of their own."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder carries the marker that keeps it out of the default run."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.emulator)


@pytest.fixture(scope="session")
def contents() -> TreeContents:
    """What goes into the zip: the toolchain of `make setup`, for Lambda's Python where this machine has it."""
    python = "3.13" if find_python("3.13") is not None else THIS_PYTHON
    settings = Settings.from_environment()
    return TreeContents(settings.toolchain_dir, python, "sparticuz", CHECKOUT / "constraints.txt")


@pytest.fixture(scope="session")
def built(contents: TreeContents, tmp_path_factory: pytest.TempPathFactory) -> BuiltZip:
    """The zip."""
    target = tmp_path_factory.mktemp("dist") / "handler.zip"
    return build_zip(contents, target, limits=ANY_SIZE, report=print)


@pytest.fixture(scope="session")
def toolchain() -> Toolchain:
    """The toolchain that `make setup` built."""
    return locate_toolchain(Settings.from_environment())


@pytest.fixture(scope="session")
def cache_dir() -> Path:
    """Where the runtime interface emulator is kept between runs."""
    return Settings.from_environment().cache_dir / "emulator"


@pytest.fixture(scope="module")
def emulated(built: BuiltZip, cache_dir: Path) -> Iterator[Emulator]:
    """The zip in two sandboxes, with S3 and the state machine; gone before another module starts one of its own."""
    with emulator(EmulatorOptions(built.path, CHECKOUT / "statemachine.asl.json", cache_dir)) as running:
        yield running


@pytest.fixture
def runs(emulated: Emulator, tmp_path: Path) -> Iterator[Runs]:
    """Renders of this test, on sandboxes that carry no fault of another test."""
    emulated.pool.log.clear()
    yield Runs(emulated, tmp_path, emulated.aws.state_machine_arn)
    emulated.pool.before = None
    emulated.pool.reserved_concurrency = None
    for worker in emulated.pool.workers:
        worker.set_environment({"AWS_ENDPOINT_URL": emulated.aws.endpoint})


@pytest.fixture
def impatient_runs(runs: Runs) -> Runs:
    """Renders by the same definition with every wait between attempts cut to one second."""
    definition = (CHECKOUT / "statemachine.asl.json").read_text()
    quick = re.sub(r'"(IntervalSeconds|MaxDelaySeconds)": \d+', r'"\1": 1', definition)
    quick = quick.replace('"MaxDelaySeconds": 1', '"MaxDelaySeconds": 2')
    assert json.loads(quick).keys() == json.loads(definition).keys()
    return dataclasses.replace(runs, state_machine_arn=runs.deploy(quick))


@pytest.fixture
def lone_worker(emulated: Emulator, tmp_path: Path) -> Iterator[Callable[..., Worker]]:
    """Starts sandboxes beside the emulator's two, with other layouts, environments or functions."""
    workers: list[Worker] = []

    def start(
        *,
        layout: SandboxLayout = emulated.layout,
        environment: dict[str, str] | None = None,
        timeout_seconds: int = 300,
        handler: str = "handler.handler",
    ) -> Worker:
        scratch = tmp_path / f"sandbox-{len(workers)}"
        scratch.mkdir()
        sandbox = sandbox_for(layout, scratch)
        function = FunctionSpec(
            {
                "AWS_ENDPOINT_URL": emulated.aws.endpoint,
                "AWS_REGION": REGION,
                "AWS_DEFAULT_REGION": REGION,
                "AWS_ACCESS_KEY_ID": CREDENTIALS["aws_access_key_id"],
                "AWS_SECRET_ACCESS_KEY": CREDENTIALS["aws_secret_access_key"],
                "HYPERFRAMES_RENDER_BUCKET": BUCKET,
                **(environment or {}),
            },
            10240,
            timeout_seconds,
            handler,
        )
        program = Path(sandbox.runtime_root) / "aws-lambda-rie"
        workers.append(Worker(program, layout.python, sandbox, function, scratch / "log"))
        return workers[-1]

    yield start
    for worker in workers:
        worker.close()


@pytest.fixture
def confined() -> None:
    """Skips where the machine cannot confine a process."""
    if not can_confine():
        pytest.skip("bubblewrap is not installed here, or may not make namespaces")
