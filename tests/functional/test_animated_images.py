"""Animated images follow the composition's time."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from hf_lambda.settings import Settings
from hf_lambda.toolchain import Toolchain
from tests.functional.projects import write_project
from tests.functional.renders import decoded_frames, render

pytestmark = pytest.mark.browser

CELL = 32
DELAYS = [100, 200, 300]
"""Milliseconds of each frame; frame number n is grey 60 + 60 n."""


def write_animation(path: Path, kind: str, **options: Any) -> None:
    """An animation of three grey frames with different delays."""
    frames = [Image.new("RGB", (16, 16), (60 + 60 * n,) * 3) for n in range(3)]
    frames[0].save(path, kind, save_all=True, append_images=frames[1:], duration=DELAYS, **options)


def frame_at(seconds: float, *, once: bool = False) -> int:
    """The frame that an animation shows after so many seconds."""
    if seconds < 0:
        return 0
    if once and seconds >= 0.6 - 1e-6:
        return 2
    phase = (seconds + 1e-6) % 0.6
    return 0 if phase < 0.1 else 1 if phase < 0.3 else 2


def test_frames_follow_the_composition(tmp_path: Path, session_settings: Settings, toolchain: Toolchain) -> None:
    """Delays, loops, overrides and starts count from the composition's time, in every chunk."""
    rows: list[tuple[str, str, Callable[[float], int | None]]] = [
        ("endless.gif", "", frame_at),
        ("once.gif", "", lambda t: frame_at(t, once=True)),
        ("moving.png", "", frame_at),
        ("moving.apng", "", frame_at),
        ("moving.webp", "", frame_at),
        ("webp.gif", "", frame_at),
        ("endless.gif", 'data-loop="false"', lambda t: frame_at(t, once=True)),
        ("endless.gif", 'data-start="0.25" data-duration="5"', lambda t: frame_at(t - 0.25) if t >= 0.25 else None),
    ]
    style = f"position:absolute;left:0;width:{CELL}px;height:{CELL}px"
    body = "".join(
        f'<img src="{name}" {attributes} style="{style};top:{row * CELL}px">'
        for row, (name, attributes, _) in enumerate(rows)
    )
    height = CELL * len(rows)
    project = write_project(tmp_path / "project", body, width=CELL, height=height, duration=1.5)
    write_animation(project / "endless.gif", "GIF", loop=0)
    write_animation(project / "once.gif", "GIF")
    write_animation(project / "moving.png", "PNG", loop=0)
    write_animation(project / "moving.apng", "PNG", loop=0)
    for name in ("moving.webp", "webp.gif"):
        write_animation(project / name, "WEBP", loop=0, lossless=True)
    output = render(project, tmp_path, session_settings, fps=24, chunkSize=13, crf=8).summary.output
    for number, shown in enumerate(decoded_frames(toolchain, output, CELL, height)):
        for row, (name, attributes, expected) in enumerate(rows):
            grey = shown[row * CELL + 12 : row * CELL + 20, 12:20].mean()
            wanted = expected(number / 24)
            assert round((grey - 60) / 60) == (-1 if wanted is None else wanted), (name, attributes, number)


def test_image_that_is_cut_off_is_named(tmp_path: Path, session_settings: Settings) -> None:
    """A file that cannot be decoded is a warning, and keeps none of the others from being driven."""
    style = f"position:absolute;width:{CELL}px;height:{CELL}px"
    body = "".join(f'<img src="{name}" style="{style}">' for name in ("cut.gif", "whole.gif"))
    project = write_project(tmp_path / "project", body, width=CELL, height=CELL, duration=0.8)
    write_animation(project / "whole.gif", "GIF", loop=0)
    (project / "cut.gif").write_bytes((project / "whole.gif").read_bytes()[:-6])
    rendered = render(project, tmp_path, session_settings, fps=25)
    assert rendered.summary.plan["Warnings"] == ["animated image cannot be decoded, and moves on real time: cut.gif"]
    shown = [rendered.pictures.index(picture) for picture in rendered.pictures]
    assert shown == [0] * 3 + [3] * 5 + [8] * 7 + [0] * 3 + [3] * 2
