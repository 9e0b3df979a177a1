"""One page's DevTools session, in a browser context of its own: calls, evaluations, events.

An error says what the page's console said.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from hf_lambda.capture.devtools import DevTools, Event
from hf_lambda.capture.page_report import PageReport, describe_exception
from hf_lambda.deadline import Deadline
from hf_lambda.errors import (
    BROWSER_CRASHED,
    BROWSER_PROTOCOL_ERROR,
    FRAME_STALLED,
    PAGE_NAVIGATED,
    PAGE_SCRIPT_ERROR,
)

_STALL_SECONDS = 20.0
"""Longest wait for a frame of a page whose scripts are idle."""
_ALIVE_SECONDS = 2.0
_POLL_SECONDS = 0.004
_DOMAINS = ("Page", "Runtime", "Log", "Inspector", "Animation", "HeadlessExperimental")
"""Of DevTools, what a page's session needs."""
_SIGNS_OF_NAVIGATION = ("navigated or closed", "context was destroyed", "Cannot find context")


class Session:
    """The session of a page; `report` hears what the page says."""

    def __init__(self, devtools: DevTools, report: PageReport, *, deadline: Deadline) -> None:
        self.stays = False
        """Whether a page that leaves its document now is an error."""
        self._devtools = devtools
        self._report = report
        self._deadline = deadline
        self._frame_limit = deadline
        self._context_id = ""
        self._session_id = ""

    def open(self, width: int, height: int, **target: Any) -> None:
        """Create the page, blank, in a window of this size; `target` are more parameters of `Target.createTarget`."""
        devtools, deadline = self._devtools, self._deadline
        self._context_id = devtools.call("Target.createBrowserContext", deadline=deadline)["browserContextId"]
        created = devtools.call(
            "Target.createTarget",
            url="about:blank",
            width=width,
            height=height,
            browserContextId=self._context_id,
            **target,
            deadline=deadline,
        )
        attached = devtools.call("Target.attachToTarget", targetId=created["targetId"], flatten=True, deadline=deadline)
        self._session_id = attached["sessionId"]
        devtools.listen(self._session_id, self._on_event)
        self.call_all([(f"{domain}.enable", {}) for domain in _DOMAINS])

    def close(self) -> None:
        """Close the page and its context; the browser stays."""
        self._devtools.listen(self._session_id, None)
        self._devtools.call("Target.disposeBrowserContext", browserContextId=self._context_id, deadline=self._deadline)

    def call(self, method: str, **params: Any) -> dict[str, Any]:
        """Send a command and wait for its answer.

        Raises:
            PAGE_NAVIGATED: the page left its document meanwhile.
            BROWSER_CRASHED, BROWSER_PROTOCOL_ERROR: the browser failed.
        """
        try:
            return self._devtools.call(method, session_id=self._session_id, deadline=self._deadline, **params)
        except BROWSER_PROTOCOL_ERROR as error:
            if any(sign in error.cause for sign in _SIGNS_OF_NAVIGATION):
                raise PAGE_NAVIGATED(f"the page left its document during {method}{self._report.evidence()}") from error
            raise BROWSER_PROTOCOL_ERROR(f"{error.cause}{self._report.evidence()}") from error

    def call_all(self, calls: Sequence[tuple[str, dict[str, Any]]]) -> None:
        """As `call` for each method and its parameters, in order, but none waits for the answer to the one before."""
        self._devtools.call_all(calls, session_id=self._session_id, deadline=self._deadline)

    def call_for_frame(self, method: str, **params: Any) -> dict[str, Any]:
        """As `call`, for what may never be answered although the page is well.

        Raises:
            FRAME_STALLED: it was not.
        """
        limit = self._frame_limit
        number = self._devtools.send(method, session_id=self._session_id, deadline=limit, **params)
        answer = self._devtools.wait_at_most(number, _STALL_SECONDS, method, deadline=limit)
        if answer is None and self._answers():
            raise FRAME_STALLED(f"{method} was not answered within {_STALL_SECONDS:.0f} s{self._report.evidence()}")
        if answer is None:
            return self._devtools.wait(number, method, deadline=limit)
        if "error" in answer:
            raise BROWSER_PROTOCOL_ERROR(f"{method}: {answer['error'].get('message')}{self._report.evidence()}")
        result: dict[str, Any] = answer["result"]
        return result

    @contextmanager
    def frames_within(self, limit: Deadline) -> Iterator[None]:
        """For the length of the `with` block no frame takes longer."""
        self._frame_limit = limit
        try:
            yield
        finally:
            self._frame_limit = self._deadline

    def evaluate(self, expression: str) -> Any:
        """What `expression` gives in the page, or its promise; JSON values only.

        Raises:
            PAGE_SCRIPT_ERROR: it threw.
            PAGE_NAVIGATED, BROWSER_CRASHED, BROWSER_PROTOCOL_ERROR: as `call`.
        """
        return _value(self.call("Runtime.evaluate", **_evaluation(expression)))

    def evaluate_beside(self, meanwhile: Callable[[], None], expression: str, limit: Deadline, doing: str) -> Any:
        """As `evaluate`, with `meanwhile` again and again until the answer is there.

        Raises:
            PAGE_SCRIPT_ERROR: it threw.
            PAGE_NAVIGATED: the page left its document.
            CHUNK_DEADLINE_EXCEEDED: there was no answer within `limit`; `doing` names what was done.
        """
        number = self._devtools.send(
            "Runtime.evaluate", deadline=self._deadline, session_id=self._session_id, **_evaluation(expression)
        )
        while (answer := self._devtools.take(number)) is None:
            limit.check(doing)
            meanwhile()
            self._devtools.pump(_POLL_SECONDS, doing)
        if "error" in answer:
            raise PAGE_NAVIGATED(f"the page left its document: {answer['error'].get('message')}")
        return _value(answer["result"])

    def _answers(self) -> bool:
        """Whether the page's main thread is free: then a frame that does not end is the compositor's doing."""
        number = self._devtools.send(
            "Runtime.evaluate", session_id=self._session_id, deadline=self._frame_limit, expression="1"
        )
        answer = self._devtools.wait_at_most(number, _ALIVE_SECONDS, "Runtime.evaluate", deadline=self._frame_limit)
        return answer is not None

    def _on_event(self, method: str, params: Event) -> None:
        if method == "Inspector.targetCrashed":
            raise BROWSER_CRASHED(f"the page crashed{self._report.evidence()}")
        if method == "Page.frameNavigated" and self.stays and "parentId" not in params["frame"]:
            raise PAGE_NAVIGATED(f"the page went to {params['frame']['url']}")
        if method == "Page.javascriptDialogOpening":
            self._devtools.send(
                "Page.handleJavaScriptDialog", deadline=self._deadline, session_id=self._session_id, accept=True
            )
        else:
            self._report.hear(method, params)


def _evaluation(expression: str) -> dict[str, Any]:
    return {"expression": expression, "awaitPromise": True, "returnByValue": True}


def _value(answer: dict[str, Any]) -> Any:
    if "exceptionDetails" in answer:
        raise PAGE_SCRIPT_ERROR(describe_exception(answer["exceptionDetails"]))
    return answer["result"].get("value")
