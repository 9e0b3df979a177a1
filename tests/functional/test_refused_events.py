"""What cannot be taken is refused by name before any work, and leaves nothing behind."""

import io
import tarfile
from pathlib import Path

import pytest

from hf_lambda import errors
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
