import re

import pytest

from hf_lambda import errors
from hf_lambda.errors import HfLambdaError, RetryableError, TerminalError, error_table

BASES = (HfLambdaError, TerminalError, RetryableError)


@pytest.mark.parametrize("error", error_table(), ids=lambda error: error.code())
def test_code_is_the_class_name(error: type[HfLambdaError]) -> None:
    """A code is the class's own name in capitals, because Step Functions matches that name."""
    assert error.code() == error.__name__
    assert re.fullmatch(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)*", error.code())


@pytest.mark.parametrize("error", error_table(), ids=lambda error: error.code())
def test_each_error_is_either_terminal_or_retryable(error: type[HfLambdaError]) -> None:
    """Every code belongs to exactly one of the two branches."""
    assert issubclass(error, TerminalError) != issubclass(error, RetryableError)


def test_table_lists_every_code_in_the_order_of_the_file() -> None:
    """The table is what the module defines, in its order, so that docs follow its sections."""
    defined = [value for value in vars(errors).values() if isinstance(value, type) and value not in BASES]
    assert error_table() == [value for value in defined if issubclass(value, HfLambdaError)]


@pytest.mark.parametrize("cause", ["chunk 3 of 2", "chunk 3 of 2.", "chunk 3 of 2..."])
def test_message_is_the_cause_then_the_cure(cause: str) -> None:
    """The text of an error is its cause as one sentence, then the cure."""
    assert str(errors.CHUNK_INDEX_OUT_OF_RANGE(cause)) == "chunk 3 of 2. Ask for 0 to ChunkCount - 1."


def test_long_cause_can_be_abridged() -> None:
    """Beginning and end stay, whole characters of them; a short cause stays as it is. The kind does, too."""
    long = errors.ENCODER_FAILED("ffmpeg -i é" + "é" * 1000 + "é: No space left on device").abridged(60)
    assert type(long) is errors.ENCODER_FAILED
    assert long.cause.startswith("ffmpeg -i é")
    assert long.cause.endswith("é: No space left on device")
    assert len(long.cause.encode()) < 70
    assert errors.ENCODER_FAILED("short").abridged(60).cause == "short"


def test_cause_is_kept_as_given() -> None:
    """Other errors quote the cause alone."""
    assert errors.BROWSER_CRASHED("it died").cause == "it died"


@pytest.mark.parametrize(
    ("error", "branch"),
    [
        (errors.PLAN_HASH_MISMATCH, TerminalError),
        (errors.FFMPEG_VERSION_MISMATCH, TerminalError),
        (errors.BROWSER_GPU_NOT_SOFTWARE, TerminalError),
        (errors.INVALID_CONFIG, TerminalError),
        (errors.BROWSER_CRASHED, RetryableError),
        (errors.CHUNK_DEADLINE_EXCEEDED, RetryableError),
        (errors.STORAGE_UNAVAILABLE, RetryableError),
    ],
)
def test_branches_that_callers_rely_on(error: type[HfLambdaError], branch: type[HfLambdaError]) -> None:
    """Errors that another worker may not have are retryable, those of the input are not."""
    assert issubclass(error, branch)
