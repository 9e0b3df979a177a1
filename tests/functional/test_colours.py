"""Colours come out as they went in."""

from pathlib import Path

import pytest

from hf_lambda.settings import Settings
from hf_lambda.toolchain import Toolchain
from tests.functional.projects import write_project
from tests.functional.renders import decoded_frames, render

pytestmark = pytest.mark.browser

COLOURS = {
    "red": (255, 0, 0),
    "green": (0, 255, 0),
    "blue": (0, 0, 255),
    "white": (255, 255, 255),
    "black": (0, 0, 0),
    "grey": (128, 128, 128),
    "dark grey": (51, 51, 51),
    "royal": (51, 102, 255),
    "ochre": (200, 120, 40),
}
CELL = 64


@pytest.mark.parametrize("codec", ["h264", "h265"])
def test_pure_and_mixed_colours_survive(
    codec: str, tmp_path: Path, session_settings: Settings, toolchain: Toolchain
) -> None:
    """Every colour is within 3 codes of the author's, read through a decoder that follows the file's tags."""
    boxes = "".join(
        f'<b style="position:absolute;left:{CELL * column}px;top:0;width:{CELL}px;height:{CELL}px;'
        f'background:rgb{colour}"></b>'
        for column, colour in enumerate(COLOURS.values())
    )
    width = CELL * len(COLOURS)
    project = write_project(tmp_path / "project", boxes, width=width, height=CELL, duration=0.2)
    output = render(project, tmp_path, session_settings, quality="standard", codec=codec).summary.output
    picture = list(decoded_frames(toolchain, output, width, CELL))[-1].astype(int)
    for column, (name, colour) in enumerate(COLOURS.items()):
        cell = picture[16 : CELL - 16, CELL * column + 16 : CELL * (column + 1) - 16]
        worst = abs(cell - colour).max()
        assert worst <= 3, f"{name}: {cell.mean((0, 1))} for {colour}"
