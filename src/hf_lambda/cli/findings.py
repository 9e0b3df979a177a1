"""Findings and warnings as lines of text, each with the style that a terminal gives it."""

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any

from hf_lambda.composition.lint.findings import Finding
from hf_lambda.composition.lint.linting import find_rule

Line = tuple[str, str]
"""A text, which may have line breaks, and its style in rich's words; empty: plain."""


def finding_lines(findings: Iterable[Finding]) -> Iterator[Line]:
    """Findings by their rules, each with its reason and its cure once; nothing where there are none."""
    by_code = sorted(findings, key=lambda finding: (finding.code, finding))
    for code, group in groupby(by_code, key=lambda finding: finding.code):
        rule = find_rule(code)
        yield f"warning: {code}", "yellow"
        for finding in group:
            yield f"  {finding.file}:{finding.line}: {finding.message}", ""
        yield f"  {rule.why}\n  {rule.cure}", "dim"


def plan_lines(plan: dict[str, Any]) -> Iterator[Line]:
    """The findings of a plan's result, and those of its warnings that are not findings."""
    findings = [Finding.from_wire(wire) for wire in plan["Findings"]]
    yield from finding_lines(findings)
    known = set(map(str, findings))
    yield from warning_lines(warning for warning in plan["Warnings"] if warning not in known)


def warning_lines(warnings: Iterable[str]) -> Iterator[Line]:
    """Each warning as a line."""
    for warning in warnings:
        yield f"warning: {warning}", "yellow"
