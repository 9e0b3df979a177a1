"""Lines of text in a terminal's styles, by rich, which a plain installation has not got."""

from collections.abc import Iterable

from rich.console import Console

from hf_lambda.cli.findings import Line


def print_styled(console: Console, lines: Iterable[Line]) -> None:
    """Print lines as they are, in their styles."""
    for text, style in lines:
        console.print(text, style=style, markup=False, highlight=False, soft_wrap=True)
