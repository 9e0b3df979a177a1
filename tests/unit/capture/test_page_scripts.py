import json
import re
from fractions import Fraction
from typing import Any

import pytest

from hf_lambda.capture.page_scripts import RUNTIME_PATH, PageSettings, page_scripts, page_scripts_source


def script_with_settings(settings: PageSettings) -> str:
    """The one script that the settings are written into."""
    (script,) = (text for text in page_scripts(settings) if "const settings =" in text)
    return script


def settings_in_the_page(settings: PageSettings) -> Any:
    """The settings that the page reads."""
    found = re.search(r"const settings = (\{.*\});$", script_with_settings(settings), re.MULTILINE)
    assert found is not None
    return json.loads(found.group(1))


def test_clock_comes_first_and_each_script_after_what_it_uses() -> None:
    """The page's time is virtual before anything else runs, and `__hfLambda` is there before functions are added."""
    clock, timers, animations, start, *others = page_scripts(PageSettings(Fraction(30), {}, 45))
    assert page_scripts_source().startswith(clock + timers + animations)
    assert "window.__hfLambda = {" in start
    defined: set[str] = {"settings"}
    for script in others:
        used = re.findall(r"const \{ ([^}]*) \} = lambda;", script) + re.findall(r"\blambda\.(\w+)\(", script)
        assert {name for names in used for name in names.split(", ")} <= defined
        exported = re.search(r"Object\.assign\(lambda, \{ ([^}]*) \}\)", script)
        assert exported is not None
        defined |= set(exported.group(1).split(", "))
    assert {"ready", "frame", "afterUnseen"} <= defined


@pytest.mark.parametrize("fps", [Fraction(30), Fraction(30000, 1001)])
def test_rate_and_patience_reach_the_page(fps: Fraction) -> None:
    """The page learns the rate as a number and its time to become ready in milliseconds."""
    values = settings_in_the_page(PageSettings(fps, {}, 1.5, parts_backdrops=True))
    assert values == {
        "fps": float(fps),
        "variables": {},
        "readyMs": 1500,
        "partsBackdrops": True,
        "runtimePath": f"/{RUNTIME_PATH}",
    }


@pytest.mark.parametrize(
    "variables",
    [
        {"title": "Hello"},
        {"quote": "\"'`${1}</script><!--\\", "line": "a\nb\u2028c"},
        {"SETTINGS;": "SETTINGS;"},
        {"deep": {"list": [1, 2.5, None, True, {"ü": "日本"}]}},
    ],
)
def test_variables_reach_the_page_unchanged(variables: dict[str, Any]) -> None:
    """Variables are data in the script, whatever characters they hold."""
    assert settings_in_the_page(PageSettings(Fraction(30), variables, 45))["variables"] == variables


def test_script_stays_ascii_where_variables_are_not() -> None:
    """Variables are escaped, so no encoding on the way can change them."""
    script = script_with_settings(PageSettings(Fraction(30), {"a": "ü\u2028"}, 45))
    assert '"\\u00fc\\u2028"' in script


def test_source_for_the_digest_has_no_settings() -> None:
    """What identifies the scripts does not depend on a render."""
    assert "const settings = SETTINGS;" in page_scripts_source()
