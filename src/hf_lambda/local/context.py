"""What Lambda's context is on this machine."""

import uuid
from dataclasses import dataclass, field

from hf_lambda.deadline import Deadline
from hf_lambda.invocation import Observer
from hf_lambda.settings import Settings


@dataclass(frozen=True)
class LocalContext:
    """Lambda's context as far as the handler uses it, and what only an embedding program can give."""

    settings: Settings
    deadline: Deadline
    observer: Observer
    aws_request_id: str = field(default_factory=lambda: str(uuid.uuid4()))

    def get_remaining_time_in_millis(self) -> int:
        """Milliseconds left."""
        return int(self.deadline.remaining_seconds() * 1000)
