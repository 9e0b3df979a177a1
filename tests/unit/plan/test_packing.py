import dataclasses
import gzip
import io
import json
import os
import random
import tarfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from hf_lambda.deadline import Deadline
from hf_lambda.errors import (
    MISSING_PLAN_ARTIFACT,
    PLAN_ARTIFACT_DIGEST_MISMATCH,
    PLAN_HASH_MISMATCH,
    RENDER_CANCELLED,
)
from hf_lambda.hashing import file_sha256
from hf_lambda.plan.document import Plan, PlanFile
from hf_lambda.plan.packing import StoredPlan, blob_uri, describe_files, read_plan, upload_blobs, write_plan
from hf_lambda.storage.folder import FolderStorage, folder_uri


class CountingStorage(FolderStorage):
    """Remembers what was downloaded."""

    def __init__(self) -> None:
        self.downloads: list[str] = []

    def download(self, uri: str, path: Path, *, deadline: Deadline | None = None) -> None:
        """See `Storage.download`."""
        self.downloads.append(uri)
        super().download(uri, path, deadline=deadline)


class MeetingStorage(FolderStorage):
    """Goes on with a download when another has begun."""

    def __init__(self) -> None:
        self._barrier = threading.Barrier(2)

    def download(self, uri: str, path: Path, *, deadline: Deadline | None = None) -> None:
        """See `Storage.download`."""
        self._barrier.wait(10)
        super().download(uri, path, deadline=deadline)


class EndlessStorage(FolderStorage):
    """Downloads until it is told to give up."""

    def __init__(self) -> None:
        self.has_begun = threading.Event()

    def download(self, uri: str, path: Path, *, deadline: Deadline | None = None) -> None:
        """See `Storage.download`."""
        assert deadline is not None
        self.has_begun.set()
        while True:
            deadline.check("fetching")
            time.sleep(0.002)


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A compiled site with text, large text and media."""
    site = tmp_path / "site"
    (site / "media").mkdir(parents=True)
    (site / "index.html").write_text("<p>page</p>")
    (site / "media" / "a.png").write_bytes(b"\x89PNG picture")
    (site / "media" / "copy.png").write_bytes(b"\x89PNG picture")
    (site / "large.json").write_text("x" * 300_000)
    (site / "noise.txt").write_text(random.Random(1).randbytes(10_000).hex())
    return site


@pytest.fixture
def planned(plan: Plan, site: Path) -> Plan:
    """The plan of this site."""
    return dataclasses.replace(plan, files=describe_files(site))


@pytest.fixture
def bucket(tmp_path: Path) -> Path:
    """Where the plan is stored."""
    return tmp_path / "bucket"


@pytest.fixture
def storage() -> CountingStorage:
    """The storage that the plan is read from."""
    return CountingStorage()


@pytest.fixture
def plan_uri(planned: Plan, site: Path, bucket: Path, storage: CountingStorage, tmp_path: Path) -> str:
    """The plan, stored with its blobs."""
    uri = f"{folder_uri(bucket)}/plan.tar.gz"
    upload_blobs(storage, planned, site, folder_uri(bucket), deadline=Deadline(10))
    write_plan(planned, site, tmp_path / "plan.tar.gz")
    storage.upload(tmp_path / "plan.tar.gz", uri)
    return uri


def store_archive(bucket: Path, members: dict[str, bytes]) -> str:
    """A plan archive with these very members."""
    bucket.mkdir(exist_ok=True)
    with tarfile.open(bucket / "plan.tar.gz", "w:gz") as tar:
        for name, contents in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(contents)
            tar.addfile(member, io.BytesIO(contents))
    return f"{folder_uri(bucket)}/plan.tar.gz"


def document(plan: Plan, **changes: Any) -> bytes:
    """The plan's document, changed."""
    return json.dumps({**plan.to_json(), **changes}).encode()


def read(storage: CountingStorage, uri: str, tmp_path: Path, expected_hash: str | None = None) -> StoredPlan:
    """Read a plan into a folder of its own."""
    return read_plan(storage, uri, tmp_path / "work", expected_hash=expected_hash)


