import dataclasses

import pytest

from hf_lambda.errors import S3_URI_NOT_ALLOWED
from hf_lambda.settings import Settings
from hf_lambda.storage.base import check_uris_allowed, join_uri


def refusal(uri: str, settings: Settings) -> str:
    """Why a URI is refused, in a list of good ones too."""
    with pytest.raises(S3_URI_NOT_ALLOWED) as caught:
        check_uris_allowed(["s3://bucket/good", uri], settings)
    return caught.value.cause


@pytest.mark.parametrize(
    ("prefix", "names", "uri"),
    [
        ("s3://b/p", ["a"], "s3://b/p/a"),
        ("s3://b/p/", ["a", "b.mp4"], "s3://b/p/a/b.mp4"),
        ("file:///tmp/x//", ["a"], "file:///tmp/x/a"),
    ],
)
def test_names_are_joined_to_a_prefix(prefix: str, names: list[str], uri: str) -> None:
    """A URI below a prefix has one slash between its parts."""
    assert join_uri(prefix, *names) == uri


@pytest.mark.parametrize("uri", ["s3://bucket/key", "s3://other/deep/key.tar.gz", "file:///tmp/p.tar.gz"])
def test_laptop_may_use_buckets_and_files(settings: Settings, uri: str) -> None:
    """Without a bucket that is named, any bucket and any file is storage."""
    check_uris_allowed([uri], settings)
    assert refusal("ftp://x/y", settings).startswith("'ftp://x/y'")


@pytest.mark.parametrize(
    "uri",
    [
        "",
        "key",
        "/tmp/file",
        "s3://",
        "s3://bucket",
        "s3://bucket/",
        "s3:///key",
        "s3:bucket/key",
        "http://bucket/key",
        "https://bucket.s3.amazonaws.com/key",
        "data:text/plain,x",
        "file://host/tmp/file",
        "file://",
        "file:///",
        "s3://[bucket/key",
        "file:///tmp/a%00b",
    ],
)
def test_what_is_no_storage_is_refused(settings: Settings, uri: str) -> None:
    """Anything that names no object in a bucket or a folder is refused, and shown."""
    assert repr(uri) in refusal(uri, settings)


@pytest.mark.parametrize("uri", ["s3://other/key", "s3://BUCKET/key", "s3://bucket.evil/key", "s3://u@bucket/key"])
def test_only_the_named_bucket_is_allowed(settings: Settings, uri: str) -> None:
    """Where a bucket is named, every other one is refused."""
    locked = dataclasses.replace(settings, render_bucket="bucket")
    check_uris_allowed(["s3://bucket/good"], locked)
    assert repr(uri) in refusal(uri, locked)


def test_files_are_refused_inside_lambda(settings: Settings) -> None:
    """A worker in the cloud does not read its own disk on request."""
    cloud = dataclasses.replace(settings, allow_file_uris=False)
    assert "file:///etc/passwd" in refusal("file:///etc/passwd", cloud)
