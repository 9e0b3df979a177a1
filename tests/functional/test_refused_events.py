"""What cannot be taken is refused by name before any work, and leaves nothing behind."""

import io
import json
import tarfile
import traceback
from pathlib import Path

import pytest

from hf_lambda import errors
from hf_lambda.config import RenderConfig
from hf_lambda.deadline import Deadline
from hf_lambda.handler import handler
from hf_lambda.invocation import NoObserver
from hf_lambda.local.context import LocalContext
from hf_lambda.settings import Settings
from hf_lambda.storage.folder import folder_uri
from tests.functional.leftovers import assert_nothing_left

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(
    ("event", "error"),
    [
        ({"Action": "explode"}, errors.INVALID_EVENT),
        ({}, errors.INVALID_EVENT),
        ([], errors.INVALID_EVENT),
        ({"Action": "plan", "ProjectS3Uri": 7, "PlanOutputS3Prefix": "file:///x", "Config": {}}, errors.INVALID_EVENT),
        (
            {"Action": "plan", "ProjectS3Uri": "ftp://x/y", "PlanOutputS3Prefix": "file:///x", "Config": {}},
            errors.S3_URI_NOT_ALLOWED,
        ),
        (
            {
                "Action": "plan",
                "ProjectS3Uri": "file:///gone/x.tar.gz",
                "PlanOutputS3Prefix": "file:///x",
                "Config": {},
            },
            errors.OBJECT_NOT_FOUND,
        ),
    ],
)
def test_a_bad_event_is_refused(event: object, error: type[Exception], fresh_settings: Settings) -> None:
    """Unknown actions, wrong types and URIs that cannot be used are refused before any work."""
    fresh_settings.scratch_dir.mkdir()
    with pytest.raises(error):
        handler(event, LocalContext(fresh_settings, Deadline(30), NoObserver()))
    assert_nothing_left(fresh_settings)


def test_a_bad_config_is_refused_before_the_archive_is_fetched(fresh_settings: Settings) -> None:
    """Config is checked first: the archive in this event does not even exist."""
    event = {
        "Action": "plan",
        "ProjectS3Uri": "file:///gone/x.tar.gz",
        "PlanOutputS3Prefix": "file:///gone",
        "Config": {"fps": 29},
    }
    with pytest.raises(errors.INVALID_CONFIG, match=r"Config\.fps"):
        handler(event, LocalContext(fresh_settings, Deadline(30), NoObserver()))
    assert_nothing_left(fresh_settings)


def _archive_with(tmp_path: Path, member: tarfile.TarInfo, contents: bytes = b"") -> Path:
    archive = tmp_path / "project.tar.gz"
    with tarfile.open(archive, "w:gz") as tar:
        member.size = len(contents)
        tar.addfile(member, io.BytesIO(contents))
    return archive


def _link(name: str, target: str, kind: bytes = tarfile.SYMTYPE) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.type, member.linkname = kind, target
    return member


@pytest.mark.parametrize(
    "member",
    [
        tarfile.TarInfo("../outside.html"),
        tarfile.TarInfo("a/../../outside.html"),
        tarfile.TarInfo("/etc/outside.html"),
        _link("index.html", "/etc/passwd"),
        _link("index.html", "../../../etc/passwd"),
        _link("index.html", "/etc/passwd", tarfile.LNKTYPE),
    ],
    ids=lambda member: f"{member.name} -> {member.linkname}",
)
def test_a_hostile_archive_is_refused(member: tarfile.TarInfo, fresh_settings: Settings, tmp_path: Path) -> None:
    """Members and links that reach outside are refused, and nothing is written there."""
    archive = _archive_with(tmp_path, member)
    event = {
        "Action": "plan",
        "ProjectS3Uri": folder_uri(archive),
        "PlanOutputS3Prefix": folder_uri(tmp_path / "plan"),
        "Config": {},
    }
    with pytest.raises(errors.PROJECT_ARCHIVE_REJECTED):
        handler(event, LocalContext(fresh_settings, Deadline(30), NoObserver()))
    assert list(tmp_path.rglob("outside.html")) == []
    assert not (tmp_path / "plan").exists()
    assert_nothing_left(fresh_settings)


class LambdaContext:
    """What Lambda's own runtime hands to the handler."""

    aws_request_id = "8b7a3f0e-3c8e-4d41-9d0b-3f1d2c6b7a55"

    def get_remaining_time_in_millis(self) -> int:
        """As at the beginning of an invocation."""
        return 900_000


def test_errors_of_all_chunks_fit_into_one_state(monkeypatch: pytest.MonkeyPatch, fresh_settings: Settings) -> None:
    """A Distributed Map gives the errors of all chunks together, and a state may give no more than 256 KiB."""
    monkeypatch.setattr("hf_lambda.handler._settings", lambda: fresh_settings)
    event = {
        "Action": "render-chunk",
        "PlanS3Uri": f"file:///gone{'/déjà vu' * 200}/plan.tar.gz",
        "PlanHash": "0" * 64,
        "ChunkIndex": 0,
        "ChunkOutputS3Prefix": "file:///x",
        "Format": "mp4",
    }
    with pytest.raises(errors.MISSING_PLAN_ARTIFACT) as caught:
        handler(event, LambdaContext())
    reported = {
        "errorMessage": str(caught.value),
        "errorType": type(caught.value).__name__,
        "requestId": LambdaContext.aws_request_id,
        "stackTrace": traceback.format_tb(caught.tb.tb_next),  # Lambda leaves its own frames out
    }
    child = {"Error": reported["errorType"], "Cause": json.dumps(reported, ensure_ascii=False)}
    assert len(json.dumps([child] * RenderConfig().max_parallel_chunks, ensure_ascii=False).encode()) < 256 << 10
    with pytest.raises(errors.MISSING_PLAN_ARTIFACT, match=r"(/déjà vu){200}"):
        handler(event, LocalContext(fresh_settings, Deadline(30), NoObserver()))