def test_files_are_described_by_path_digest_and_size(site: Path) -> None:
    """Text is small and travels with the plan; media and large files are blobs."""
    files = describe_files(site)
    assert list(files) == ["index.html", "large.json", "media/a.png", "media/copy.png", "noise.txt"]
    assert files["index.html"] == PlanFile(file_sha256(site / "index.html"), 11, is_blob=False)
    assert {path for path, file in files.items() if file.is_blob} == {"large.json", "media/a.png", "media/copy.png"}


def test_equal_plans_give_equal_bytes(planned: Plan, site: Path, tmp_path: Path) -> None:
    """An archive depends on nothing but the plan and its files."""
    write_plan(planned, site, tmp_path / "one.tar.gz")
    os.utime(site / "index.html", (1, 1))
    write_plan(planned, site, tmp_path / "other.tar.gz")
    assert (tmp_path / "one.tar.gz").read_bytes() == (tmp_path / "other.tar.gz").read_bytes()


def test_archive_holds_document_and_small_files_only(planned: Plan, site: Path, tmp_path: Path) -> None:
    """Blobs are not in the archive, which every worker fetches."""
    write_plan(planned, site, tmp_path / "plan.tar.gz")
    with tarfile.open(tmp_path / "plan.tar.gz") as tar:
        assert tar.getnames() == ["plan.json", "site/index.html", "site/noise.txt"]


def test_blob_lies_by_its_digest() -> None:
    """A blob's place follows from its digest, whether the prefix ends with a slash or not."""
    assert blob_uri("s3://b/p/", "abcd") == blob_uri("s3://b/p", "abcd") == "s3://b/p/blobs/sha256/ab/abcd"


def test_equal_files_are_one_blob(plan_uri: str, bucket: Path) -> None:
    """Two files with the same contents are stored once."""
    assert len([path for path in (bucket / "blobs").rglob("*") if path.is_file()]) == 2


def test_stored_plan_is_read_whole(plan_uri: str, planned: Plan, storage: CountingStorage, tmp_path: Path) -> None:
    """Plan, hash and small files come from the archive, and nothing else is fetched."""
    stored = read(storage, plan_uri, tmp_path, planned.hash())
    assert (stored.plan, stored.hash) == (planned, planned.hash())
    page = stored.file("index.html")
    assert page is not None
    assert page.read_text() == "<p>page</p>"
    assert storage.downloads == [plan_uri]


def test_blob_is_fetched_when_first_asked_for(plan_uri: str, storage: CountingStorage, tmp_path: Path) -> None:
    """Only blobs that a page needs are fetched, each once, also by several threads."""
    stored = read(storage, plan_uri, tmp_path)
    with ThreadPoolExecutor(4) as executor:
        paths = list(executor.map(stored.file, ["media/a.png"] * 8))
    assert {path.read_bytes() for path in paths if path is not None} == {b"\x89PNG picture"}
    assert len(storage.downloads) == 2


def test_blob_may_have_the_longest_name(plan: Plan, site: Path, bucket: Path, tmp_path: Path) -> None:
    """What a disk can hold can be fetched."""
    name = "x" * 251 + ".mp4"
    (site / name).write_bytes(b"film")
    planned = dataclasses.replace(plan, files=describe_files(site))
    upload_blobs(FolderStorage(), planned, site, folder_uri(bucket), deadline=Deadline(10))
    uri = f"{folder_uri(bucket)}/plan.tar.gz"
    stored = StoredPlan(planned, planned.hash(), tmp_path / "work", FolderStorage(), uri)
    file = stored.file(name)
    assert file is not None
    assert file.read_bytes() == b"film"


def test_different_blobs_are_fetched_side_by_side(planned: Plan, plan_uri: str, tmp_path: Path) -> None:
    """A large file holds up none of the others."""
    stored = StoredPlan(planned, planned.hash(), tmp_path / "work", MeetingStorage(), plan_uri)
    with ThreadPoolExecutor(2) as executor:
        assert None not in executor.map(stored.file, ["media/a.png", "large.json"])


