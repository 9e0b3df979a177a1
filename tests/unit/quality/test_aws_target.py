import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hf_lambda.deadline import Deadline
from hf_lambda.errors import DEPLOY_FAILED
from hf_lambda.quality.aws_target import AwsOptions, AwsTarget
from hf_lambda.quality.stacks import RUN_TAG, Stacks

Clients = Callable[[str], Any]

# Does what `sam deploy` does with a template that needs no transform, and remembers how it was called.
_SAM = """#!{python}
import json, pathlib, sys
import boto3

arguments = sys.argv[1:]
pathlib.Path({folder!r}, "called.json").write_text(json.dumps(arguments))
if pathlib.Path({folder!r}, "fail").exists():
    sys.exit("Error: Failed to create changeset")
option = lambda name: arguments[arguments.index(name) + 1]
session = boto3.Session(aws_access_key_id="test", aws_secret_access_key="test", region_name="us-east-1")
client = lambda service: session.client(service, endpoint_url={endpoint!r})
client("s3").put_object(Bucket=option("--s3-bucket"), Key="code.zip", Body=b"zip")
key, _, value = option("--tags").partition("=")
client("cloudformation").update_stack(
    StackName=option("--stack-name"),
    TemplateBody=pathlib.Path(option("--template-file")).read_text(),
    Tags=[{{"Key": key, "Value": value}}],
    Capabilities=["CAPABILITY_IAM"],
)
"""
_POLICY = {"Version": "2012-10-17", "Statement": []}


