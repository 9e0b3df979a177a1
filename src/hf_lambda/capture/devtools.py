"""The DevTools pipe: commands out, answers and events in, one thread, no event loop.

A lane is a thread with one browser, so a call can simply wait for its answer while it hands every
event that arrives first to the listeners. A listener may raise (a page crashed): that ends the wait.
"""

import itertools
import os
import select
import struct
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from hf_lambda.capture import cbor
from hf_lambda.deadline import Deadline
from hf_lambda.errors import BROWSER_CRASHED, BROWSER_PROTOCOL_ERROR
from hf_lambda.processes import PipedProcess, is_ready, write_all

CALL_SECONDS = 60.0
"""Longest wait for one answer; a page that needs longer for one frame is taken to hang."""

_READ_BYTES = 1 << 20

Event = dict[str, Any]
Listener = Callable[[str, Event], None]


class DevTools:
    """One browser's DevTools connection over the pipes of its process. Not thread-safe: one lane at a time."""

    def __init__(self, process: PipedProcess) -> None:
        self._process = process
        self._buffer = bytearray()
        self._ids = itertools.count(1)
        self._answers: dict[int, dict[str, Any]] = {}
        self._listeners: dict[str | None, Listener] = {}

    def listen(self, session_id: str | None, listener: Listener | None) -> None:
        """Hand the events of a session (None: the browser's own) to `listener`, or to nobody any more."""
        if listener is None:
            self._listeners.pop(session_id, None)
        else:
            self._listeners[session_id] = listener

    def call(self, method: str, *, deadline: Deadline, session_id: str | None = None, **params: Any) -> dict[str, Any]:
        """Send a command and wait for its answer.

        Raises:
            BROWSER_CRASHED: the browser is gone.
            BROWSER_PROTOCOL_ERROR: the browser refused the command, or did not answer in time.
        """
        number = self.send(method, deadline=deadline, session_id=session_id, **params)
        return self.wait(number, method, deadline=deadline)

    def call_all(
        self, calls: Sequence[tuple[str, Mapping[str, Any]]], *, deadline: Deadline, session_id: str | None = None
    ) -> None:
        """As `call` for each method and its parameters, in order, but none waits for the answer to the one before.

        Raises:
            BROWSER_CRASHED, BROWSER_PROTOCOL_ERROR: as `call`.
        """
        numbers = [self.send(method, deadline=deadline, session_id=session_id, **params) for method, params in calls]
        for number, (method, _) in zip(numbers, calls, strict=True):
            self.wait(number, method, deadline=deadline)

    def send(self, method: str, *, deadline: Deadline, session_id: str | None = None, **params: Any) -> int:
        """Send a command without waiting; returns the number to `wait` for or to `take`."""
        number = next(self._ids)
        message: dict[str, Any] = {"id": number, "method": method, "params": params}
        if session_id is not None:
            message["sessionId"] = session_id
        try:
            write_all(self._process.to_child, cbor.encode(message), deadline=deadline, doing=f"sending {method}")
        except OSError as error:
            raise self._crashed(method) from error
        return number

    def wait(self, number: int, method: str, *, deadline: Deadline) -> dict[str, Any]:
        """The answer to command `number`; `method` names it in errors."""
        limit = Deadline(deadline.timeout(CALL_SECONDS, f"waiting for {method}"))
        while (answer := self.take(number)) is None:
            deadline.check(f"waiting for {method}")
            remaining = limit.remaining_seconds()
            if remaining <= 0:
                raise BROWSER_PROTOCOL_ERROR(f"{method} was not answered within {CALL_SECONDS:.0f} s")
            self.pump(min(remaining, 0.5), method)
        if "error" in answer:
            raise BROWSER_PROTOCOL_ERROR(f"{method}: {answer['error'].get('message', answer['error'])}")
        result: dict[str, Any] = answer["result"]
        return result

    def wait_at_most(self, number: int, seconds: float, method: str, *, deadline: Deadline) -> dict[str, Any] | None:
        """The raw answer to command `number`, or None where it takes longer than `seconds`."""
        limit = Deadline(seconds)
        while (answer := self.take(number)) is None and limit.remaining_seconds() > 0:
            deadline.check(f"waiting for {method}")
            self.pump(min(limit.remaining_seconds(), 0.5), method)
        return answer

    def take(self, number: int) -> dict[str, Any] | None:
        """The raw answer to command `number` if it has arrived; it is handed out once."""
        return self._answers.pop(number, None)

    def pump(self, timeout_seconds: float, doing: str) -> None:
        """Read what the browser has to say, waiting at most `timeout_seconds` for its first byte."""
        if not is_ready(self._process.from_child, select.POLLIN, timeout_seconds):
            return
        chunk = os.read(self._process.from_child, _READ_BYTES)
        if not chunk:
            raise self._crashed(doing)
        self._buffer += chunk
        while (message := self._next_message(doing)) is not None:
            self._dispatch(message)

    def _next_message(self, doing: str) -> dict[str, Any] | None:
        try:
            length = cbor.message_length(self._buffer)
            if length is None or len(self._buffer) < length:
                return None
            message: dict[str, Any] = cbor.decode(bytes(memoryview(self._buffer)[:length]))
        except (ValueError, LookupError, struct.error) as error:
            raise BROWSER_PROTOCOL_ERROR(f"Chromium sent something unreadable during {doing}: {error}") from error
        del self._buffer[:length]
        return message

    def _dispatch(self, message: dict[str, Any]) -> None:
        if "id" in message:
            self._answers[message["id"]] = message
            return
        listener = self._listeners.get(message.get("sessionId"))
        if listener is not None:
            listener(message["method"], message.get("params", {}))

    def _crashed(self, doing: str) -> BROWSER_CRASHED:
        code = self._process.poll()
        state = "closed its pipe" if code is None else f"ended with code {code}"
        return BROWSER_CRASHED(f"Chromium {state} during {doing}; it said: {self._process.stderr_tail() or 'nothing'}")
