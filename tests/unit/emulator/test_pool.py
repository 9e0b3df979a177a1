import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from hf_lambda.emulator.pool import ThrottledError, WorkerPool
from hf_lambda.emulator.worker import Worker
from tests.unit.emulator.runtimes import start_worker


@pytest.fixture
def workers(tmp_path: Path) -> Iterator[list[Worker]]:
    """Two sandboxes whose function answers with its payload, or waits as long as it is told to."""
    started = [start_worker(tmp_path / str(index)) for index in range(2)]
    yield started
    for worker in started:
        worker.close()


def invoke_together(pool: WorkerPool, payloads: list[dict[str, object]]) -> None:
    """Send requests at the same time, and wait for all answers."""
    threads = [threading.Thread(target=pool.invoke, args=(payload,)) for payload in payloads]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_free_sandbox_that_is_warm_is_taken_again(workers: list[Worker]) -> None:
    """One request after the other goes to the same sandbox, cold only at first."""
    pool = WorkerPool(workers)
    for number in range(3):
        assert pool.invoke({"number": number}).payload == {"number": number}
    assert [(entry.worker, entry.is_cold) for entry in pool.log] == [(0, True), (0, False), (0, False)]


def test_requests_beyond_the_sandboxes_wait(workers: list[Worker]) -> None:
    """Five requests at once are all answered by two sandboxes, one at a time each."""
    pool = WorkerPool(workers)
    invoke_together(pool, [{"number": number, "wait": 0.1} for number in range(5)])
    assert sorted(entry.payload["number"] for entry in pool.log) == list(range(5))
    assert not any(entry.result.is_error for entry in pool.log)
    assert {entry.worker for entry in pool.log} == {0, 1}


def test_requests_beyond_the_reserved_concurrency_are_throttled(workers: list[Worker]) -> None:
    """With one reserved, a request beside a running one is refused at once; afterwards there is room again."""
    pool = WorkerPool(workers, reserved_concurrency=1)
    refused: list[int] = []

    def refuse(_: object, __: Worker) -> None:
        if not refused:
            refused.append(1)
            with pytest.raises(ThrottledError):
                pool.invoke({})

    pool.before = refuse
    assert not pool.invoke({}).is_error
    assert pool.throttled == 1
    assert not pool.invoke({}).is_error


def test_fault_is_planted_before_the_request(workers: list[Worker]) -> None:
    """Tests see each payload with its sandbox before it is sent."""
    seen: list[tuple[object, Worker]] = []
    pool = WorkerPool(workers, before=lambda payload, worker: seen.append((payload, worker)))
    pool.invoke({"number": 1})
    assert seen == [({"number": 1}, workers[0])]


def test_fault_that_raises_gives_its_sandbox_back(workers: list[Worker]) -> None:
    """A test that fails while planting a fault does not leave the pool short of a sandbox."""

    def fail(*_: object) -> None:
        raise ZeroDivisionError

    pool = WorkerPool(workers[:1], reserved_concurrency=1, before=fail)
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            pool.invoke({})
    pool.before = None
    assert not pool.invoke({}).is_error


def test_sandbox_that_does_not_start_is_the_functions_error(tmp_path: Path) -> None:
    """Step Functions sees a function that failed, not a broken emulator, and the sandbox is free again."""
    worker = start_worker(tmp_path, program="echo no such memory >&2; exit 3")
    with WorkerPool([worker]) as pool:
        for _ in range(2):
            result = pool.invoke({})
            assert (result.is_error, result.payload["errorType"]) == (True, "Runtime.InitError")
            assert "no such memory" in result.payload["errorMessage"]
    assert [entry.result.is_error for entry in pool.log] == [True, True]


def test_closed_pool_starts_nothing(workers: list[Worker]) -> None:
    """Requests that come after the end, as a state machine's retries do, find no sandbox."""
    with WorkerPool(workers) as pool:
        pool.invoke({})
    assert pool.invoke({}).payload["errorType"] == "Runtime.InitError"
    assert [worker.pid for worker in workers] == [None, None]
