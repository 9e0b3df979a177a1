"""`hf-lambda state-machine`: the definition that template.yaml deploys."""

import argparse
import json

from hf_lambda.deploy.state_machine import state_machine_definition


def add_command(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `state-machine` to the command line."""
    parser = commands.add_parser(
        "state-machine",
        help="print the state machine that joins the actions",
        description="Print the Step Functions definition, as statemachine.asl.json has it. ${RenderFunctionArn} is "
        "filled in by SAM or by you.",
    )
    parser.set_defaults(run=run)


def run(_: argparse.Namespace) -> int:
    """Print the definition."""
    print(state_machine_json())
    return 0


def state_machine_json() -> str:
    """statemachine.asl.json."""
    return json.dumps(state_machine_definition(), indent=2)
