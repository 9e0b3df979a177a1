"""How a gate ends."""

from enum import IntEnum


class ExitCode(IntEnum):
    """Of `hf-lambda smoke` and `hf-lambda eval`; the first thing that went wrong."""

    OK = 0
    PREFLIGHT = 1
    BUILD = 2
    DEPLOY = 3
    RENDER = 4
    QUALITY = 5
    LEAK = 7
