import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from hf_lambda.emulator.worker import Worker, parse_answer
from hf_lambda.errors import EMULATOR_UNAVAILABLE
from tests.unit.emulator.runtimes import start_worker


@pytest.fixture
def worker(tmp_path: Path) -> Iterator[Worker]:
    """A sandbox whose function answers as its payload says."""
    with start_worker(tmp_path) as started:
        yield started


def is_running(pid: int) -> bool:
    """Whether a process is there and not only waits to be reaped."""
    try:
        return "State:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False


def processes_naming(folder: Path) -> list[int]:
    """The processes that have a folder on their command line."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if os.fsencode(folder) in path.read_bytes():
                found.append(int(path.parent.name))
        except OSError:
            continue
    return found


def test_answer_is_the_functions(worker: Worker) -> None:
    """What the function returns comes back, and is no error."""
    result = worker.invoke({"Action": "plan", "number": 1})
    assert (result.payload, result.is_error) == ({"Action": "plan", "number": 1}, False)


def test_error_comes_in_an_answer_with_status_200(worker: Worker) -> None:
    """An exception of the function is known by its errorType."""
    result = worker.invoke({"errorType": "PLAN_HASH_MISMATCH", "errorMessage": "other plan"})
    assert (result.is_error, result.payload["errorType"]) == (True, "PLAN_HASH_MISMATCH")
    assert worker.pid is not None
    assert not worker.invoke({}).is_cold, "an error of the function does not end its sandbox"


def test_timeout_comes_as_plain_text(worker: Worker) -> None:
    """The emulator's words about a timeout are Lambda's error, and the sandbox is replaced."""
    result = worker.invoke({"text": "2026-01-01T00:00:00Z 1234 Task timed out after 3.00 seconds"})
    assert (result.is_error, result.payload["errorType"]) == (True, "Sandbox.Timedout")
    assert worker.pid is None
    assert worker.invoke({}).is_cold


def test_dead_runtime_is_an_error_with_status_502(worker: Worker) -> None:
    """A function that ends its own process is known by the error in the gateway's answer."""
    body = '{"errorType": "Runtime.ExitError", "errorMessage": "exit status 1"}'
    result = worker.invoke({"status": 502, "text": body})
    assert result.payload == {"errorType": "Runtime.ExitError", "errorMessage": "exit status 1"}
    assert worker.pid is None


@pytest.mark.parametrize("status", [500, 502])
def test_empty_error_is_a_dead_runtime(worker: Worker, status: int) -> None:
    """A gateway without words means the same."""
    assert worker.invoke({"status": status, "text": ""}).payload["errorType"] == "Runtime.ExitError"


@pytest.mark.parametrize("answer", ["exit", "cut"])
def test_connection_that_breaks_is_a_dead_runtime(worker: Worker, answer: str) -> None:
    """A sandbox that goes before it answered, or in the middle of its answer, failed as Lambda would say."""
    result = worker.invoke({"answer": answer})
    assert (result.is_error, result.payload["errorType"]) == (True, "Runtime.ExitError")
    assert not worker.invoke({}).is_error


def test_sandbox_that_was_killed_between_requests_is_replaced(worker: Worker) -> None:
    """The request after a kill finds a new sandbox."""
    worker.invoke({})
    assert worker.pid is not None
    os.killpg(worker.pid, signal.SIGKILL)
    while is_running(worker.pid):
        time.sleep(0.01)
    result = worker.invoke({})
    assert (result.is_error, result.is_cold) == (False, True)


def test_sandbox_that_is_killed_at_work_fails_its_request(worker: Worker) -> None:
    """The request that runs while the sandbox is killed ends at once with Lambda's error."""
    worker.invoke({})
    pid = worker.pid
    assert pid is not None
    killer = threading.Timer(0.2, os.killpg, (pid, signal.SIGKILL))
    killer.start()
    assert worker.invoke({"wait": 60}).payload["errorType"] == "Runtime.ExitError"
    killer.join()


