import argparse
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from hf_lambda.cli.errors import errors_markdown
from hf_lambda.cli.lint import rules_markdown
from hf_lambda.cli.main import build_parser
from hf_lambda.errors import HfLambdaError, error_table
from hf_lambda.quality import cost
from hf_lambda.quality.gates import Thresholds
from hf_lambda.quality.outcome import ExitCode
from tests.contract.templates import STACK_SETTINGS

DOCS = Path(__file__).parents[2] / "docs"


def commands() -> dict[str, argparse.ArgumentParser]:
    """The parser of each command by its name."""
    return {name: parser for action in sub_parsers() for name, parser in action.choices.items()}


def sub_parsers() -> "Iterator[argparse._SubParsersAction[argparse.ArgumentParser]]":
    """The actions that hold commands."""
    return (action for action in build_parser()._actions if isinstance(action, argparse._SubParsersAction))


def options() -> list[tuple[str, str, argparse.Action]]:
    """Every option and argument: its command, its name, and itself."""
    return [
        (name, "/".join(action.option_strings) or action.dest, action)
        for name, parser in commands().items()
        for action in parser._actions
    ]


def test_errors_page_is_the_table() -> None:
    """docs/errors.md is what `hf-lambda errors --markdown` prints."""
    assert (DOCS / "errors.md").read_text("utf-8") == f"{errors_markdown()}\n"


def test_lint_page_is_the_rules() -> None:
    """docs/lint.md is what `hf-lambda lint --rules-markdown` prints."""
    assert (DOCS / "lint.md").read_text("utf-8") == f"{rules_markdown()}\n"


def test_settings_page_has_every_variable_that_is_read() -> None:
    """docs/settings.md names what `Settings` reads, and marks what the template sets."""
    source = (DOCS.parent / "src" / "hf_lambda" / "settings.py").read_text("utf-8")
    read = set(re.findall(r'"(HF_LAMBDA_[A-Z_]+|HYPERFRAMES_[A-Z_]+)"', source))
    rows = re.findall(r"^\| `(\w+)`( \*)? \|", (DOCS / "settings.md").read_text("utf-8"), re.MULTILINE)
    assert {name for name, _ in rows} == read
    assert {name for name, star in rows if star} == set(STACK_SETTINGS)


def test_every_command_has_help() -> None:
    """Each command has a line in the list of commands, and a description of its own."""
    listed = {action.dest: action.help for found in sub_parsers() for action in found._choices_actions}
    assert set(listed) == set(commands())
    assert all(listed.values())
    assert [name for name, parser in commands().items() if not (parser.description or "").endswith(".")] == []


@pytest.mark.parametrize(
    ("command", "name", "option"), options(), ids=lambda value: value if isinstance(value, str) else ""
)
def test_every_option_has_help(command: str, name: str, option: argparse.Action) -> None:
    """No option or argument of any command is left unexplained or hidden."""
    assert option.help, f"{command} {name}"
    assert option.help != argparse.SUPPRESS


@pytest.mark.parametrize("error", error_table(), ids=lambda error: error.__name__)
def test_every_error_says_when_and_what_to_do(error: type[HfLambdaError]) -> None:
    """Each code has a `when` and a `cure` of its own, whole sentences that fit into the table."""
    for text in (error.__dict__["when"], error.__dict__["cure"]):
        assert text.endswith(".")
        assert not set("|\n") & set(text)


def test_quality_page_has_the_limits() -> None:
    """docs/quality.md states every limit of the gates as the table in the code has it."""
    page = (DOCS / "quality.md").read_text("utf-8")
    limits = Thresholds()
    for stated in (
        f"at least {limits.pooled_db:g} dB",
        f"at least {limits.worst_db:g} dB",
        f"at most {limits.residual_dbfs:g} dBFS",
        f"at most {limits.worst_window_dbfs:g} dBFS",
        f"below {limits.lag_ms:g} ms",
        f"within {limits.length_ms:g} ms",
    ):
        assert stated in page
    for price in (
        cost.USD_PER_GB_SECOND,
        cost.USD_PER_STORAGE_GB_SECOND,
        cost.USD_PER_REQUEST,
        cost.USD_PER_TRANSITION,
    ):
        assert f"{price:.10f}".rstrip("0") in page


def test_quality_page_has_the_exit_codes() -> None:
    """docs/quality.md names the number of every end of a gate."""
    page = (DOCS / "quality.md").read_text("utf-8")
    listed = page.partition("### Exit codes")[2].partition("###")[0]
    assert [code for code in ExitCode if f"{int(code)} " not in listed] == []
