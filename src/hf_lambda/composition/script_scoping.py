"""Wraps a sub-composition's scripts so that they run once per mount and find their own mount's elements.

An exception in one of them ends that script alone: each keeps a script element to itself, and the browser
reports the error under the name of the sub-composition's file.
"""

import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from hf_lambda.composition.variables import script_literal

_CLASSIC_TYPES = re.compile(r"((text|application)/(x-)?(java|ecma)script)?")
_PARAMETERS = "document,gsap,window,__hyperframes"


@dataclass(frozen=True)
class ScriptScope:
    """Where a script runs: what finds its mount, what its author calls the mount, what the page calls it."""

    selector: str
    authored_id: str
    runtime_id: str
    root_id: str | None
    """The id that the author gave the root element, which it lost on mounting."""
    renamed_ids: tuple[str, ...] = ()
    """Ids of other elements that they had to give up to another mount."""

    def to_literal(self) -> str:
        """The scope as the page's script reads it."""
        return script_literal(
            {
                "selector": self.selector,
                "authoredId": self.authored_id,
                "runtimeId": self.runtime_id,
                "movedIds": [id_ for id_ in (self.root_id, *self.renamed_ids) if id_],
            }
        )


def is_classic_script(script_type: str) -> bool:
    """Whether a script element of this type runs as a classic script."""
    return _CLASSIC_TYPES.fullmatch(script_type.strip().lower()) is not None


def scope_library() -> str:
    """The script that wrapped scripts call; the page must run it once, before them."""
    return _read_library()


def wrap_classic_script(source: str, scope: ScriptScope, file: str) -> str:
    """The script as a function of its own document, gsap, window and variables."""
    # Two functions, so that the author may declare `const gsap` and start with "use strict".
    # The registry is named only where the author names it: the page waits for timelines of scripts that do.
    parameters = _PARAMETERS + (",__timelines" if "__timelines" in source else "")
    opening = f"__hfLambdaScope.run({scope.to_literal()},function({parameters}){{return function(){{"
    return f"{opening}\n{_keep_inside_element(source)}\n}}}});\n//# sourceURL={_source_url(file)}\n"


def prepare_module_script(source: str, scope: ScriptScope) -> str:
    """A module as it is, with its own `__hyperframes`: imports would not survive a function around them."""
    runtime_id = script_literal(scope.runtime_id)
    return f"const __hyperframes = __hfLambdaScope.hyperframes({runtime_id});{_keep_inside_element(source)}"


def _keep_inside_element(source: str) -> str:
    return re.sub(r"</(?=script)", r"<\\/", source, flags=re.IGNORECASE)


def _source_url(file: str) -> str:
    return re.sub(r"[^\w./-]", "_", file)


@cache
def _read_library() -> str:
    return files("hf_lambda.composition").joinpath("scripts", "scope.js").read_text("utf-8")
