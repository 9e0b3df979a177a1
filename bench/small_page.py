"""A page with next to nothing on it, of any size and length: for what a render costs but for its pictures."""

from pathlib import Path

from examples.vendor import copy_listed

from bench.places import NODE_MODULES

FPS = 30
_PAGE = """<!doctype html>
<html lang="en">
  <head><meta charset="utf-8" /><title>Start</title><script src="vendor/gsap.min.js"></script></head>
  <body style="margin: 0">
    <div id="root" data-composition-id="start" data-start="0"{length} data-width="{width}"
      data-height="{height}" style="position: relative; width: {width}px; height: {height}px; background: #f2ead8">
      <div id="square" style="width: 30%; height: 30%; background: #d8412f"></div>{elements}
    </div>
    <script>
      const timeline = gsap.timeline({{ paused: true }});
      timeline.to("#square", {{ x: 400, duration: {seconds}, ease: "none" }}, 0);{script}
      window.__timelines = {{ start: timeline }};
    </script>
  </body>
</html>
"""


def write_small_page(
    folder: Path,
    width: int,
    height: int,
    frames: int,
    *,
    elements: str = "",
    script: str = "",
    says_length: bool = True,
) -> Path:
    """Write the project into the new `folder`, and give it back; `elements` are on it too, `script` has `timeline`.

    A page that does not say its length is as long as its timeline.
    """
    folder.mkdir(parents=True)
    seconds = round(frames / FPS, 6)
    length = f' data-duration="{seconds}"' if says_length else ""
    page = _PAGE.format(seconds=seconds, length=length, width=width, height=height, elements=elements, script=script)
    folder.joinpath("index.html").write_text(page, "utf-8")
    copy_listed({"vendor/gsap.min.js": "gsap/dist/gsap.min.js"}, NODE_MODULES, folder)
    return folder