def test_answer_that_never_comes_is_a_timeout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where not even the emulator answers, the wait has an end of its own."""
    monkeypatch.setattr("hf_lambda.emulator.worker._GRACE_SECONDS", -0.5)
    with start_worker(tmp_path, timeout_seconds=1) as worker:
        assert worker.invoke({"wait": 60}).payload["errorType"] == "Sandbox.Timedout"
        assert worker.pid is None


def test_processes_that_left_the_session_end_with_the_sandbox(worker: Worker, tmp_path: Path) -> None:
    """Browsers have sessions of their own; where nothing confines them they are found by their folder."""
    worker.invoke({"child": True})
    assert len(processes_naming(tmp_path)) >= 2
    worker.stop()
    assert [pid for pid in processes_naming(tmp_path) if is_running(pid)] == []


def test_function_ends_with_its_sandbox(worker: Worker) -> None:
    """Whatever it is at when its emulator is killed, nothing of it is written afterwards."""
    pid = worker.invoke({"runtime": True}).payload["pid"]
    assert is_running(pid)
    worker.stop()
    assert not is_running(pid)


def test_function_finds_the_environment_of_lambda(worker: Worker) -> None:
    """The variables of the template and of Lambda are there, those of this process are not."""
    os.environ["OF_THIS_PROCESS"] = "1"
    worker.set_environment({"AWS_ENDPOINT_URL": "http://x"})
    seen = worker.invoke({"answer": "environment"}).payload
    del os.environ["OF_THIS_PROCESS"]
    wanted = {
        "FROM_TEMPLATE": "1",
        "AWS_ENDPOINT_URL": "http://x",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "2048",
        "AWS_LAMBDA_FUNCTION_TIMEOUT": "30",
        "_HANDLER": "handler.handler",
    }
    assert {name: seen["env"].get(name) for name in wanted} == wanted
    assert "OF_THIS_PROCESS" not in seen["env"]
    assert seen["argv"][-1] == "handler.handler"


def test_emulator_that_does_not_start_is_named_with_its_words(tmp_path: Path) -> None:
    """A program that ends before it listens is an error of the table, with the last it said."""
    with (
        start_worker(tmp_path, program="echo exec format error >&2; exit 8") as worker,
        pytest.raises(EMULATOR_UNAVAILABLE, match=r"did not start: .*exec format error"),
    ):
        worker.invoke({})


def test_sandbox_that_starts_at_the_second_attempt_is_taken(tmp_path: Path) -> None:
    """A port that was snatched away costs one attempt, not the invocation."""
    marker = tmp_path / "marker"
    with start_worker(tmp_path) as working:
        script = (tmp_path / "rie").read_text().removeprefix("#!/bin/sh\n")
        working.stop()
    with start_worker(tmp_path, program=f"[ -e {marker} ] || {{ touch {marker}; exit 1; }}\n{script}") as worker:
        assert worker.invoke({"number": 1}).payload == {"number": 1}


def test_closed_worker_starts_nothing(worker: Worker) -> None:
    """After the end a request is refused, and no process is there."""
    worker.invoke({})
    worker.close()
    assert worker.pid is None
    with pytest.raises(EMULATOR_UNAVAILABLE, match="was closed"):
        worker.invoke({})


def test_log_holds_what_the_function_printed(worker: Worker) -> None:
    """The end of the log is at hand for messages."""
    assert worker.log_tail() == ""
    worker.invoke({})
    assert "listening" in worker.log_tail()


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"null", None),
        (b'{"Action": "plan", "errorType": "x"}', None),
        (b'{"errorType": "X"}', "X"),
        (b"", "Runtime.ExitError"),
        (b"\xff", "Runtime.ExitError"),
        (b"Task timed out after 900.00 seconds", "Sandbox.Timedout"),
    ],
)
def test_words_of_the_emulator(body: bytes, kind: str | None) -> None:
    """Results, errors as JSON, and words about dead or hung runtimes are told apart."""
    result = parse_answer(body, 1.0)
    assert result.is_error == (kind is not None)
    assert kind is None or result.payload["errorType"] == kind
