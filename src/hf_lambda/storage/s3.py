"""Storage in S3, by s3:// URI, through boto3."""

import functools
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3
from boto3.exceptions import Boto3Error
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from hf_lambda.errors import OBJECT_NOT_FOUND, STORAGE_UNAVAILABLE, HfLambdaError
from hf_lambda.hashing import file_sha256
from hf_lambda.storage.base import StoredObject

_ABSENT = {"404", "NoSuchKey", "NoSuchBucket"}
_ALREADY_THERE = {"412", "PreconditionFailed"}
_CONTENT_TYPES = {
    ".mp4": "video/mp4",
    ".mov": "video/quicktime",
    ".webm": "video/webm",
    ".m4a": "audio/mp4",
    ".gz": "application/gzip",
    ".tar": "application/x-tar",
}


class S3Storage:
    """Objects in buckets; large files go in parts, each with its checksum, retried with jitter by botocore.

    `config` replaces how often and how long botocore tries.
    """

    def __init__(self, config: Config | None = None) -> None:
        self._config = config or Config(retries={"mode": "adaptive", "max_attempts": 6})

    @functools.cached_property
    def _client(self) -> Any:
        return boto3.client("s3", config=self._config)

    def download(self, uri: str, path: Path) -> None:
        """See `Storage.download`."""
        bucket, key = _split(uri)
        path.parent.mkdir(parents=True, exist_ok=True)
        with _translated(uri):
            self._client.download_file(bucket, key, str(path))

    def upload(self, path: Path, uri: str, *, metadata: Mapping[str, str] | None = None) -> None:
        """See `Storage.upload`."""
        bucket, key = _split(uri)
        extra: dict[str, Any] = {"ContentType": _CONTENT_TYPES.get(path.suffix, "application/octet-stream")}
        if metadata is not None:
            extra["Metadata"] = {**metadata, "sha256": file_sha256(path), "size": str(path.stat().st_size)}
        with _translated(uri):
            self._client.upload_file(str(path), bucket, key, ExtraArgs=extra)

    def upload_blob(self, path: Path, uri: str) -> None:
        """See `Storage.upload_blob`: a conditional write, so that racing planners store it once."""
        bucket, key = _split(uri)
        with _translated(uri), path.open("rb") as body:
            try:
                self._client.put_object(Bucket=bucket, Key=key, Body=body, IfNoneMatch="*", ChecksumAlgorithm="SHA256")
            except ClientError as error:
                if error.response["Error"]["Code"] not in _ALREADY_THERE:
                    raise

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
    except (BotoCoreError, Boto3Error, OSError) as error:
        if isinstance(error.__context__, ClientError):  # upload_file wraps S3's answer
            raise _typed(uri, error.__context__) from error
        raise STORAGE_UNAVAILABLE(f"{uri}: {error}") from error


def _typed(uri: str, error: ClientError) -> HfLambdaError:
    code = error.response["Error"]["Code"]
    if code in _ABSENT:
        return OBJECT_NOT_FOUND(f"{uri} does not exist")
    return STORAGE_UNAVAILABLE(f"{uri}: S3 answered {code}")
