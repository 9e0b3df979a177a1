"""Text on a canvas."""

from pathlib import Path

import pytest

from tests.functional.projects import EMPTY_TIMELINE, write_project
from tests.functional.sites import OpenScreen

pytestmark = pytest.mark.browser

_SIZES = (13, 17, 31)
_TEXT = "Hamburgefonstiv 0123456789"


@pytest.mark.parametrize("family", ["sans-serif", "serif", "monospace"])
def test_letters_are_as_wide_as_in_the_document(family: str, open_screen: OpenScreen, tmp_path: Path) -> None:
    """A canvas places the letters of the base fonts as exactly as the document does."""
    spans = "".join(
        f'<span style="font: {size}px nobody, {family}; white-space: nowrap">{_TEXT}</span><br>' for size in _SIZES
    )
    measure = f"""
      const context = document.createElement("canvas").getContext("2d");
      window.widths = {list(_SIZES)}.map((size, index) => {{
        context.font = `${{size}}px {family}`;
        const span = document.querySelectorAll("span")[index];
        return [context.measureText("{_TEXT}").width, span.getBoundingClientRect().width];
      }});
    """
    screen = open_screen(write_project(tmp_path / "project", spans, script=EMPTY_TIMELINE + measure))
    for drawn, laid_out in screen.page.evaluate("widths"):
        assert drawn == pytest.approx(laid_out, abs=0.02)
