import json
from collections.abc import Callable
from typing import Any

import pytest

from hf_lambda.errors import DEPLOY_FAILED
from hf_lambda.quality.stacks import RUN_TAG, Stacks

Clients = Callable[[str], Any]


def test_name_is_claimed_once(clients: Clients) -> None:
    """Of two runs that want one name, the second is refused."""
    first, second = (Stacks(clients("cloudformation"), run_id) for run_id in ("one", "two"))
    first.claim("claimed")
    with pytest.raises(DEPLOY_FAILED, match="not this run's"):
        second.claim("claimed")
    assert (first.is_owned("claimed"), second.is_owned("claimed")) == (True, False)
    first.delete("claimed")
    assert first.find("claimed") is None


def test_only_the_owner_deletes(clients: Clients) -> None:
    """A stack without this run's tag is refused by name."""
    owner, stranger = (Stacks(clients("cloudformation"), run_id) for run_id in ("owner", "stranger"))
    owner.claim("owned")
    with pytest.raises(DEPLOY_FAILED, match=f"does not carry {RUN_TAG}=stranger"):
        stranger.delete("owned")
    assert owner.find("owned") is not None
    owner.delete("owned")


def test_absent_stack_is_nobodys(clients: Clients) -> None:
    """A stack that is not there is not owned and cannot be deleted."""
    stacks = Stacks(clients("cloudformation"), "run")
    assert stacks.find("absent") is None
    assert not stacks.is_owned("absent")
    assert stacks.outputs("absent") == {}


def test_contents_and_outputs_are_read_from_the_stack(clients: Clients) -> None:
    """Physical names by kind, and outputs by key."""
    body = {
        "Resources": {"Bucket": {"Type": "AWS::S3::Bucket"}},
        "Outputs": {"Name": {"Value": {"Ref": "Bucket"}}},
    }
    client = clients("cloudformation")
    client.create_stack(StackName="read", TemplateBody=json.dumps(body), Tags=[{"Key": RUN_TAG, "Value": "run"}])
    stacks = Stacks(client, "run")
    (bucket,) = stacks.resources("read").buckets
    assert stacks.outputs("read") == {"Name": bucket}
    stacks.delete("read")


class UnderWay:
    """A client of a stack whose deployment was left under way; it comes to rest after some questions."""

    def __init__(self, run_id: str, *, questions: int) -> None:
        self.done: list[str] = []
        self._run_id, self._questions = run_id, questions

    def describe_stacks(self, **_: Any) -> dict[str, Any]:
        """One more question."""
        self._questions -= 1
        status = "UPDATE_IN_PROGRESS" if self._questions > 0 else "UPDATE_ROLLBACK_COMPLETE"
        return {"Stacks": [{"StackStatus": status, "Tags": [{"Key": RUN_TAG, "Value": self._run_id}]}]}

    def cancel_update_stack(self, **_: Any) -> None:
        """Call it off."""
        self.done.append("cancel")

    def delete_stack(self, **_: Any) -> None:
        """Only a stack at rest can be deleted."""
        assert self._questions <= 0
        self.done.append("delete")

    def get_waiter(self, name: str) -> "UnderWay":
        """Itself: it needs no waiting."""
        return self

    def wait(self, **_: Any) -> None:
        """Done at once."""
        self.done.append("wait")


def test_deployment_under_way_is_called_off_and_waited_for() -> None:
    """A stopped run's stack is deleted once CloudFormation has come to rest, not before."""
    client = UnderWay("run", questions=4)
    Stacks(client, "run", poll_seconds=0).delete("busy")
    assert client.done == ["cancel", "delete", "wait"]
