"""Drives Chromium with pyppeteer and prints what it saw as one JSON object.

Runs by itself in an environment that has pyppeteer and nothing of ours, so that a fault in our own DevTools client
cannot hide a fault of the browser's. Its argument is a JSON object: the program, its folder and its flags.
"""

import asyncio
import base64
import json
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from pyppeteer.launcher import Launcher

_ATTEMPTS = 10
_INTERVAL_MS = 1000 / 30
_SIZE = {"width": 800, "height": 600}
_PNG = b"\x89PNG\r\n\x1a\n"
_FONTCONFIG = (
    '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd">'
    "<fontconfig><dir>{fonts}</dir><cachedir>{cache}</cachedir></fontconfig>"
)
_PAGE = "<!doctype html><body style='margin:40px;background:#fff;font:48px sans-serif'>{text}</body>"
_RENDERER = """(() => {
  const gl = document.createElement("canvas").getContext("webgl");
  const info = gl && gl.getExtension("WEBGL_debug_renderer_info");
  return info ? gl.getParameter(info.UNMASKED_RENDERER_WEBGL) : "no WebGL";
})()"""


async def probe(program: str, folder: str, flags: list[str]) -> dict[str, Any]:
    """Launch, look, close."""
    home = tempfile.mkdtemp(prefix="hf-lambda-probe-")
    fontconfig = Path(home) / "fonts.conf"
    fontconfig.write_text(_FONTCONFIG.format(fonts=f"{folder}/fonts", cache=f"{home}/fontconfig"))
    environment = {
        "HOME": home,
        "TMPDIR": home,
        "PATH": os.environ.get("PATH", os.defpath),
        "LD_LIBRARY_PATH": f"{folder}/lib",
        "FONTCONFIG_FILE": str(fontconfig),
    }
    started = time.monotonic()
    launcher = Launcher(
        executablePath=program,
        ignoreDefaultArgs=True,
        args=[*flags, f"--user-data-dir={home}/profile", "about:blank"],
        env=environment,
    )
    browser = await launcher.launch()
    try:
        launch_ms = _milliseconds_since(started)
        return {"launchMs": launch_ms, **await _look(browser._connection)}
    finally:
        await launcher.killChrome()


async def _look(connection: Any) -> dict[str, Any]:
    info = await connection.send("SystemInfo.getInfo")
    version = await connection.send("Browser.getVersion")
    created = await connection.send(
        "Target.createTarget", {"url": "about:blank", **_SIZE, "enableBeginFrameControl": True}
    )
    session = await connection.createSession({"targetId": created["targetId"], "type": "page"})
    camera = _Camera(session)
    started = time.monotonic()
    blank = await camera.picture_of("")
    first_frame_ms = _milliseconds_since(started)
    text = await camera.picture_of("Hamburgefonstiv")
    again = await camera.picture()
    other = await camera.picture_of("Qjxtvzp 0123456")
    renderer = await session.send("Runtime.evaluate", {"expression": _RENDERER})
    return {
        "firstFrameMs": first_frame_ms,
        "emptyFrames": camera.empty,
        "product": version["product"],
        "glRenderer": str(info["gpu"].get("auxAttributes", {}).get("glRenderer", "")),
        "webglRenderer": str(renderer["result"].get("value")),
        "isPng": blank.startswith(_PNG),
        "isRepeatable": text == again,
        "drawsText": text != blank,
        "drawsLetters": text != other,  # without a font every letter is the same empty box
    }


class _Camera:
    """Begins frames, each later than the one before."""

    def __init__(self, session: Any) -> None:
        self.empty = 0
        """Answers without a picture; the first frames of a page may have none."""
        self._session = session
        self._ticks = 1000.0

    async def picture_of(self, text: str) -> bytes:
        """The picture of a page with that text."""
        tree = await self._session.send("Page.getFrameTree")
        frame = tree["frameTree"]["frame"]["id"]
        await self._session.send("Page.setDocumentContent", {"frameId": frame, "html": _PAGE.format(text=text)})
        return await self.picture()

    async def picture(self) -> bytes:
        """The picture of the page as it is."""
        for _ in range(_ATTEMPTS):
            self._ticks += _INTERVAL_MS
            answer = await self._session.send(
                "HeadlessExperimental.beginFrame",
                {"frameTimeTicks": self._ticks, "interval": _INTERVAL_MS, "screenshot": {"format": "png"}},
            )
            if answer.get("screenshotData"):
                return base64.b64decode(answer["screenshotData"])
            self.empty += 1
        return b""


def _milliseconds_since(started: float) -> int:
    return round(1000 * (time.monotonic() - started))


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asyncio.run(probe(**json.loads(sys.argv[1])))) + "\n")
