"""Runs every rule over a project."""

from collections.abc import Callable, Iterator
from pathlib import Path

from hf_lambda.composition.lint import (
    rules_clock,
    rules_files,
    rules_media,
    rules_network,
    rules_structure,
    rules_styles,
    rules_timelines,
    rules_timing,
    rules_variables,
)
from hf_lambda.composition.lint.findings import Finding, Rule
from hf_lambda.composition.lint.sources import Project, read_project

_Check = Callable[[Project], Iterator[Finding]]
_AREAS: tuple[tuple[str, tuple[Rule, ...], _Check], ...] = (
    ("Documents", rules_structure.RULES, rules_structure.check),
    ("Timing", rules_timing.RULES, rules_timing.check),
    ("Timelines", rules_timelines.RULES, rules_timelines.check),
    ("Time and chance", rules_clock.RULES, rules_clock.check),
    ("Network", rules_network.RULES, rules_network.check),
    ("Media", rules_media.RULES, rules_media.check),
    ("Files", rules_files.RULES, rules_files.check),
    ("Variables", rules_variables.RULES, rules_variables.check),
    ("Styles", rules_styles.RULES, rules_styles.check),
)
_MOST_PER_RULE_AND_FILE = 20


def lint_project(folder: Path, entry_file: str) -> list[Finding]:
    """What will not render as the author thinks, by file and line. Only reads.

    The files are those that the entry document leads to, as their author wrote them. Of one rule at most 20 findings
    are given per file.
    """
    project = read_project(folder, entry_file)
    findings = sorted({finding for _, _, check in _AREAS for finding in check(project)})
    counts: dict[tuple[str, str], int] = {}
    kept = []
    for finding in findings:
        key = (finding.file, finding.code)
        counts[key] = counts.get(key, 0) + 1
        if counts[key] <= _MOST_PER_RULE_AND_FILE:
            kept.append(finding)
    return kept


def rules_by_area() -> list[tuple[str, tuple[Rule, ...]]]:
    """Every rule, under the name of its area."""
    return [(name, rules) for name, rules, _ in _AREAS]


def find_rule(code: str) -> Rule:
    """The rule of a code."""
    return next(rule for _, rules, _ in _AREAS for rule in rules if rule.code == code)
