"""The README's chapter on deployment against the template and the error table."""

import re
from pathlib import Path

import pytest

from hf_lambda.errors import error_table
from tests.contract.templates import load_template

ROOT = Path(__file__).parents[2]
CHAPTER = (ROOT / "README.md").read_text("utf-8").split("## Deploy\n")[1].split("\n## ")[0]
TEMPLATE = load_template()


def test_every_error_that_is_explained_exists() -> None:
    """The table for troubleshooting names codes of the error table, or of Lambda, its runtime and Step Functions."""
    table = [line for line in CHAPTER.splitlines() if line.startswith("| `")]
    named = {name for line in table for name in re.findall(r"`([\w.]+)`", line.split("|")[1])}
    codes = {error.code() for error in error_table()}
    assert len(named) > 12
    assert {
        name for name in named - codes if not name.startswith(("Lambda.", "Sandbox.", "Runtime.", "States."))
    } == set()


def test_what_is_deployed_is_what_is_used() -> None:
    """Whoever takes the answers that SAM proposes finds the stack with the lines that follow, in the same region."""
    assert re.findall(r"sam deploy .*--stack-name (\w+)", CHAPTER) == re.findall(r"^STACK=(\w+)", CHAPTER, re.MULTILINE)
    (regions,) = re.findall(r"^export AWS_REGION=(\S+) AWS_DEFAULT_REGION=(\S+)", CHAPTER, re.MULTILINE)
    assert len(set(regions)) == 1


def test_outputs_that_are_read_exist() -> None:
    """The shell lines ask for outputs that the stack has."""
    asked = set(re.findall(r"\$\(output (\w+)\)", CHAPTER))
    assert len(asked) == 2
    assert asked <= set(TEMPLATE["Outputs"])


@pytest.mark.parametrize("word", sorted(set(re.findall(r"`((?:Lambda|Map|Reserved|Chrome)[A-Z]\w+)`", CHAPTER))))
def test_parameter_that_is_named_exists(word: str) -> None:
    """What the reader is told to raise or lower can be raised or lowered."""
    assert word in TEMPLATE["Parameters"]


def test_days_until_things_expire_are_those_of_the_template() -> None:
    """The chapter says what the rules do."""
    days = {name: TEMPLATE["Parameters"][name]["Default"] for name in ("IntermediateExpiryDays", "BlobExpiryDays")}
    assert f"after {days['IntermediateExpiryDays']} days" in CHAPTER
    assert f"`blobs/` after {days['BlobExpiryDays']}" in CHAPTER
    assert f"at {TEMPLATE['Parameters']['ChunkInvocationAlarmThreshold']['Default']} invocations" in CHAPTER


def test_prefixes_are_those_that_the_function_may_use() -> None:
    """The example writes only where the function's role lets it."""
    used = set(re.findall(r"'\$BUCKET'/(\w+)/", CHAPTER))
    policies = str(TEMPLATE["Resources"]["RenderFunction"]["Properties"]["Policies"])
    assert used == {"sites", "renders", "outputs"}
    assert all(f"Arn}}/{prefix}/*" in policies for prefix in used)


def test_cost_example_is_its_formula() -> None:
    """So much memory for so many seconds costs what the chapter says."""
    price = float(re.findall(r"seconds of all invocations x (0\.0000\d+) USD", CHAPTER)[0])
    memory_gb, seconds, total = map(float, re.findall(r"With (\d+) GB and (\d+) seconds.*?(0\.\d+) USD", CHAPTER)[0])
    assert round(memory_gb * seconds * price, 2) == total


def test_number_of_alarms_is_right() -> None:
    """What gets created is counted right."""
    kinds = [resource["Type"] for resource in TEMPLATE["Resources"].values()]
    assert kinds.count("AWS::CloudWatch::Alarm") == 4
    assert "four alarms" in CHAPTER.replace("\n", " ")
