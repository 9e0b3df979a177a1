"""Tells whether blurs move across most of a page's picture, which takes Chromium longer to draw than all else.

A blur of the whole picture costs 80 ms of CPU for each frame at 1080p, whatever its radius; wide shadows cost less, and
count half. Both cost it only where something of them changes, or of what is blurred with them. So the page is looked at
in two frames that follow one another.
"""

from hf_lambda.capture.page import Page
from hf_lambda.capture.page_scripts import page_script

_MOST = 0.5
"""Of the picture. Half of it takes longer to blur than all of it to encode."""


def is_mostly_blurred(page: Page, frame: int) -> bool:
    """Whether what is blurred and changes from `frame`, which the page shows, to the next one is most of the picture.

    The page is left at the next frame if anything of it is blurred.
    """
    before = _blurs(page)
    if not before:
        return False
    page.seek(frame + 1)
    return sum(share for look, share in _blurs(page).items() if look not in before) >= _MOST


def _blurs(page: Page) -> dict[str, float]:
    """The share of the picture of everything that is blurred, by how it looks."""
    return {blur["look"]: blur["share"] for blur in page.evaluate(page_script("blurs.js"))}
