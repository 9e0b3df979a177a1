from typing import Any

from hf_lambda.cli.findings import finding_lines, plan_lines
from hf_lambda.composition.lint.findings import Finding

PLACES = [Finding("a", 2, "overlapping_tweens", "x"), Finding("a", 1, "overlapping_tweens", "[b]y")]


def test_each_rule_is_explained_once() -> None:
    """Several findings of one rule share its reason, in the order of their places."""
    texts = [text for text, _ in finding_lines(PLACES)]
    assert texts[:3] == ["warning: overlapping_tweens", "  a:1: [b]y", "  a:2: x"]
    assert len(texts) == 4
    assert "The second tween starts" in texts[3]


def test_nothing_is_said_where_nothing_was_found() -> None:
    """A clean project has no lines."""
    assert list(finding_lines([])) == []


def test_warnings_of_a_plan_that_are_findings_are_said_once() -> None:
    """A plan's warnings repeat its findings as text."""
    plan: dict[str, Any] = {
        "Findings": [finding.to_wire() for finding in PLACES],
        "Warnings": [*map(str, PLACES), "there is no font family X"],
    }
    texts = [text for text, _ in plan_lines(plan)]
    assert texts[-1] == "warning: there is no font family X"
    assert texts[:-1] == [text for text, _ in finding_lines(PLACES)]
