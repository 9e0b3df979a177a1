"""Empties buckets for good, and says what of a deployment is still there."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

Clients = Callable[[str], Any]
"""Gives the boto3 client of a service, by its name."""

_MOST_ROUNDS = 100_000
_ABSENT = {
    *("404", "NoSuchBucket", "NotFound", "ResourceNotFoundException", "NoSuchEntity", "StateMachineDoesNotExist"),
    "ResourceNotFound",
}


@dataclass(frozen=True)
class Resources:
    """What a deployment consists of, by name or ARN."""

    buckets: tuple[str, ...] = ()
    functions: tuple[str, ...] = ()
    state_machines: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    log_groups: tuple[str, ...] = ()


def purge_bucket(s3: Any, bucket: str) -> None:
    """Delete every object, version, delete marker and unfinished upload; a bucket that is not there is empty.

    Raises:
        ClientError: S3 refuses.
    """
    try:
        for upload in s3.list_multipart_uploads(Bucket=bucket).get("Uploads", ()):
            s3.abort_multipart_upload(Bucket=bucket, Key=upload["Key"], UploadId=upload["UploadId"])
        for _ in range(_MOST_ROUNDS):  # always the first page: a cursor into a shrinking list skips
            page = s3.list_object_versions(Bucket=bucket)
            found = [
                {"Key": item["Key"], "VersionId": item["VersionId"]}
                for item in (*page.get("Versions", ()), *page.get("DeleteMarkers", ()))
            ]
            if not found:
                return
            answer = s3.delete_objects(Bucket=bucket, Delete={"Objects": found, "Quiet": True})
            if len(answer.get("Errors", ())) == len(found):
                return  # refused, every one: what is left is found by whoever looks
    except ClientError as error:
        if not is_absence(error):
            raise


def stop_executions(stepfunctions: Any, state_machine_arn: str) -> None:
    """Stop whatever the state machine still runs; one that is not there runs nothing.

    Raises:
        ClientError: Step Functions refuses.
    """
    try:
        pages = stepfunctions.get_paginator("list_executions").paginate(
            stateMachineArn=state_machine_arn, statusFilter="RUNNING"
        )
        for arn in [item["executionArn"] for page in pages for item in page["executions"]]:
            stepfunctions.stop_execution(executionArn=arn, cause="the run that started it is over")
    except ClientError as error:
        if not is_absence(error):
            raise


def is_absence(error: ClientError) -> bool:
    """Whether AWS says that a thing does not exist, rather than that it may not be looked at."""
    return error.response["Error"]["Code"] in _ABSENT


def find_leaks(clients: Clients, resources: Resources) -> list[str]:
    """What is still there, one line each; what could not be looked at counts as there."""
    leaks: list[str] = []
    for what, look in _looks(clients, resources):
        try:
            leaks += [f"{what}{detail}" for detail in look()]
        except ClientError as error:
            if not is_absence(error):
                leaks.append(f"verification-error: {what}: {error}")
        except BotoCoreError as error:
            leaks.append(f"verification-error: {what}: {error}")
    return leaks


def _looks(clients: Clients, resources: Resources) -> Iterator[tuple[str, Callable[[], list[str]]]]:
    """One look for each thing: an empty answer or a "not found" error mean that it is gone."""
    kinds: tuple[tuple[str, tuple[str, ...], Callable[[Clients, str], list[str]]], ...] = (
        ("bucket", resources.buckets, _bucket),
        ("function", resources.functions, _function),
        ("state machine", resources.state_machines, _state_machine),
        ("role", resources.roles, _role),
        ("log group", resources.log_groups, _log_group),
    )
    for kind, names, look in kinds:
        for name in names:
            yield f"{kind} {name}", partial(look, clients, name)


def _bucket(clients: Clients, name: str) -> list[str]:
    page = clients("s3").list_object_versions(Bucket=name)
    found = [*page.get("Versions", ()), *page.get("DeleteMarkers", ())]
    return ["", *(f": object {item['Key']}" for item in found)]


def _function(clients: Clients, name: str) -> list[str]:
    clients("lambda").get_function(FunctionName=name)
    return [""]


def _state_machine(clients: Clients, arn: str) -> list[str]:
    described = clients("stepfunctions").describe_state_machine(stateMachineArn=arn)
    return [] if described["status"] == "DELETING" else [""]


def _role(clients: Clients, name: str) -> list[str]:
    clients("iam").get_role(RoleName=name)
    return [""]


def _log_group(clients: Clients, name: str) -> list[str]:
    groups = clients("logs").describe_log_groups(logGroupNamePrefix=name)["logGroups"]
    return [""] if any(group["logGroupName"] == name for group in groups) else []
