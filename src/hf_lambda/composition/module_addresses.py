"""Module scripts: the addresses in their imports and in import maps, for a document at the project's top.

An inline module resolves its imports against the document, which is no longer the file that it was written in.
"""

import json
import re
from typing import Any

from hf_lambda.composition.asset_rewriting import Rewrite

_IMPORT = re.compile(r"""(?P<before>\b(?:from|import)\s*\(?\s*)(?P<quote>["'])(?P<url>\.{1,2}/[^"'\n]+)(?P=quote)""")


def rewrite_module_imports(source: str, rewrite: Rewrite) -> str:
    """A module with the relative addresses that it imports rewritten; bare names stay, import maps know them."""
    return _IMPORT.sub(
        lambda match: f"{match['before']}{match['quote']}{_rewrite_specifier(match['url'], rewrite)}{match['quote']}",
        source,
    )


def rewrite_import_map(text: str, rewrite: Rewrite) -> str:
    """An import map with its relative addresses rewritten; as it is where it is not JSON, which browsers skip."""
    try:
        value = json.loads(text)
    except ValueError:
        return text
    rewritten = _rewrite_values(value, rewrite)
    return text if rewritten == value else json.dumps(rewritten).replace("<", "\\u003c")


def _rewrite_values(value: Any, rewrite: Rewrite) -> Any:
    if isinstance(value, dict):
        return {key: _rewrite_values(item, rewrite) for key, item in value.items()}
    if isinstance(value, str) and value.startswith(("./", "../")):
        return _rewrite_specifier(value, rewrite)
    return value


def _rewrite_specifier(url: str, rewrite: Rewrite) -> str:
    rewritten = rewrite(url)
    # Without a dot or a slash in front it would be the name of a package.
    return rewritten if rewritten == url or rewritten.startswith(("/", ".")) else f"./{rewritten}"
