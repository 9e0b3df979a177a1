import pytest

from hf_lambda.cli.errors import errors_markdown
from hf_lambda.cli.main import main
from hf_lambda.errors import PLAN_HASH_MISMATCH, error_table


def test_one_code_is_explained(capsys: pytest.CaptureFixture[str]) -> None:
    """A code is explained by when it comes and what cures it, and nothing else is printed."""
    assert main(["errors", "PLAN_HASH_MISMATCH"]) == 0
    assert capsys.readouterr().out == (
        f"PLAN_HASH_MISMATCH (terminal)\n  when: {PLAN_HASH_MISMATCH.when}\n  cure: {PLAN_HASH_MISMATCH.cure}\n"
    )


def test_all_codes_are_explained(capsys: pytest.CaptureFixture[str]) -> None:
    """Without a code the whole table is printed, in its order."""
    assert main(["errors"]) == 0
    titles = [line.split()[0] for line in capsys.readouterr().out.splitlines() if not line.startswith(" ")]
    assert titles == [error.code() for error in error_table()]


@pytest.mark.parametrize("code", ["NO_SUCH_CODE", "plan_hash_mismatch", ""])
def test_unknown_code_fails_and_says_so(capsys: pytest.CaptureFixture[str], code: str) -> None:
    """A code that does not exist gives no data, a message and a failure."""
    assert main(["errors", code]) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert repr(code) in captured.err


def test_markdown_is_printed_as_the_docs_have_it(capsys: pytest.CaptureFixture[str]) -> None:
    """The command prints docs/errors.md."""
    assert main(["errors", "--markdown"]) == 0
    assert capsys.readouterr().out == f"{errors_markdown()}\n"


def test_markdown_is_one_table_with_a_row_for_each_code() -> None:
    """Every row has four cells, whatever the texts hold."""
    rows = [line for line in errors_markdown().splitlines() if line.startswith("|")]
    assert [row.count("|") for row in rows] == [5] * len(rows)
    assert [row.split("`")[1] for row in rows[2:]] == [error.code() for error in error_table()]
    assert {row.split(" | ")[1] for row in rows[2:]} == {"terminal", "retryable"}
