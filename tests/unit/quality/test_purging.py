from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from hf_lambda.quality.purging import Resources, find_leaks, is_absence, purge_bucket, stop_executions

Clients = Callable[[str], Any]
ARN = "arn:aws:states:us-east-1:123456789012:stateMachine:none"


def test_versions_markers_and_uploads_go(clients: Clients) -> None:
    """A bucket with versions, delete markers and an unfinished upload is empty afterwards, and can be deleted."""
    s3 = clients("s3")
    s3.create_bucket(Bucket="purged")
    s3.put_bucket_versioning(Bucket="purged", VersioningConfiguration={"Status": "Enabled"})
    for number in range(3):
        s3.put_object(Bucket="purged", Key="a/b", Body=str(number).encode())
    s3.delete_object(Bucket="purged", Key="a/b")
    s3.put_object(Bucket="purged", Key="c", Body=b"")
    s3.create_multipart_upload(Bucket="purged", Key="never finished")
    assert any(leak.endswith("object a/b") for leak in find_leaks(clients, Resources(buckets=("purged",))))
    purge_bucket(s3, "purged")
    assert find_leaks(clients, Resources(buckets=("purged",))) == ["bucket purged"]
    s3.delete_bucket(Bucket="purged")
    assert find_leaks(clients, Resources(buckets=("purged",))) == []


def test_bucket_that_is_not_there_is_empty(clients: Clients) -> None:
    """Purging what never was made is done at once."""
    purge_bucket(clients("s3"), "never-made")


class Forbidden:
    """A client that may do nothing."""

    def __getattr__(self, operation: str) -> Callable[..., Any]:
        """Any operation; it is refused."""

        def refuse(*_: Any, **__: Any) -> Any:
            raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, operation)

        return refuse


def test_what_cannot_be_looked_at_counts_as_there() -> None:
    """A refusal is no proof of absence, for any kind of thing."""
    made = Resources(("b",), ("f",), (ARN,), ("r",), ("g",))
    leaks = find_leaks(lambda _: Forbidden(), made)
    assert len(leaks) == 5
    assert all(leak.startswith("verification-error: ") and "AccessDenied" in leak for leak in leaks)


def test_refused_purge_is_an_error() -> None:
    """Not being allowed to empty a bucket is not the same as having emptied it."""
    with pytest.raises(ClientError):
        purge_bucket(Forbidden(), "b")
    with pytest.raises(ClientError):
        stop_executions(Forbidden(), ARN)


def test_absent_things_are_no_leaks(clients: Clients) -> None:
    """The answers of AWS to questions for what is not there are understood, for every kind."""
    made = Resources(("never-made",), ("never-made",), (ARN,), ("never-made",), ("never-made",))
    assert find_leaks(clients, made) == []
    stop_executions(clients("stepfunctions"), ARN)


def test_only_not_found_is_absence() -> None:
    """Throttling says nothing."""
    assert is_absence(ClientError({"Error": {"Code": "NoSuchBucket", "Message": ""}}, "x"))
    assert not is_absence(ClientError({"Error": {"Code": "Throttling", "Message": ""}}, "x"))
