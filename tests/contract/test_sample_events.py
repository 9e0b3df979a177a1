"""sample-events/ against the wire contract, as `sam local invoke` would send them."""

import json
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import fields

from hf_lambda.config import parse_config
from hf_lambda.errors import S3_URI_NOT_ALLOWED
from hf_lambda.events import parse_event
from hf_lambda.settings import Settings
from hf_lambda.storage.base import check_uris_allowed
from tests.contract.templates import load_template

FOLDER = Path(__file__).parents[2] / "sample-events"
EVENTS = {"plan": "plan.json", "render-chunk": "render-chunk.json", "assemble": "assemble.json"}
VARIABLES: dict[str, dict[str, str]] = json.loads((FOLDER / "env.json").read_text("utf-8"))
FUNCTION = load_template()["Resources"]["RenderFunction"]["Properties"]


def read(name: str) -> Any:
    """A file of the folder."""
    return json.loads((FOLDER / name).read_text("utf-8"))


def local_settings(overrides: dict[str, str]) -> Settings:
    """What the function reads under `sam local`: a reference to a resource becomes its logical id."""
    variables = {
        name: str(value.get("Ref") or value["Fn::Sub"].replace("${RenderBucket}", "RenderBucket"))
        for name, value in FUNCTION["Environment"]["Variables"].items()
        if "RenderBucket" in str(value)
    }
    return Settings.from_environment({"AWS_LAMBDA_FUNCTION_NAME": "RenderFunction", **variables, **overrides})


def test_there_is_an_event_for_every_action() -> None:
    """Each action has a file, and the folder holds nothing else."""
    assert {path.name for path in FOLDER.iterdir()} == {*EVENTS.values(), "env.json"}
    assert {action: read(name)["Action"] for action, name in EVENTS.items()} == {action: action for action in EVENTS}


@pytest.mark.parametrize("name", EVENTS.values())
def test_event_follows_the_contract(name: str) -> None:
    """The handler understands each event, every key of it."""
    event = read(name)
    assert set(event) <= {field.encode_name for field in fields(parse_event(event))} | {"Action"}


def test_config_of_the_plan_is_valid() -> None:
    """The Config of plan.json passes the rules."""
    parse_config(read("plan.json")["Config"])


@pytest.mark.parametrize("name", EVENTS.values())
def test_event_is_accepted_with_the_variables_file(name: str) -> None:
    """With env.json the function's bucket is the one that the events name."""
    settings = local_settings(VARIABLES["RenderFunction"])
    check_uris_allowed(parse_event(read(name)).uris(), settings)
    assert settings.blob_prefix == f"s3://{settings.render_bucket}/blobs"


@pytest.mark.parametrize("name", EVENTS.values())
def test_event_is_refused_without_the_variables_file(name: str) -> None:
    """Without it SAM leaves the bucket's logical id, and every event is refused before anything is touched."""
    with pytest.raises(S3_URI_NOT_ALLOWED, match="example-bucket"):
        check_uris_allowed(parse_event(read(name)).uris(), local_settings({}))


def test_variables_file_names_the_function_and_its_variables() -> None:
    """SAM takes overrides by logical id, and only of variables that the template has."""
    assert set(VARIABLES) == {"RenderFunction"}
    assert set(VARIABLES["RenderFunction"]) <= set(FUNCTION["Environment"]["Variables"])
