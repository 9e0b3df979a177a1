import math
from typing import Any

import pytest

from hf_lambda.capture.page_report import PageReport, describe_exception

THROWN: dict[str, Any] = {
    "exceptionId": 1,
    "text": "Uncaught",
    "lineNumber": 6,
    "columnNumber": 2,
    "url": "http://127.0.0.1:1234/scenes/main.html?x=1",
    "exception": {"description": "TypeError: no\n    at main.html:7:3"},
}


def logged(kind: str, *values: object) -> dict[str, Any]:
    """The event of a call of the console."""
    return {"type": kind, "args": [{"type": "string", "value": value} for value in values]}


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({}, "TypeError: no (scenes/main.html?x=1:7:3)"),
        ({"exception": {"value": "thrown text"}}, "thrown text (scenes/main.html?x=1:7:3)"),
        ({"exception": {}}, "Uncaught (scenes/main.html?x=1:7:3)"),
        ({"url": ""}, "TypeError: no"),
        ({"url": "", "stackTrace": {"callFrames": [{"url": ""}, {"url": "a.js"}]}}, "TypeError: no (a.js:7:3)"),
    ],
)
def test_an_exception_is_described_in_one_line(changes: dict[str, Any], text: str) -> None:
    """What was thrown, and where, counted from one, below the page's origin."""
    assert describe_exception({**THROWN, **changes}) == text


def test_complaints_are_evidence() -> None:
    """Errors of scripts come first, then what the console says; what is no complaint is not remembered."""
    report = PageReport()
    assert report.evidence() == ""
    report.hear("Runtime.consoleAPICalled", logged("log", "hello"))
    report.hear("Network.loadingFailed", {})
    assert report.evidence() == ""
    report.hear("Runtime.consoleAPICalled", logged("warning", "slow", 3))
    report.hear("Log.entryAdded", {"entry": {"level": "error", "text": "404", "url": "http://a/b.png"}})
    report.hear("Log.entryAdded", {"entry": {"level": "info", "text": "fine"}})
    report.hear("Runtime.exceptionThrown", {"exceptionDetails": THROWN})
    assert report.script_errors == ["TypeError: no (scenes/main.html?x=1:7:3)"]
    said = "TypeError: no (scenes/main.html?x=1:7:3) | slow 3 | 404 http://a/b.png"
    assert report.evidence() == f"; its console says: {said}"


def test_a_page_that_never_stops_complaining_fills_no_memory() -> None:
    """The first errors are kept and the last lines of the console, none of them endless."""
    report = PageReport()
    for number in range(100):
        report.hear("Runtime.consoleAPICalled", logged("error", f"{number} {'x' * 9999}"))
        report.hear(
            "Runtime.exceptionThrown", {"exceptionDetails": {**THROWN, "exceptionId": number, "lineNumber": number}}
        )
    assert [line.split()[0] for line in report.console] == [str(number) for number in range(60, 100)]
    assert max(map(len, report.console)) == 500
    assert len(report.script_errors) == 40
    assert report.script_errors[0].endswith(":1:3)")


def test_a_rejection_that_is_handled_late_is_no_error() -> None:
    """DevTools takes it back by its number; what it takes back of others that nobody remembers is nothing."""
    report = PageReport()
    for number in (1, 2):
        report.hear(
            "Runtime.exceptionThrown", {"exceptionDetails": {**THROWN, "exceptionId": number, "lineNumber": number}}
        )
    for number in (1, 77):
        report.hear("Runtime.exceptionRevoked", {"reason": "Handler added", "exceptionId": number})
    assert report.script_errors == ["TypeError: no (scenes/main.html?x=1:3:3)"]


@pytest.mark.parametrize(("said", "seconds"), [(2.5, 2.5), (0, 0), (None, math.inf)])
def test_what_the_page_answers_when_it_is_ready(said: float | None, seconds: float) -> None:
    """JSON has no infinity: a page without an end says nothing. Refusals and warnings are added to what there is."""
    report = PageReport(warnings=["before"])
    report.add_ready({"duration": said, "warnings": ["w" * 999] * 50, "refusals": [["SOME_CODE", "why"]]})
    assert report.duration_seconds == seconds
    assert report.refusals == [("SOME_CODE", "why")]
    assert report.warnings == ["before", *["w" * 500] * 40]
