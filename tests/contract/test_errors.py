"""The error table against the code that raises what is in it."""

import ast
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import hf_lambda
from hf_lambda.errors import error_table

PACKAGE = Path(hf_lambda.__file__).parent
OF_THE_ORIGINAL = {"FORMAT_NOT_SUPPORTED_IN_DISTRIBUTED", "PLAN_TOO_LARGE"}
"""Which state machines that were written for it name."""


def names(tree: ast.AST) -> Iterator[str]:
    """Every name that code refers to, once for each time."""
    return (node.id for node in ast.walk(tree) if isinstance(node, ast.Name))


def used_names() -> set[str]:
    """Names that the package uses for more than to catch them."""
    used: Counter[str] = Counter()
    for path in PACKAGE.rglob("*.py"):
        tree = ast.parse(path.read_text("utf-8"))
        used.update(names(tree))
        for node in ast.walk(tree):
            if isinstance(node, ast.ExceptHandler) and node.type is not None:
                used.subtract(names(node.type))
    return {name for name, times in used.items() if times > 0}


def test_every_code_is_raised_but_for_those_of_the_original() -> None:
    """Whoever reads the table is told of errors that there are, and which ones there are not."""
    assert {error.code() for error in error_table()} - used_names() == OF_THE_ORIGINAL
    unused = [error for error in error_table() if error.when.startswith("Never here")]
    assert {error.code() for error in unused} == OF_THE_ORIGINAL
