import json
import re
from fractions import Fraction
from typing import Any

import pytest

from hf_lambda.capture.page_scripts import PageSettings, page_scripts, page_scripts_source


def settings_in_the_bridge(settings: PageSettings) -> Any:
    """The settings that the page reads."""
    bridge = page_scripts(settings)[1]
    found = re.search(r"const settings = (\{.*\});$", bridge, re.MULTILINE)
    assert found is not None
    return json.loads(found.group(1))


def test_clock_comes_before_the_bridge() -> None:
    """The page's time is virtual before anything else runs."""
    clock, bridge, *media = page_scripts(PageSettings(Fraction(30), {}, 45))
    assert clock + bridge + "".join(media) != page_scripts_source()
    assert page_scripts_source().startswith(clock)
    assert "__hfLambda" in bridge


@pytest.mark.parametrize("fps", [Fraction(30), Fraction(30000, 1001)])
def test_rate_and_patience_reach_the_page(fps: Fraction) -> None:
    """The page learns the rate as a number and its time to become ready in milliseconds."""
    values = settings_in_the_bridge(PageSettings(fps, {}, 1.5))
    assert values == {"fps": float(fps), "variables": {}, "readyMs": 1500}


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
    assert settings_in_the_bridge(PageSettings(Fraction(30), variables, 45))["variables"] == variables


def test_script_stays_ascii_where_variables_are_not() -> None:
    """Variables are escaped, so no encoding on the way can change them."""
    bridge = page_scripts(PageSettings(Fraction(30), {"a": "ü\u2028"}, 45))[1]
    assert '"\\u00fc\\u2028"' in bridge


def test_source_for_the_digest_has_no_settings() -> None:
    """What identifies the scripts does not depend on a render."""
    assert "const settings = SETTINGS;" in page_scripts_source()
