"""template.yaml against the code that it deploys, and against what a deployment must have."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from hf_lambda.cli.build import RUNTIME_PYTHON
from hf_lambda.deploy.state_machine import TASK_SECONDS
from hf_lambda.deploy.toolchain_build import HEADLESS_SHELL, SPARTICUZ
from hf_lambda.settings import Settings
from tests.contract.templates import FILE, STACK_SETTINGS, load_template

TEMPLATE = load_template()
RESOURCES: dict[str, Any] = TEMPLATE["Resources"]
FUNCTION: dict[str, Any] = RESOURCES["RenderFunction"]["Properties"]
MACHINE: dict[str, Any] = RESOURCES["RenderStateMachine"]["Properties"]
ENVIRONMENT: dict[str, Any] = FUNCTION["Environment"]["Variables"]


def values(node: Any) -> Iterator[Any]:
    """Every value in a tree, the branches too."""
    yield node
    children = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    for child in children:
        yield from values(child)


def references() -> set[str]:
    """The logical ids and parameters that the template refers to."""
    found: set[str] = set()
    for node in values(TEMPLATE):
        if isinstance(node, dict):
            if isinstance(node.get("Ref"), str):
                found.add(node["Ref"])
            if isinstance(node.get("Fn::GetAtt"), str):
                found.add(node["Fn::GetAtt"].split(".")[0])
            if isinstance(node.get("Fn::Sub"), str):
                found.update(name.split(".")[0] for name in re.findall(r"\$\{([^}]+)\}", node["Fn::Sub"]))
    return {name for name in found if not name.startswith("AWS::")}


def test_function_is_the_handler_of_the_zip() -> None:
    """The zip, its entry point, its Python and its processor are those that the build makes."""
    assert FUNCTION["CodeUri"] == "dist/handler.zip"
    assert FUNCTION["Handler"] == "handler.handler"
    assert FUNCTION["Runtime"] == f"python{RUNTIME_PYTHON}"
    assert FUNCTION["Architectures"] == ["x86_64"]


def test_layers_are_a_list_with_and_without_chromium() -> None:
    """SAM CLI, which cannot resolve AWS::NoValue, takes what is left of the condition for the names of layers."""
    assert FUNCTION["Layers"] == {"Fn::If": ["HasChromiumLayer", [{"Ref": "ChromiumLayerArn"}], []]}


@pytest.mark.parametrize("name", STACK_SETTINGS)
def test_variable_of_the_function_is_read(name: str) -> None:
    """Each variable that the template sets changes the setting that it is meant for."""
    text, field = STACK_SETTINGS[name]
    lambda_itself = {"AWS_LAMBDA_FUNCTION_NAME": "f", "LAMBDA_TASK_ROOT": "/var/task"}
    before = Settings.from_environment(lambda_itself)
    after = Settings.from_environment({**lambda_itself, name: text})
    assert str(getattr(after, field)) == text
    assert getattr(before, field) != getattr(after, field)


def test_function_has_the_variables_that_the_stack_must_give() -> None:
    """What only the stack knows is passed, and nothing that nobody reads."""
    assert set(ENVIRONMENT) == set(STACK_SETTINGS)


@pytest.mark.parametrize(
    ("name", "default", "bounds"),
    [
        ("ProjectName", "hyperframes", {}),
        ("LambdaMemoryMb", 4096, {"AllowedValues": [2048, 3008, 3072, 4096, 5120, 6144, 7168, 8192, 9216, 10240]}),
        ("LambdaTimeoutSec", 900, {"MinValue": 60, "MaxValue": 900}),
        ("ReservedConcurrency", -1, {"MinValue": -1}),
        ("ChromeSource", SPARTICUZ, {"AllowedValues": [SPARTICUZ, HEADLESS_SHELL]}),
        ("ChunkInvocationAlarmThreshold", 1000, {"MinValue": 1}),
    ],
)
def test_parameter_is_the_originals(name: str, default: object, bounds: dict[str, object]) -> None:
    """Whoever deployed the original's stack finds its parameters, defaults and bounds; new accounts, theirs."""
    parameter = TEMPLATE["Parameters"][name]
    assert parameter["Default"] == default
    assert {key: parameter.get(key) for key in bounds} == bounds


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("RenderBucket", "AWS::S3::Bucket"),
        ("RenderFunction", "AWS::Serverless::Function"),
        ("RenderStateMachineLogGroup", "AWS::Logs::LogGroup"),
        ("RenderStateMachine", "AWS::Serverless::StateMachine"),
        ("RenderStateMachineRole", "AWS::IAM::Role"),
        ("RenderChunkInvocationAlarm", "AWS::CloudWatch::Alarm"),
        ("RenderFunctionErrorsAlarm", "AWS::CloudWatch::Alarm"),
        ("RenderStateMachineFailedAlarm", "AWS::CloudWatch::Alarm"),
    ],
)
def test_resource_is_the_originals(name: str, kind: str) -> None:
    """The resources of the original's stack are there by their names."""
    assert RESOURCES[name]["Type"] == kind


@pytest.mark.parametrize("name", ["RenderBucketName", "RenderFunctionArn", "RenderStateMachineArn"])
def test_output_is_the_originals(name: str) -> None:
    """Scripts that read the original's outputs or imports find them."""
    assert TEMPLATE["Outputs"][name]["Export"]["Name"] == {"Fn::Sub": f"${{AWS::StackName}}-{name}"}


