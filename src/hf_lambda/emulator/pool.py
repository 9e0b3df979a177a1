"""The function as Step Functions sees it: several sandboxes, each with one request at a time."""

import queue
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

from hf_lambda.emulator.worker import FunctionResult, Worker
from hf_lambda.errors import EMULATOR_UNAVAILABLE


class ThrottledError(Exception):
    """The function's reserved concurrency is used up."""


@dataclass
class InvocationLog:
    """What was invoked: the payload, its answer, and which sandbox gave it."""

    payload: dict[str, Any]
    result: FunctionResult
    worker: int
    is_cold: bool


@dataclass
class WorkerPool:
    """Hands each request to a free sandbox; waits for one, or throttles above `reserved_concurrency`.

    `before` is called with each payload and its sandbox just before the request: where tests plant faults.
    """

    workers: Sequence[Worker]
    reserved_concurrency: int | None = None
    before: Callable[[dict[str, Any], Worker], None] | None = None
    log: list[InvocationLog] = field(default_factory=list)
    throttled: int = 0

    def __post_init__(self) -> None:
        self._free: queue.LifoQueue[int] = queue.LifoQueue()
        for index in reversed(range(len(self.workers))):
            self._free.put(index)
        self._lock = threading.Lock()
        self._running = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for worker in self.workers:
            worker.close()

    def invoke(self, payload: dict[str, Any]) -> FunctionResult:
        """Run the function once; a sandbox that does not start is the function's error, as in Lambda.

        Raises:
            ThrottledError: more requests at a time than are allowed.
        """
        with self._lock:
            if self.reserved_concurrency is not None and self._running >= self.reserved_concurrency:
                self.throttled += 1
                raise ThrottledError
            self._running += 1
        index = self._free.get()
        try:
            worker = self.workers[index]
            if self.before is not None:
                self.before(payload, worker)
            result = _invoke(worker, payload)
            self.log.append(InvocationLog(payload, result, index, result.is_cold))
            return result
        finally:
            self._free.put(index)
            with self._lock:
                self._running -= 1


def _invoke(worker: Worker, payload: dict[str, Any]) -> FunctionResult:
    try:
        return worker.invoke(payload)
    except EMULATOR_UNAVAILABLE as error:
        described = {"errorType": "Runtime.InitError", "errorMessage": str(error)}
        return FunctionResult(described, is_error=True, seconds=0.0, is_cold=True)
