from hf_lambda.composition.lint.findings import Finding, Rule
from hf_lambda.composition.lint.texts import TextFile

RULE = Rule("some_code", "why", "cure")


def test_rule_makes_findings_at_lines() -> None:
    """A finding has its rule's code, its file's path and the line of the offset."""
    finding = RULE.at(TextFile("a/b.html", "one\ntwo"), 5, "two is odd")
    assert finding == Finding("a/b.html", 2, "some_code", "two is odd")
    assert str(finding) == "a/b.html:2: some_code: two is odd"


def test_finding_goes_over_the_wire_and_back() -> None:
    """The form of results gives the same finding again."""
    finding = Finding("a.html", 3, "some_code", "ö")
    assert finding.to_wire() == {"File": "a.html", "Line": 3, "Code": "some_code", "Message": "ö"}
    assert Finding.from_wire(finding.to_wire()) == finding


def test_findings_are_in_the_order_of_files_and_lines() -> None:
    """Findings sort by file, then by line as a number."""
    findings = [Finding("b", 1, "c", ""), Finding("a", 10, "c", ""), Finding("a", 9, "d", "")]
    assert [(f.file, f.line) for f in sorted(findings)] == [("a", 9), ("a", 10), ("b", 1)]
