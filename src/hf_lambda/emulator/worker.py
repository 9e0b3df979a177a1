"""One Lambda sandbox: a runtime interface emulator with the function behind it, one request at a time."""

import json
import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from http.client import HTTPException
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from hf_lambda.emulator.sandbox import Sandbox
from hf_lambda.errors import EMULATOR_UNAVAILABLE

_INVOKE_PATH = "/2015-03-31/functions/function/invocations"
_START_SECONDS = 20.0
_START_ATTEMPTS = 3
_STOP_SECONDS = 10.0
_POLL_SECONDS = 0.02
_GRACE_SECONDS = 5.0
_TIMED_OUT = "Task timed out after"
_LOG_TAIL_BYTES = 4000


@dataclass(frozen=True)
class FunctionResult:
    """What the function answered: its payload, or Lambda's description of its error."""

    payload: dict[str, Any]
    is_error: bool
    seconds: float
    is_cold: bool = False


@dataclass(frozen=True)
class FunctionSpec:
    """How a function is configured: the environment of its template, its memory and its longest run."""

    environment: Mapping[str, str]
    memory_mb: int
    timeout_seconds: int
    handler: str = "handler.handler"
    name: str = "hf-lambda-emulated"


class Worker:
    """A sandbox that stays warm between invocations, as Lambda's do; started at the first."""

    def __init__(self, emulator: Path, python: Path, sandbox: Sandbox, function: FunctionSpec, log_path: Path) -> None:
        self._emulator = emulator
        self._python = python
        self._sandbox = sandbox
        self._function = function
        self._log_path = log_path
        self._process: subprocess.Popen[bytes] | None = None
        self._port = 0
        self._is_closed = False
        # A confined process dies with the thread that started it, so that thread lives as long as the worker.
        self._starter = ThreadPoolExecutor(1, thread_name_prefix="sandbox-starter")

    @property
    def pid(self) -> int | None:
        """The process to kill when a test wants a worker to die."""
        return self._process.pid if self._process is not None else None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End for good: a request that comes later finds no sandbox and starts none."""
        self._is_closed = True
        self.stop()
        self._starter.shutdown()
        self.stop()  # what another thread had begun to start

    def invoke(self, payload: object) -> FunctionResult:
        """Run the function once. A sandbox that died answers as Lambda would, and is replaced at the next request.

        Raises:
            EMULATOR_UNAVAILABLE: no sandbox could be started.
        """
        is_cold = self._ensure_started()
        started = time.monotonic()
        body = self._post(json.dumps(payload).encode())
        result = replace(parse_answer(body, time.monotonic() - started), is_cold=is_cold)
        if result.is_error and str(result.payload.get("errorType", "")).startswith(("Runtime.", "Sandbox.")):
            self.stop()
        return result

    def set_environment(self, values: Mapping[str, str]) -> None:
        """Add to the function's environment, before its first invocation."""
        self._function = replace(self._function, environment={**self._function.environment, **values})

    def stop(self) -> None:
        """Kill the sandbox with everything in it."""
        process, self._process = self._process, None
        if process is None:
            return
        doomed = _children(process.pid)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        for pid in doomed:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)  # Python leads a group of its own
        if self._sandbox.shared_temp is not None:
            doomed += kill_processes_of(self._sandbox.shared_temp)
        # The first process of a namespace is gone only after all others of it.
        end = time.monotonic() + _STOP_SECONDS
        while not all(map(_is_gone, doomed)) and time.monotonic() < end:
            time.sleep(_POLL_SECONDS)

    def log_tail(self) -> str:
        """The end of what the function printed."""
        with suppress(OSError):
            return self._log_path.read_bytes()[-_LOG_TAIL_BYTES:].decode("utf-8", "replace")
        return ""

    def _ensure_started(self) -> bool:
        """Whether a new sandbox had to be started. A port may be taken before its owner is there: then once more."""
        if self._process is not None and self._process.poll() is None:
            return False
        for attempts_left in range(_START_ATTEMPTS - 1, -1, -1):
            try:
                self._start()
            except EMULATOR_UNAVAILABLE:
                if not attempts_left:
                    raise
            else:
                break
        return True

    def _start(self) -> None:
        self.stop()
        self._port, runtime_port = _free_ports(2)
        argv = [
            *self._sandbox.prefix,
            str(self._emulator),
            *("--runtime-interface-emulator-address", f"127.0.0.1:{self._port}"),
            *("--runtime-api-address", f"127.0.0.1:{runtime_port}"),
            *(str(self._python), "-m", "awslambdaric", self._function.handler),
        ]
        with self._log_path.open("ab") as log:
            self._process = self._submit(
                argv,
                env=self._environment(),
                cwd="/" if self._sandbox.prefix[0] == "bwrap" else self._sandbox.task_root,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._wait_until_listening()

    def _submit(self, argv: list[str], **options: Any) -> "subprocess.Popen[bytes]":
        if self._is_closed:
            raise EMULATOR_UNAVAILABLE("this sandbox was closed")
        try:
            return self._starter.submit(lambda: subprocess.Popen(argv, **options)).result()
        except (OSError, RuntimeError) as error:  # RuntimeError: closed just now
            raise EMULATOR_UNAVAILABLE(f"{argv[0]} cannot be started: {error}") from error

    def _environment(self) -> dict[str, str]:
        function = self._function
        return {
            "PATH": f"{self._python.parent}:/usr/local/bin:/usr/bin:/bin",
            "LANG": "en_US.UTF-8",
            "TZ": ":UTC",
            "LAMBDA_TASK_ROOT": self._sandbox.task_root,
            "LAMBDA_RUNTIME_DIR": self._sandbox.runtime_root,
            "PYTHONPATH": self._sandbox.runtime_root,
            "PYTHONDONTWRITEBYTECODE": "1",
            "_HANDLER": function.handler,
            "AWS_LAMBDA_FUNCTION_NAME": function.name,
            "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory_mb),
            "AWS_LAMBDA_FUNCTION_TIMEOUT": str(function.timeout_seconds),
            "AWS_EXECUTION_ENV": "AWS_Lambda_python3.13",
            **function.environment,
        }

    def _wait_until_listening(self) -> None:
        end = time.monotonic() + _START_SECONDS
        while time.monotonic() < end:
            process = self._process
            if process is None or process.poll() is not None:  # None: closed by another thread
                break
            with suppress(OSError), socket.create_connection(("127.0.0.1", self._port), timeout=1):
                return
            time.sleep(_POLL_SECONDS)
        self.stop()
        raise EMULATOR_UNAVAILABLE(f"the runtime interface emulator did not start: {self.log_tail()}")

    def _post(self, body: bytes) -> bytes:
        request = urllib.request.Request(f"http://127.0.0.1:{self._port}{_INVOKE_PATH}", data=body)
        try:
            with urllib.request.urlopen(  # noqa: S310 # our own loopback address
                request, timeout=self._function.timeout_seconds + _GRACE_SECONDS
            ) as answer:
                return bytes(answer.read())
        except urllib.error.HTTPError as error:
            return error.read() or _error("Runtime.ExitError", "the runtime exited")
        except TimeoutError:
            return _error("Sandbox.Timedout", f"{_TIMED_OUT} {self._function.timeout_seconds} seconds; no answer")
        except (OSError, HTTPException) as error:
            return _error("Runtime.ExitError", f"the sandbox is gone: {error!r}")


def parse_answer(body: bytes, seconds: float) -> FunctionResult:
    """What a runtime interface emulator answered: a result, an error as JSON, or words about a dead runtime."""
    text = body.decode("utf-8", "replace")
    try:
        payload = json.loads(text)
    except ValueError:
        kind = "Sandbox.Timedout" if _TIMED_OUT in text else "Runtime.ExitError"
        return FunctionResult({"errorType": kind, "errorMessage": text}, is_error=True, seconds=seconds)
    is_error = isinstance(payload, dict) and "errorType" in payload and "Action" not in payload
    return FunctionResult(payload, is_error, seconds)


def _error(kind: str, message: str) -> bytes:
    return json.dumps({"errorType": kind, "errorMessage": message}).encode()


def kill_processes_of(folder: Path) -> list[int]:
    """Kill every process that names `folder` on its command line: browsers and encoders left their session."""
    name, killed = os.fsencode(folder), []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        pid = int(path.parent.name)
        with suppress(OSError):
            if pid != os.getpid() and name in path.read_bytes():
                os.kill(pid, signal.SIGKILL)
                killed.append(pid)
    return killed


def _children(pid: int) -> list[int]:
    """Whichever of its threads started them."""
    with suppress(OSError):
        threads = Path(f"/proc/{pid}/task").glob("*/children")
        return [int(child) for thread in threads for child in thread.read_text().split()]
    return []


def _is_gone(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return True
    return state == "Z"  # only waits to be reaped, perhaps for ever where nobody does


def _free_ports(count: int) -> list[int]:
    with ExitStack() as stack:
        probes = [stack.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]
