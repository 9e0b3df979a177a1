"""Small compositions for tests, written to a folder."""

import base64
import io
import json
import random
import shutil
from pathlib import Path

from PIL import Image

VENDOR = Path(__file__).parents[2] / "examples" / "title-card" / "vendor"

NUMBER_BITS = 12
NUMBER_CELL = 16
"""Frame numbers are drawn as NUMBER_BITS squares of NUMBER_CELL pixels, most significant first."""


def write_project(
    folder: Path,
    body: str,
    *,
    script: str = "",
    head: str = "",
    width: int = 320,
    height: int = 180,
    duration: float | str | None = 1.0,
) -> Path:
    """A project with one composition `main`; `script` may use `gsap` and must register its timeline itself."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(VENDOR / "gsap.min.js", folder / "gsap.min.js")
    declared = "" if duration is None else f'data-duration="{duration}"'
    (folder / "index.html").write_text(
        f"""<!doctype html>
<html>
  <head>
    <meta charset="utf-8">
    <script src="gsap.min.js"></script>
    <style>html, body {{ margin: 0; background: #000; }} #root {{ position: relative; overflow: hidden; }}</style>
    {head}
  </head>
  <body>
    <div id="root" data-composition-id="main" data-start="0" data-width="{width}" data-height="{height}" {declared}>
      {body}
    </div>
    <script>
      window.__timelines = window.__timelines || {{}};
      {script or EMPTY_TIMELINE}
    </script>
  </body>
</html>
"""
    )
    return folder


def write_moving_project(folder: Path, body: str, movement: str, css: str = "", *, duration: float = 1.0) -> Path:
    """A project like that of `write_project`, in which something moves: `movement` may use its timeline `tl`."""
    script = f"const tl = gsap.timeline({{ paused: true }}); {movement} window.__timelines.main = tl;"
    return write_project(folder, body, script=script, head=f"<style>{css}</style>", duration=duration)


EMPTY_TIMELINE = 'window.__timelines["main"] = gsap.timeline({ paused: true });'


def write_numbered_project(folder: Path, *, fps: float, duration: float) -> Path:
    """A project that draws the number of each frame as a row of black and white squares."""
    cells = "".join(
        f'<i style="position:absolute;top:40px;left:{20 + NUMBER_CELL * bit}px;'
        f'width:{NUMBER_CELL}px;height:{NUMBER_CELL}px"></i>'
        for bit in range(NUMBER_BITS)
    )
    script = f"""
      const cells = [...document.querySelectorAll("i")];
      const tl = gsap.timeline({{ paused: true }});
      const draw = () => {{
        const frame = Math.round(tl.time() * {json.dumps(fps)});
        cells.forEach((cell, bit) => {{
          cell.style.background = (frame >> ({NUMBER_BITS} - 1 - bit)) & 1 ? "#fff" : "#000";
        }});
      }};
      tl.to({{}}, {{ duration: {duration}, ease: "none", onUpdate: draw }}, 0);
      draw();
      window.__timelines["main"] = tl;
    """
    return write_project(folder, cells, script=script, duration=duration)


def noise_png(number: int) -> str:
    """The URL of a picture of 24x16 pixels of noise; each number has its own."""
    pixels = random.Random(number).randbytes(24 * 16 * 3)
    buffer = io.BytesIO()
    Image.frombytes("RGB", (24, 16), pixels).save(buffer, "PNG")
    return f"data:image/png;base64,{base64.b64encode(buffer.getvalue()).decode()}"
