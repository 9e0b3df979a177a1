"""What a deployment offers to whoever renders with it: a bucket and a state machine, emulated or real."""

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hf_lambda.composition.archive import pack_project
from hf_lambda.deadline import Deadline
from hf_lambda.emulator.execution import Execution, run_execution


@dataclass
class RenderStack:
    """A deployed stack, and the boto3 clients to use it with."""

    s3: Any
    stepfunctions: Any
    bucket: str
    state_machine_arn: str

    def upload_project(self, project: Path, site: str) -> str:
        """Pack a project folder into the bucket; gives its URI."""
        with tempfile.TemporaryDirectory(prefix="hf-lambda-upload-") as scratch:
            archive = Path(scratch) / "project.tar.gz"
            pack_project(project, archive)
            key = f"sites/{site}/project.tar.gz"
            self.s3.upload_file(str(archive), self.bucket, key)
        return f"s3://{self.bucket}/{key}"

    def render(
        self, project_uri: str, name: str, config: Mapping[str, Any], *, suffix: str = ".mp4", deadline: Deadline
    ) -> Execution:
        """Run the state machine for a project; its output is `outputs/<name><suffix>` in the bucket."""
        request = {
            "ProjectS3Uri": project_uri,
            "PlanOutputS3Prefix": f"s3://{self.bucket}/renders/{name}",
            "OutputS3Uri": f"s3://{self.bucket}/outputs/{name}{suffix}",
            "Config": dict(config),
        }
        return run_execution(self.stepfunctions, self.state_machine_arn, request, deadline=deadline)

    def download(self, uri: str, path: Path) -> None:
        """Fetch an object of the bucket."""
        self.s3.download_file(self.bucket, uri.removeprefix(f"s3://{self.bucket}/"), str(path))
