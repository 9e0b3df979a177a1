"""Tells whether a page's WebGL would look otherwise if another driver drew it.

Drivers may round as they like, which nobody sees but in noise that is made of rounding errors (`spirv.py`). The grain
of the runtime's own colour grading is such noise too, and is let pass: SwiftShader takes seconds for each graded frame.
"""

from hf_lambda.capture.page import Page
from hf_lambda.capture.page_scripts import page_script
from hf_lambda.capture.spirv import hangs_on_rounding


def hangs_on_driver(page: Page) -> bool:
    """Whether a shader that the page has made so far is drawn otherwise by another driver, or cannot be told of."""
    listings = page.evaluate(page_script("spirv.js"))
    try:
        return listings is None or any(hangs_on_rounding(listing) for listing in listings)
    except ValueError:
        return True  # not translated as we know it
