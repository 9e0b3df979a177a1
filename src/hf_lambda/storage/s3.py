"""Storage in S3, by s3:// URI, through boto3."""

import functools
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from enum import Enum
from pathlib import Path
from typing import Any

import boto3
from boto3.exceptions import Boto3Error
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from s3transfer.exceptions import S3DownloadFailedError

from hf_lambda.deadline import Deadline
from hf_lambda.errors import OBJECT_NOT_FOUND, STORAGE_UNAVAILABLE, HfLambdaError
from hf_lambda.hashing import file_sha256
from hf_lambda.storage.base import StoredObject

_ABSENT = {"404", "NoSuchKey", "NoSuchBucket"}
_ALREADY_THERE = {"412", "PreconditionFailed"}
_CONFLICT = {"409", "ConditionalRequestConflict"}
_CONFLICT_PAUSES_SECONDS = (0.1, 0.5, 1.0)
"""Before S3 is asked again for what another write made it refuse, which botocore does not do by itself."""
_LARGEST_SINGLE_WRITE = 1 << 30
"""Bytes. S3 takes up to 5 GiB at once, but what fails is sent again from the start."""
_CONTENT_TYPES = {
    ".mp4": "video/mp4",
    ".mov": "video/quicktime",
    ".webm": "video/webm",
    ".m4a": "audio/mp4",
    ".gz": "application/gzip",
    ".tar": "application/x-tar",
}


class _Blob(Enum):
    ABSENT, STALE, FRESH = range(3)


class S3Storage:
    """Objects in buckets; large files go in parts, each with its checksum, retried with jitter by botocore.

    `config` replaces how often and how long botocore tries.
    """

    def __init__(self, config: Config | None = None, *, blob_expiry_days: int | None = None) -> None:
        self._config = config or Config(retries={"mode": "adaptive", "max_attempts": 6}, max_pool_connections=32)
        self._blob_expiry_days = blob_expiry_days

    @functools.cached_property
    def _client(self) -> Any:
        return boto3.client("s3", config=self._config)

    def download(self, uri: str, path: Path, *, deadline: Deadline | None = None) -> None:
        """See `Storage.download`."""
        bucket, key = _split(uri)
        path.parent.mkdir(parents=True, exist_ok=True)
        check = None if deadline is None else lambda _: deadline.check(f"fetching {uri}")  # what it raises ends it
        with _translated(uri):
            self._client.download_file(bucket, key, str(path), Callback=check)

    def upload(self, path: Path, uri: str, *, metadata: Mapping[str, str] | None = None) -> None:
        """See `Storage.upload`."""
        bucket, key = _split(uri)
        extra: dict[str, Any] = {"ContentType": _CONTENT_TYPES.get(path.suffix, "application/octet-stream")}
        if metadata is not None:
            extra["Metadata"] = {**metadata, "sha256": file_sha256(path), "size": str(path.stat().st_size)}
        with _translated(uri):
            self._client.upload_file(str(path), bucket, key, ExtraArgs=extra)

    def upload_blob(self, path: Path, uri: str) -> None:
        """See `Storage.upload_blob`: a conditional write, so that racing planners store it once.

        A blob past half of its expiry is written again, so that none goes while a render uses it.
        """
        bucket, key = _split(uri)
        with _translated(uri):
            state = self._blob_state(bucket, key, path.stat().st_size)
            if state is _Blob.FRESH:
                return
            if path.stat().st_size > _LARGEST_SINGLE_WRITE:  # in parts, which know no condition
                self._client.upload_file(str(path), bucket, key, ExtraArgs={"ChecksumAlgorithm": "SHA256"})
            else:
                condition = {"IfNoneMatch": "*"} if state is _Blob.ABSENT else {}
                self._put(path, bucket, key, condition)

    def _put(self, path: Path, bucket: str, key: str, condition: dict[str, str]) -> None:
        for pause_seconds in (*_CONFLICT_PAUSES_SECONDS, None):
            try:
                with path.open("rb") as body:
                    self._client.put_object(Bucket=bucket, Key=key, Body=body, ChecksumAlgorithm="SHA256", **condition)
                return
            except ClientError as error:
                code = error.response["Error"]["Code"]
                if code in _ALREADY_THERE:
                    return
                if code not in _CONFLICT or pause_seconds is None:
                    raise
                time.sleep(pause_seconds)

    def _blob_state(self, bucket: str, key: str, size_bytes: int) -> "_Blob":
        try:
            head = self._client.head_object(Bucket=bucket, Key=key)
        except ClientError as error:
            if error.response["Error"]["Code"] in _ABSENT:
                return _Blob.ABSENT
            raise
        if head["ContentLength"] != size_bytes:
            return _Blob.STALE
        age = datetime.now(UTC) - head["LastModified"]
        if self._blob_expiry_days is not None and age > timedelta(days=self._blob_expiry_days / 2):
            return _Blob.STALE
        return _Blob.FRESH

    def find_intact(self, uri: str) -> StoredObject | None:
        """See `Storage.find_intact`: S3 checks an object's bytes itself, its length is compared here."""
        bucket, key = _split(uri)
        try:
            with _translated(uri):
                head = self._client.head_object(Bucket=bucket, Key=key)
        except OBJECT_NOT_FOUND:
            return None
        metadata = head.get("Metadata", {})
        if metadata.get("size") != str(head["ContentLength"]) or "sha256" not in metadata:
            return None
        return StoredObject(head["ContentLength"], metadata["sha256"], metadata)


def _split(uri: str) -> tuple[str, str]:
    bucket, _, key = uri.removeprefix("s3://").partition("/")  # a key may hold ? and #
    return bucket, key


@contextmanager
def _translated(uri: str) -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        raise _typed(uri, error) from error
    except (BotoCoreError, Boto3Error, S3DownloadFailedError, OSError) as error:
        if isinstance(error.__context__, ClientError):  # upload_file and parts of download_file wrap S3's answer
            raise _typed(uri, error.__context__) from error
        raise STORAGE_UNAVAILABLE(f"{uri}: {error}") from error


def _typed(uri: str, error: ClientError) -> HfLambdaError:
    code = error.response["Error"]["Code"]
    if code in _ABSENT:
        return OBJECT_NOT_FOUND(f"{uri} does not exist")
    return STORAGE_UNAVAILABLE(f"{uri}: S3 answered {code}")
