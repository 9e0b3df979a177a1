import io
import json
from pathlib import Path

import pytest

from hf_lambda.cli.main import main

PLAN = {
    "Action": "plan",
    "ProjectS3Uri": "file:///nowhere/project.tar.gz",
    "PlanOutputS3Prefix": "file:///nowhere/renders",
    "Config": {},
}


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings of the test's own."""
    monkeypatch.setenv("HF_LAMBDA_SCRATCH", str(tmp_path / "scratch"))
    monkeypatch.setenv("HYPERFRAMES_RENDER_BUCKET", "renders")


def test_event_of_a_file_reaches_the_handler(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The handler's own error comes back as a line and an exit code."""
    (tmp_path / "event.json").write_text(json.dumps(PLAN))
    assert main(["invoke", str(tmp_path / "event.json")]) == 1
    assert "OBJECT_NOT_FOUND" in capsys.readouterr().err


def test_event_of_standard_input_reaches_the_handler(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With - the event is read from the pipe; a foreign bucket is refused as in Lambda."""
    monkeypatch.setattr("sys.stdin", io.StringIO(json.dumps({**PLAN, "ProjectS3Uri": "s3://foreign/p.tar.gz"})))
    assert main(["invoke", "-"]) == 1
    assert "S3_URI_NOT_ALLOWED" in capsys.readouterr().err


@pytest.mark.parametrize(("text", "words"), [("{", "is not JSON"), ("[]", "not an object"), ("{}", "has no Action")])
def test_event_that_is_none_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, words: str
) -> None:
    """Broken JSON, another type and an empty object are named."""
    (tmp_path / "event.json").write_text(text)
    assert main(["invoke", str(tmp_path / "event.json")]) == 1
    assert "INVALID_EVENT" in (error := capsys.readouterr().err)
    assert words in error


def test_file_that_is_not_there_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The path and the system's words are in the message."""
    assert main(["invoke", str(tmp_path / "none.json")]) == 1
    assert "none.json cannot be read: No such file" in capsys.readouterr().err
