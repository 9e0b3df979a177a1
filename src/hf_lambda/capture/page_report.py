"""What a page says of itself: how long it is, what of it will not render, and what its console says."""

import math
from dataclasses import dataclass, field
from typing import Any

from hf_lambda.capture.devtools import Event

_LINES = 40
_LINE_CHARACTERS = 500


@dataclass
class PageReport:
    """What a page said while it loaded. Duration is in seconds: 0 where unknown, inf where it never ends."""

    duration_seconds: float = 0.0
    warnings: list[str] = field(default_factory=list)
    console: list[str] = field(default_factory=list)
    refusals: list[tuple[str, str]] = field(default_factory=list)
    """What of the page cannot be rendered: the code of an error, and its cause."""
    thrown: dict[int, str] = field(default_factory=dict)
    """What scripts threw and did not catch, by DevTools' numbers."""

    @property
    def script_errors(self) -> list[str]:
        """What scripts threw and did not catch."""
        return list(self.thrown.values())

    def add_ready(self, answer: dict[str, Any]) -> None:
        """Add what `ready.js` answered."""
        self.duration_seconds = math.inf if answer["duration"] is None else answer["duration"]
        self.warnings.extend(warning[:_LINE_CHARACTERS] for warning in answer["warnings"][:_LINES])
        self.refusals.extend((code, cause) for code, cause in answer["refusals"])

    def hear(self, method: str, params: Event) -> None:
        """Remember the event of DevTools if it is a complaint; of the console only the last ones."""
        if method == "Runtime.exceptionThrown":
            if len(self.thrown) < _LINES:
                details = params["exceptionDetails"]
                self.thrown[details["exceptionId"]] = describe_exception(details)[:_LINE_CHARACTERS]
        elif method == "Runtime.exceptionRevoked":  # a promise's rejection was handled after all
            self.thrown.pop(params["exceptionId"], None)
        elif method == "Runtime.consoleAPICalled" and params["type"] in ("error", "warning", "assert"):
            self._remember(" ".join(_describe_argument(argument) for argument in params["args"]))
        elif method == "Log.entryAdded" and params["entry"]["level"] == "error":
            self._remember(f"{params['entry']['text']} {params['entry'].get('url', '')}".strip())

    def evidence(self) -> str:
        """What may explain a failure, for the end of its message; empty where nothing was said."""
        lines = [*self.script_errors[-3:], *self.console[-5:]]
        return f"; its console says: {' | '.join(lines)}" if lines else ""

    def _remember(self, line: str) -> None:
        self.console = [*self.console[1 - _LINES :], line[:_LINE_CHARACTERS]]


def describe_exception(details: dict[str, Any]) -> str:
    """DevTools' `ExceptionDetails` in one line: what was thrown, and where."""
    exception = details.get("exception", {})
    text = exception.get("description") or exception.get("value") or details.get("text", "unknown error")
    first_line = str(text).splitlines()[0]
    url = details.get("url") or next(
        (frame["url"] for frame in details.get("stackTrace", {}).get("callFrames", []) if frame["url"]), ""
    )
    path = url.split("/", 3)[-1] if "://" in url else url
    return f"{first_line} ({path}:{details['lineNumber'] + 1}:{details['columnNumber'] + 1})" if path else first_line


def _describe_argument(argument: dict[str, Any]) -> str:
    return str(argument.get("value", argument.get("description", argument.get("type"))))