def test_closing_gives_up_what_is_being_fetched(planned: Plan, plan_uri: str, tmp_path: Path) -> None:
    """A plan that is closed waits for no download, and begins none."""
    storage = EndlessStorage()
    stored = StoredPlan(planned, planned.hash(), tmp_path / "work", storage, plan_uri)
    with ThreadPoolExecutor(2) as executor:
        first = executor.submit(stored.file, "media/a.png")
        assert storage.has_begun.wait(10)
        second = executor.submit(stored.file, "media/a.png")
        stored.close()
        with pytest.raises(RENDER_CANCELLED):
            first.result(10)
        assert second.result(10) is None
    assert stored.file("large.json") is None


@pytest.mark.parametrize("path", ["none.html", "", "plan.json", "../plan.json", "media", "/index.html", "index.html/"])
def test_path_that_the_plan_lacks_is_no_file(
    plan_uri: str, storage: CountingStorage, tmp_path: Path, path: str
) -> None:
    """Only the plan's own files can be had."""
    assert read(storage, plan_uri, tmp_path).file(path) is None


def test_blobs_may_lie_under_a_shared_prefix(
    planned: Plan, plan_uri: str, bucket: Path, site: Path, storage: CountingStorage, tmp_path: Path
) -> None:
    """With a shared prefix blobs are looked for there; without one, beside the plan."""
    (bucket / "blobs").rename(tmp_path / "blobs")
    stored = read(storage, plan_uri, tmp_path)
    stored.use_blobs_of(None)
    with pytest.raises(MISSING_PLAN_ARTIFACT):
        stored.file("media/a.png")
    stored.use_blobs_of(folder_uri(tmp_path))
    assert stored.file("media/a.png") is not None


def test_missing_plan_is_named(storage: CountingStorage, bucket: Path, tmp_path: Path) -> None:
    """Where there is no plan the message says where it was looked for."""
    uri = f"{folder_uri(bucket)}/plan.tar.gz"
    with pytest.raises(MISSING_PLAN_ARTIFACT, match="there is no plan at") as caught:
        read(storage, uri, tmp_path)
    assert uri in caught.value.cause


def test_another_plan_is_refused(plan_uri: str, storage: CountingStorage, tmp_path: Path) -> None:
    """A plan that was overwritten is not rendered from."""
    with pytest.raises(PLAN_HASH_MISMATCH, match="the request is for plan 000000000000"):
        read(storage, plan_uri, tmp_path, "0" * 64)


@pytest.mark.parametrize("cut", [300, 8000])
def test_truncated_plan_is_damaged(
    plan_uri: str, bucket: Path, storage: CountingStorage, tmp_path: Path, cut: int
) -> None:
    """A plan that lacks its end is named as damaged."""
    archive = bucket / "plan.tar.gz"
    archive.write_bytes(archive.read_bytes()[:-cut])
    with pytest.raises(MISSING_PLAN_ARTIFACT, match="is damaged"):
        read(storage, plan_uri, tmp_path)


def test_changed_byte_is_an_error_of_the_table(
    plan_uri: str, planned: Plan, bucket: Path, storage: CountingStorage, tmp_path: Path
) -> None:
    """A byte that changed anywhere is found, or was of no consequence."""
    archive = bucket / "plan.tar.gz"
    whole = archive.read_bytes()
    for place in range(0, len(whole), 67):
        damaged = bytearray(whole)
        damaged[place] ^= 0x55
        archive.write_bytes(damaged)
        try:
            stored = read(storage, plan_uri, tmp_path, planned.hash())
        except (MISSING_PLAN_ARTIFACT, PLAN_HASH_MISMATCH, PLAN_ARTIFACT_DIGEST_MISMATCH):
            continue
        assert stored.plan == planned


@pytest.mark.parametrize("contents", [b"", b"not an archive", gzip.compress(b""), gzip.compress(b"not a tar")])
def test_file_that_is_no_plan_is_damaged(
    storage: CountingStorage, bucket: Path, tmp_path: Path, contents: bytes
) -> None:
    """Anything but a plan archive is named as damaged."""
    bucket.mkdir()
    (bucket / "plan.tar.gz").write_bytes(contents)
    with pytest.raises(MISSING_PLAN_ARTIFACT, match="is damaged"):
        read(storage, f"{folder_uri(bucket)}/plan.tar.gz", tmp_path)


