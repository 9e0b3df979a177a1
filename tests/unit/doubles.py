"""Doubles that several unit tests use: a clock that stands still, and a browser that is a short script."""

import sys
from pathlib import Path
from typing import Any

import hf_lambda
from hf_lambda.invocation import Observer

_SOURCES = Path(hf_lambda.__file__).parents[1]

# Speaks DevTools on descriptors 3 and 4 like Chromium: each method below is one kind of behaviour.
_FAKE_BROWSER = """#!{python} -SE
import os, sys, time

sys.path.insert(0, {sources!r})
from hf_lambda.capture import cbor


def say(message):
    os.write(4, cbor.encode(message))


def read_messages():
    buffer = b""
    while chunk := os.read(3, 65536):
        buffer += chunk
        while (length := cbor.message_length(buffer)) is not None and len(buffer) >= length:
            yield cbor.decode(buffer[:length])
            buffer = buffer[length:]


processes = [{{"type": "browser", "id": 1}}, {{"type": "GPU", "id": 2}}]
for message in read_messages():
    number, method, params = message["id"], message["method"], message["params"]
    answer = {{"id": number, "result": params}}
    if method == "SystemInfo.getInfo":
        say({{"id": number, "result": {{"gpu": {{"auxAttributes": {{"glRenderer": {renderer!r}}}}}}}}})
    elif method == "SystemInfo.getProcessInfo":
        say({{"id": number, "result": {{"processInfo": processes}}}})
    elif method == "Fake.processes":
        processes = params["now"]
        say(answer)
    elif method == "Fake.echo":
        say(answer)
    elif method == "Fake.describe":
        about = {{"argv": sys.argv, "env": dict(os.environ), "message": message}}
        say({{"id": number, "result": about}})
    elif method == "Fake.refuse":
        say({{"id": number, "error": {{"code": -32000, "message": "no such thing"}}}})
    elif method == "Fake.event":
        event = {{"method": "Fake.happened", "params": params}}
        if "sessionId" in message:
            event["sessionId"] = message["sessionId"]
        say(event)
        say(answer)
    elif method == "Fake.swap":
        held = answer
    elif method == "Fake.release":
        say(answer)
        say(held)
    elif method == "Fake.dribble":
        for byte in cbor.encode(answer):
            os.write(4, bytes([byte]))
    elif method == "Fake.garbage":
        os.write(4, b"this is not the CBOR dialect")
    elif method == "Fake.deaf":
        say(answer)
        time.sleep(params["seconds"])
        sys.exit(0)
    elif method == "Fake.exit":
        sys.stderr.write("last words\\n")
        sys.stderr.flush()
        os._exit(params["code"])
"""


class StandingClock:
    """A clock that moves only when it is told to."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        """The time, in seconds."""
        return self.now


class RecordingObserver(Observer):
    """Remembers what it was told."""

    def __init__(self) -> None:
        self.stages: list[str] = []
        self.frames: list[tuple[int, bytes]] = []

    def stage_started(self, stage: str) -> None:
        """See `Observer`."""
        self.stages.append(stage)

    def frame_captured(self, frame: int, picture: bytes | memoryview) -> None:
        """See `Observer`."""
        self.frames.append((frame, bytes(picture)))


def write_fake_browser(folder: Path, *, renderer: str = "ANGLE (SwiftShader)") -> Path:
    """A folder with a program `chromium` that answers DevTools commands; returns the program."""
    folder.mkdir(parents=True, exist_ok=True)
    program = folder / "chromium"
    program.write_text(_FAKE_BROWSER.format(python=sys.executable, sources=str(_SOURCES), renderer=renderer))
    program.chmod(0o755)
    return program


def write_program(path: Path, script: str) -> Path:
    """An executable shell script."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


def open_descriptors() -> set[str]:
    """The file descriptors that this process has open."""
    listed = [path.name for path in Path("/proc/self/fd").iterdir()]
    return {name for name in listed if Path(f"/proc/self/fd/{name}").exists()}


def nested(depth: int) -> dict[str, Any]:
    """An object in an object, `depth` times."""
    value: dict[str, Any] = {}
    for _ in range(depth):
        value = {"a": value}
    return value