def template() -> dict[str, Any]:
    """A stack with everything of template.yaml that outlives or hides something, less the transform."""
    return {
        "Resources": {
            "RenderBucket": {
                "Type": "AWS::S3::Bucket",
                "DeletionPolicy": "Retain",
                "Properties": {"VersioningConfiguration": {"Status": "Enabled"}},
            },
            "Role": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": _POLICY}},
            "RenderFunction": {
                "Type": "AWS::Lambda::Function",
                "Properties": {
                    "Code": {"ZipFile": "def handler(event, context): pass"},
                    "Handler": "index.handler",
                    "Runtime": "python3.13",
                    "Role": {"Fn::GetAtt": ["Role", "Arn"]},
                },
            },
            "RenderStateMachine": {
                "Type": "AWS::StepFunctions::StateMachine",
                "Properties": {
                    "DefinitionString": json.dumps({"StartAt": "A", "States": {"A": {"Type": "Wait", "End": True}}}),
                    "RoleArn": {"Fn::GetAtt": ["Role", "Arn"]},
                },
            },
            "LogGroup": {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": "/aws/vendedlogs/smoke"}},
        },
        "Outputs": {
            "RenderBucketName": {"Value": {"Ref": "RenderBucket"}},
            "RenderStateMachineArn": {"Value": {"Ref": "RenderStateMachine"}},
        },
    }


@pytest.fixture
def sam(tmp_path: Path, moto_endpoint: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a `sam` that is first on PATH."""
    folder = tmp_path / "bin"
    folder.mkdir()
    program = folder / "sam"
    program.write_text(_SAM.format(python=sys.executable, folder=str(folder), endpoint=moto_endpoint))
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    return folder


@pytest.fixture
def make_target(tmp_path: Path, clients: Clients) -> Callable[..., AwsTarget]:
    """Makes targets for runs of their own."""
    path = tmp_path / "template.json"
    path.write_text(json.dumps(template()))

    def make(name: str, run_id: str, **options: Any) -> AwsTarget:
        return AwsTarget(AwsOptions(name, path, "us-east-1", run_id=run_id, **options), clients)

    return make


def stack_names(clients: Clients) -> set[str]:
    """The stacks that are there."""
    return {stack["StackName"] for stack in clients("cloudformation").describe_stacks()["Stacks"]}


def test_whole_life_leaves_nothing(clients: Clients, sam: Path, make_target: Callable[..., AwsTarget]) -> None:
    """Deployed, used, taken away: every version of every object, the retained bucket, the zip, a running execution."""
    clients("s3").create_bucket(Bucket="somebody-elses")
    clients("s3").put_object(Bucket="somebody-elses", Key="precious", Body=b"")
    target = make_target("whole-life", "a" * 32, reserved_concurrency=8, memory_mb=3008)
    assert "123456789012" in target.check()[0]
    stack = target.up(Deadline(60))
    called = json.loads((sam / "called.json").read_text())
    assert called[:1] == ["deploy"]
    assert called[called.index("--tags") + 1] == f"{RUN_TAG}={'a' * 32}"
    assert {"ReservedConcurrency=8", "MapConcurrency=8", "LambdaMemoryMb=3008"} <= set(called)
    assert called[called.index("--config-env") + 1] != "default"
    assert {bucket["Name"] for bucket in clients("s3").list_buckets()["Buckets"]} == {"somebody-elses", stack.bucket}
    for _ in range(2):
        stack.s3.put_object(Bucket=stack.bucket, Key="outputs/x.mp4", Body=b"x")
    stack.s3.delete_object(Bucket=stack.bucket, Key="outputs/x.mp4")
    stack.stepfunctions.start_execution(stateMachineArn=stack.state_machine_arn)
    stopped: list[str] = []
    stack.stepfunctions.meta.events.register("before-call.sfn.StopExecution", lambda **_: stopped.append("yes"))
    assert target.down() == []
    assert stopped == ["yes"]
    assert "whole-life" not in stack_names(clients)
    assert [bucket["Name"] for bucket in clients("s3").list_buckets()["Buckets"]] == ["somebody-elses"]
    assert clients("lambda").list_functions()["Functions"] == []
    assert clients("stepfunctions").list_state_machines()["stateMachines"] == []
    assert clients("iam").list_roles()["Roles"] == []
    assert clients("s3").list_objects_v2(Bucket="somebody-elses")["KeyCount"] == 1


def test_foreign_stack_of_the_same_name_survives(
    clients: Clients, sam: Path, make_target: Callable[..., AwsTarget]
) -> None:
    """A stack that another run, or a person, has under this name is neither deployed over nor deleted."""
    other = make_target("contested", "b" * 32)
    stack = other.up(Deadline(60))
    stack.s3.put_object(Bucket=stack.bucket, Key="theirs", Body=b"")
    target = make_target("contested", "c" * 32)
    with pytest.raises(DEPLOY_FAILED, match="not this run's"):
        target.check()
    with pytest.raises(DEPLOY_FAILED, match="not this run's"):
        target.up(Deadline(60))
    assert target.down() == []
    assert "contested" in stack_names(clients)
    assert stack.s3.list_objects_v2(Bucket=stack.bucket)["KeyCount"] == 1
    assert other.down() == []


def test_untagged_stack_survives(clients: Clients, make_target: Callable[..., AwsTarget]) -> None:
    """A name alone gives no right to delete."""
    body = json.dumps({"Resources": {"Handle": {"Type": "AWS::CloudFormation::WaitConditionHandle"}}})
    clients("cloudformation").create_stack(StackName="untagged", TemplateBody=body)
    assert make_target("untagged", "d" * 32).down() == []
    assert "untagged" in stack_names(clients)
    clients("cloudformation").delete_stack(StackName="untagged")


def test_failed_deployment_is_taken_away(clients: Clients, sam: Path, make_target: Callable[..., AwsTarget]) -> None:
    """Where sam fails, its words are the error, and the claimed name and the bucket for the zip go."""
    (sam / "fail").touch()
    target = make_target("failing", "e" * 32)
    with pytest.raises(DEPLOY_FAILED, match="Failed to create changeset"):
        target.up(Deadline(60))
    assert "failing" in stack_names(clients)
    assert target.down() == []
    assert "failing" not in stack_names(clients)
    assert not [name for name in clients("s3").list_buckets()["Buckets"] if "e" * 32 in name["Name"]]


def test_bucket_of_a_deployment_that_was_stopped_goes(
    clients: Clients, sam: Path, make_target: Callable[..., AwsTarget]
) -> None:
    """CloudFormation may make the bucket, which outlives the stack, after the run was stopped: it is waited for."""
    target = make_target("stopped", "9" * 32)
    cloudformation = clients("cloudformation")
    late: list[str] = []

    class Late:
        """CloudFormation with an update under way, which makes a bucket before it comes to rest."""

        def __getattr__(self, name: str) -> Any:
            return getattr(cloudformation, name)

        def describe_stacks(self, **arguments: Any) -> Any:
            """The third time that somebody asks, all is made."""
            late.append("asked")
            if len(late) == 3:
                body, tags = json.dumps(template()), [{"Key": RUN_TAG, "Value": "9" * 32}]
                cloudformation.update_stack(
                    StackName="stopped", TemplateBody=body, Tags=tags, Capabilities=["CAPABILITY_IAM"]
                )
            described = cloudformation.describe_stacks(**arguments)
            if len(late) < 3:
                described["Stacks"][0]["StackStatus"] = "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS"
            return described

    target._stacks = Stacks(Late(), "9" * 32, poll_seconds=0)
    Stacks(cloudformation, "9" * 32).claim("stopped")
    assert target.down() == []
    assert clients("s3").list_buckets()["Buckets"] == []
    assert "stopped" not in stack_names(clients)


def test_sam_is_needed(
    clients: Clients, make_target: Callable[..., AwsTarget], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Without the SAM CLI nothing begins, and the message says what to do."""
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(DEPLOY_FAILED, match="install the AWS SAM CLI, or use --target local"):
        make_target("needs-sam", "f" * 32).check()