@pytest.mark.parametrize("text", [b"", b"{", b"\xff", b"[]", b"null", b"3", b'"plan"', b'{"schema": 1}'])
def test_document_that_is_no_plan_is_damaged(
    storage: CountingStorage, bucket: Path, tmp_path: Path, text: bytes
) -> None:
    """A document that says something else is an error of the table."""
    uri = store_archive(bucket, {"plan.json": text})
    with pytest.raises((MISSING_PLAN_ARTIFACT, PLAN_HASH_MISMATCH)):
        read(storage, uri, tmp_path)


@pytest.mark.parametrize(
    "changes",
    [
        {"files": []},
        {"files": {"a": None}},
        {"chunks": [[[0]]]},
        {"chunks": 3},
        {"recipe": []},
        {"recipe": {}},
        {"picture": []},
        {"fps": 29.97},
        {"tools": None},
    ],
    ids=str,
)
def test_document_with_a_wrong_part_is_damaged(
    planned: Plan, storage: CountingStorage, bucket: Path, tmp_path: Path, changes: dict[str, Any]
) -> None:
    """A document whose parts have other types is an error of the table, not of Python."""
    uri = store_archive(bucket, {"plan.json": document(planned, **changes)})
    with pytest.raises((MISSING_PLAN_ARTIFACT, PLAN_HASH_MISMATCH)):
        read(storage, uri, tmp_path)


def test_archive_without_a_file_is_refused(
    planned: Plan, storage: CountingStorage, bucket: Path, tmp_path: Path
) -> None:
    """A file that the document lists must be there."""
    uri = store_archive(bucket, {"plan.json": document(planned)})
    with pytest.raises(MISSING_PLAN_ARTIFACT, match=r"lacks index\.html"):
        read(storage, uri, tmp_path)


def test_changed_file_is_refused(planned: Plan, storage: CountingStorage, bucket: Path, tmp_path: Path) -> None:
    """A small file is checked against the digest in the document."""
    uri = store_archive(bucket, {"plan.json": document(planned), "site/index.html": b"<p>evil</p>"})
    with pytest.raises(PLAN_ARTIFACT_DIGEST_MISMATCH, match=r"index\.html"):
        read(storage, uri, tmp_path)


@pytest.mark.parametrize("path", ["../evil", "a/../../evil", "/tmp/evil"])
@pytest.mark.parametrize("is_blob", [False, True])
def test_file_that_leaves_the_plan_is_refused(
    plan: Plan, storage: CountingStorage, bucket: Path, tmp_path: Path, path: str, is_blob: bool
) -> None:
    """A document cannot place a file outside the plan's folder, be it in the archive or a blob."""
    (tmp_path / "evil").write_bytes(b"evil")
    file = PlanFile(file_sha256(tmp_path / "evil"), 4, is_blob=is_blob)
    uri = store_archive(
        bucket, {"plan.json": document(dataclasses.replace(plan, files={path: file})), f"site/{path}": b"evil"}
    )
    with pytest.raises(PLAN_ARTIFACT_DIGEST_MISMATCH, match="leaves the plan's folder"):
        read(storage, uri, tmp_path)


def test_missing_blob_is_named(plan_uri: str, bucket: Path, storage: CountingStorage, tmp_path: Path) -> None:
    """A blob that expired is named by the file that needs it."""
    stored = read(storage, plan_uri, tmp_path)
    for blob in (bucket / "blobs").rglob("*"):
        if blob.is_file():
            blob.unlink()
    with pytest.raises(MISSING_PLAN_ARTIFACT, match=r"the blob of media/a\.png is not in storage"):
        stored.file("media/a.png")


def test_changed_blob_is_refused(
    planned: Plan, plan_uri: str, bucket: Path, storage: CountingStorage, tmp_path: Path
) -> None:
    """A blob is checked against its digest, and one that failed is not taken for good later."""
    digest = planned.files["media/a.png"].sha256
    (bucket / "blobs" / "sha256" / digest[:2] / digest).write_bytes(b"other")
    stored = read(storage, plan_uri, tmp_path)
    for _ in range(2):
        with pytest.raises(PLAN_ARTIFACT_DIGEST_MISMATCH, match=r"media/a\.png"):
            stored.file("media/a.png")
