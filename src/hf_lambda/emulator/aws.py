"""S3 and Step Functions on this machine, by moto; their Lambda tasks go to our sandboxes."""

import copy
import functools
import json
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import boto3
from botocore.config import Config
from moto.awslambda.exceptions import LambdaClientError
from moto.awslambda_simple.models import LambdaSimpleBackend
from moto.core.config import default_user_config
from moto.moto_api._internal.models import moto_api_backend
from moto.server import ThreadedMotoServer

from hf_lambda.emulator.pool import ThrottledError, WorkerPool

REGION = "us-east-1"
CREDENTIALS = {"aws_access_key_id": "emulated", "aws_secret_access_key": "emulated"}
_PORT_VARIABLE = "MOTO_PORT"
_NOISY_LOGGERS = ("werkzeug", "moto.stepfunctions")
_ROLE_POLICY = {"Version": "2012-10-17", "Statement": []}


class EmulatedAws:
    """The endpoint and its clients, with the function and the state machine deployed."""

    def __init__(self, endpoint: str) -> None:
        self.endpoint = endpoint
        self.state_machine_arn = ""

    @functools.cache  # noqa: B019 # lives as long as the emulator
    def client(self, service: str) -> Any:
        """A boto3 client of the emulated services."""
        return boto3.client(
            service,
            endpoint_url=self.endpoint,
            region_name=REGION,
            config=Config(retries={"mode": "standard", "total_max_attempts": 3}, read_timeout=600),
            **CREDENTIALS,
        )

    def create_bucket(self, name: str) -> None:
        """Make a bucket."""
        self.client("s3").create_bucket(Bucket=name)

    def deploy(self, function_name: str, definition: str) -> None:
        """Make the function, and the state machine of `definition` with the function's ARN filled in."""
        role = self.client("iam").create_role(
            RoleName=function_name, AssumeRolePolicyDocument=json.dumps(_ROLE_POLICY)
        )["Role"]["Arn"]
        function = self.client("lambda").create_function(
            FunctionName=function_name,
            Runtime="python3.13",
            Role=role,
            Handler="handler.handler",
            Code={"ZipFile": b"the code runs in the sandboxes"},
        )
        self.state_machine_arn = self.client("stepfunctions").create_state_machine(
            name=f"{function_name}-machine",
            definition=definition.replace("${RenderFunctionArn}", function["FunctionArn"]),
            roleArn=role,
        )["stateMachineArn"]


@contextmanager
def emulated_aws(pool: WorkerPool) -> Iterator[EmulatedAws]:
    """The services while the block lasts; one emulator at a time in a process."""
    moto_api_backend.reset()  # what an earlier emulator of this process made
    before = copy.deepcopy(default_user_config)
    original = LambdaSimpleBackend.invoke
    default_user_config["lambda"]["use_docker"] = False
    default_user_config["stepfunctions"]["execute_state_machine"] = True
    LambdaSimpleBackend.invoke = _invoker(pool)  # type: ignore[method-assign] # moto offers no other way in
    for name in _NOISY_LOGGERS:
        logging.getLogger(name).setLevel(logging.CRITICAL)
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    previous_port = os.environ.get(_PORT_VARIABLE)
    os.environ[_PORT_VARIABLE] = str(port)  # where moto's state machine looks for its Lambda
    try:
        yield EmulatedAws(f"http://{host}:{port}")
    finally:
        server.stop()
        if previous_port is None:
            del os.environ[_PORT_VARIABLE]
        else:
            os.environ[_PORT_VARIABLE] = previous_port
        LambdaSimpleBackend.invoke = original  # type: ignore[method-assign] # moto offers no other way in
        default_user_config.update(before)


def _invoker(pool: WorkerPool) -> Any:
    """moto's backend method: runs a sandbox, and reports errors as Lambda does."""

    def invoke(
        _backend: LambdaSimpleBackend,
        _function_name: str,
        _qualifier: str | None,
        body: Any,
        _headers: Any,
        response_headers: dict[str, str],
    ) -> bytes:
        try:
            result = pool.invoke(json.loads(body))
        except ThrottledError:
            error = LambdaClientError("TooManyRequestsException", "Rate Exceeded.")
            error.code = 429
            raise error from None
        if result.is_error:
            response_headers["x-amz-function-error"] = "Unhandled"
        return json.dumps(result.payload).encode()

    return invoke