def test_everything_that_is_referred_to_is_there() -> None:
    """No reference leads nowhere, and no parameter is left without use."""
    assert references() <= set(RESOURCES) | set(TEMPLATE["Parameters"])
    in_conditions = {node["Ref"] for node in values(TEMPLATE["Conditions"]) if isinstance(node, dict) and "Ref" in node}
    assert set(TEMPLATE["Parameters"]) <= references() | in_conditions


def test_every_parameter_and_output_is_explained() -> None:
    """Who deploys by hand is told what each parameter and output is, and finds each parameter in a group."""
    described = [*TEMPLATE["Parameters"].values(), *TEMPLATE["Outputs"].values()]
    assert [item for item in described if not item["Description"].endswith(".")] == []
    groups = TEMPLATE["Metadata"]["AWS::CloudFormation::Interface"]["ParameterGroups"]
    assert sorted(name for group in groups for name in group["Parameters"]) == sorted(TEMPLATE["Parameters"])


def test_function_may_use_no_more_time_than_its_task() -> None:
    """A task that waits for a function outlives the longest that the function may run."""
    assert FUNCTION["Timeout"] == {"Ref": "LambdaTimeoutSec"}
    assert FUNCTION["MemorySize"] == {"Ref": "LambdaMemoryMb"}
    assert TEMPLATE["Parameters"]["LambdaTimeoutSec"]["MaxValue"] < TASK_SECONDS


def test_state_machine_is_the_generated_file_with_the_function_filled_in() -> None:
    """Every `${…}` of the definition has a substitution, and no substitution is without use."""
    definition = (FILE.parent / MACHINE["DefinitionUri"]).read_text("utf-8")
    assert set(re.findall(r"\$\{(\w+)\}", definition)) == set(MACHINE["DefinitionSubstitutions"])
    assert MACHINE["DefinitionSubstitutions"]["RenderFunctionArn"] == {"Fn::GetAtt": "RenderFunction.Arn"}
    assert MACHINE["Type"] == "STANDARD"


def test_finals_and_projects_never_expire() -> None:
    """Only intermediates and blobs are deleted by rules, and the bucket itself outlives its stack."""
    bucket = RESOURCES["RenderBucket"]
    rules = bucket["Properties"]["LifecycleConfiguration"]["Rules"]
    assert {rule["Prefix"] for rule in rules if "ExpirationInDays" in rule} == {"renders/", "blobs/"}
    assert bucket["DeletionPolicy"] == "RetainExceptOnCreate"
    assert bucket["UpdateReplacePolicy"] == "Retain"
    assert all(bucket["Properties"]["PublicAccessBlockConfiguration"].values())


def test_function_may_write_only_below_its_prefixes() -> None:
    """The function deletes nothing, and cannot overwrite a project."""
    statements = [item for policy in FUNCTION["Policies"] for item in policy["Statement"]]
    actions = {
        action
        for item in statements
        for action in ([item["Action"]] if isinstance(item["Action"], str) else item["Action"])
    }
    assert not any("Delete" in action or "*" in action for action in actions)
    writable = str([item["Resource"] for item in statements if "s3:PutObject" in item["Action"]])
    assert re.findall(r"Arn\}/(\w+)/\*", writable) == ["renders", "blobs", "outputs"]


def test_nothing_but_a_log_group_has_a_name_of_its_own() -> None:
    """Any number of stacks fit into an account: names come from CloudFormation, or carry the stack's."""
    named = [node for node in values(RESOURCES) if isinstance(node, dict)]
    for key in ("FunctionName", "BucketName", "Name", "RoleName", "AlarmName", "TopicName", "LogGroupName"):
        fixed = [node[key] for node in named if isinstance(node.get(key), str)]
        assert [name for name in fixed if name not in ("FunctionName", "StateMachineArn")] == [], key


def test_every_alarm_reaches_somebody() -> None:
    """An alarm without an action would be seen by nobody."""
    alarms = {name: item for name, item in RESOURCES.items() if item["Type"] == "AWS::CloudWatch::Alarm"}
    assert len(alarms) >= 4
    assert all(item["Properties"]["AlarmActions"] == [{"Ref": "NotificationTopic"}] for item in alarms.values())


def test_one_failed_render_is_enough_for_its_alarm() -> None:
    """A sum has no point where one of its series has none, and each kind of end is rare: all are filled with zeros."""
    metrics = RESOURCES["RenderStateMachineFailedAlarm"]["Properties"]["Metrics"]
    (expression,) = (metric["Expression"] for metric in metrics if "Expression" in metric)
    terms = [f"FILL({metric['Id']}, 0)" for metric in metrics if "MetricStat" in metric]
    assert expression == " + ".join(terms)
    assert len(terms) == 3


def test_ended_renders_reach_the_topic() -> None:
    """Conditions are never true for EventBridge in the policy of a topic; CloudWatch's statement keeps its own."""
    statements = RESOURCES["NotificationTopicPolicy"]["Properties"]["PolicyDocument"]["Statement"]
    conditions = {item["Principal"]["Service"]: item.get("Condition") for item in statements}
    assert set(conditions) == {"events.amazonaws.com", "cloudwatch.amazonaws.com"}
    assert conditions["events.amazonaws.com"] is None
    assert conditions["cloudwatch.amazonaws.com"] == {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}


def test_map_concurrency_fits_the_account() -> None:
    """The default Map does not start more chunks than an inline Map runs."""
    assert TEMPLATE["Parameters"]["MapConcurrency"]["Default"] <= 40
