"""The fontconfig file of a browser: which fonts there are beside those that pages load, and which one is whose default.

A page that names no font, or a character that no named font has, is drawn from these. They come with the toolchain,
so what a machine has installed does not matter.
"""

from collections.abc import Sequence
from html import escape
from pathlib import Path

_DEFAULTS = {"serif": "DejaVu Serif", "monospace": "DejaVu Sans Mono"}
"""Generic families that do not mean the default, and what they mean: as on a bare Debian."""
_DEFAULT = ("DejaVu Sans", "Open Sans")
_HINTING = '<match target="pattern"><edit name="hintstyle" mode="assign"><const>hintslight</const></edit></match>'
"""As on a bare Debian. Left open, Chromium hints these fonts fully on a canvas, and makes every letter of them a whole
number of pixels wide."""


def font_config(font_dirs: Sequence[Path], cache_dir: Path) -> str:
    """The file's text for fonts in these folders, and a folder for fontconfig's own cache."""
    rules = [
        f'<match target="pattern"><test name="family"><string>{generic}</string></test>'
        f'<edit name="family" mode="append_last">{_strings((family,))}</edit></match>'
        for generic, family in _DEFAULTS.items()
    ]
    rules += [
        _HINTING,
        f'<match target="pattern"><edit name="family" mode="append_last">{_strings(_DEFAULT)}</edit></match>',
    ]
    folders = "".join(f"<dir>{escape(str(folder))}</dir>" for folder in font_dirs)
    return (
        '<?xml version="1.0"?>\n<!DOCTYPE fontconfig SYSTEM "fonts.dtd">\n'
        f"<fontconfig>{folders}<cachedir>{escape(str(cache_dir))}</cachedir>{''.join(rules)}</fontconfig>\n"
    )


def _strings(families: Sequence[str]) -> str:
    return "".join(f"<string>{family}</string>" for family in families)
