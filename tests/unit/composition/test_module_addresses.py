"""Addresses in modules and import maps."""

import pytest

from hf_lambda.composition.module_addresses import rewrite_import_map, rewrite_module_imports


def prefix(url: str) -> str:
    """As an address beside a file in folder d."""
    return url if url.startswith("./top") else f"d/{url.removeprefix('./')}"


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ('import "./a.js";', 'import "./d/a.js";'),
        ("import {a} from './a.js'", "import {a} from './d/a.js'"),
        ('export * from "./a.js"', 'export * from "./d/a.js"'),
        ("await import( './a.js' )", "await import( './d/a.js' )"),
        ('import a from "a"', 'import a from "a"'),
        ('import "https://x/a.js"', 'import "https://x/a.js"'),
        ('import "./top.js"', 'import "./top.js"'),
        ('const path = "./a.js"', 'const path = "./a.js"'),
    ],
)
def test_relative_imports_are_rewritten(source: str, expected: str) -> None:
    """Bare names and whole addresses stay, and so do other texts."""
    assert rewrite_module_imports(source, prefix) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"imports": {"a": "./a.js"}}', '{"imports": {"a": "./d/a.js"}}'),
        ('{"scopes": {"/x/": {"a": "./a.js"}}}', '{"scopes": {"/x/": {"a": "./d/a.js"}}}'),
        ('{"imports": {"a":"https://x/a.js"}}', '{"imports": {"a":"https://x/a.js"}}'),
        ("{ broken", "{ broken"),
    ],
)
def test_import_maps_are_rewritten(text: str, expected: str) -> None:
    """In all their parts; one without relative addresses, or that is no JSON, stays as written."""
    assert rewrite_import_map(text, prefix) == expected
