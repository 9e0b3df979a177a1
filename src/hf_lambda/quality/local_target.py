"""A deployment on this machine: the emulator, with everything of one run in one folder."""

import shutil
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError

from hf_lambda.deadline import Deadline
from hf_lambda.emulator.engine import Emulator, EmulatorOptions, emulator, python_of
from hf_lambda.emulator.sandbox import can_confine
from hf_lambda.emulator.stack import RenderStack
from hf_lambda.errors import EMULATOR_UNAVAILABLE
from hf_lambda.quality.leftovers import descendants, still_alive
from hf_lambda.quality.purging import Resources, find_leaks, purge_bucket, stop_executions


class LocalTarget:
    """See `Target`. `work` is a folder for this run alone, which goes with it."""

    name = "local"

    def __init__(self, options: EmulatorOptions, work: Path) -> None:
        self.stack_name = options.name
        self.memory_mb = options.memory_mb
        self.emulator: Emulator | None = None
        """While it is up."""
        self._options = options
        self._work = work
        self._stack = ExitStack()

    def check(self) -> list[str]:
        """See `Target.check`."""
        for path in (self._options.zip_path, self._options.definition):
            if not path.is_file():
                raise EMULATOR_UNAVAILABLE(f"there is no {path}")
        python_of(self._options.zip_path)
        return (
            []
            if can_confine()
            else ["no bubblewrap here: read-only code, the size of /tmp and the user are not proven"]
        )

    def up(self, deadline: Deadline) -> RenderStack:
        """See `Target.up`."""
        deadline.check("starting the emulator")
        self._work.mkdir(parents=True, exist_ok=True)
        self._work.chmod(0o755)  # the sandbox's user reads below it
        self.emulator = self._stack.enter_context(emulator(replace(self._options, work_dir=self._work)))
        return self.emulator

    def down(self) -> list[str]:
        """See `Target.down`."""
        leaks: list[str] = []
        emulated, self.emulator = self.emulator, None
        processes = {}
        if emulated is not None:
            leaks += self._remove(emulated)
            processes = {
                process: command
                for worker in emulated.pool.workers
                if worker.pid is not None
                for process, command in descendants(worker.pid).items()
            }
        try:
            self._stack.close()
        except OSError as error:
            leaks.append(f"the emulator's folder could not be removed: {error}")
        leaks += [f"process {left.pid}: {processes[left]}" for left in still_alive(processes)]
        leaks += [f"file {path}" for path in sorted(self._work.glob("*"))]
        shutil.rmtree(self._work, ignore_errors=True)
        return leaks

    def remove_contents(self, emulated: Emulator) -> None:
        """End and delete what the run made in the emulated services.

        Raises:
            ClientError: a service refuses.
        """
        client, name = emulated.aws.client, self.stack_name
        stop_executions(client("stepfunctions"), emulated.state_machine_arn)
        purge_bucket(client("s3"), name)
        client("s3").delete_bucket(Bucket=name)
        client("stepfunctions").delete_state_machine(stateMachineArn=emulated.state_machine_arn)
        client("lambda").delete_function(FunctionName=name)
        client("iam").delete_role(RoleName=name)

    def _remove(self, emulated: Emulator) -> list[str]:
        leaks = []
        try:
            self.remove_contents(emulated)
        except (ClientError, BotoCoreError) as error:
            leaks.append(f"teardown: {error}")
        name = self.stack_name
        made = Resources(
            buckets=(name,), functions=(name,), state_machines=(emulated.state_machine_arn,), roles=(name,)
        )
        return leaks + find_leaks(emulated.aws.client, made)
