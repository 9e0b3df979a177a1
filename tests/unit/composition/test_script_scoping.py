import json

import pytest

from hf_lambda.composition.script_scoping import (
    ScriptScope,
    is_classic_script,
    prepare_module_script,
    scope_library,
    wrap_classic_script,
)

SCOPE = ScriptScope('[data-composition-id="a__hf1"]', "a", "a__hf1", "main")


@pytest.mark.parametrize("script_type", ["", "text/javascript", "Application/JavaScript", "text/x-ecmascript"])
def test_javascript_types_are_classic(script_type: str) -> None:
    """What browsers run as a classic script is wrapped as one."""
    assert is_classic_script(script_type)


@pytest.mark.parametrize("script_type", ["module", "importmap", "application/json", "text/template"])
def test_other_types_are_not_classic(script_type: str) -> None:
    """Modules, maps and data blocks are not."""
    assert not is_classic_script(script_type)


def test_script_is_told_its_scope() -> None:
    """The wrapper hands over what the page needs to find the mount, and names the file for error messages."""
    wrapped = wrap_classic_script("let a = 1; // end", SCOPE, "scenes/a b.html")
    literal = wrapped[wrapped.index("{") : wrapped.index("}") + 1]
    assert json.loads(literal) == {
        "selector": '[data-composition-id="a__hf1"]',
        "authoredId": "a",
        "runtimeId": "a__hf1",
        "movedIds": ["main"],
    }
    assert "\nlet a = 1; // end\n}" in wrapped
    assert wrapped.endswith("\n//# sourceURL=scenes/a_b.html\n")


def test_script_cannot_end_its_element() -> None:
    """Neither source nor ids close the script element around them."""
    scope = ScriptScope("x", "</script>", "y", None)
    assert "</script" not in wrap_classic_script("'</SCRIPT>'", scope, "a.html").lower()


def test_registry_is_a_parameter_only_where_it_is_named() -> None:
    """Pages wait for timelines of scripts that mention the registry, so the wrapper does not mention it."""
    assert "__timelines" not in wrap_classic_script("1", SCOPE, "a.html")
    assert ",__timelines)" in wrap_classic_script("__timelines.a = 1", SCOPE, "a.html")


def test_module_keeps_its_imports() -> None:
    """A module is not wrapped; it gets its own variables on the line before it starts."""
    assert prepare_module_script("import 'x';", SCOPE) == (
        "const __hyperframes = __hfLambdaScope.hyperframes(\"a__hf1\");import 'x';"
    )


def test_library_can_stand_in_a_script_element() -> None:
    """It defines what wrappers call, and holds nothing that would end the element."""
    assert "window.__hfLambdaScope = {" in scope_library()
    assert "</script" not in scope_library()
    assert "<!--" not in scope_library()
