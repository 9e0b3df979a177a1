"""Where a gate renders: something that can be brought up, used and taken away again without a trace."""

from typing import Protocol

from hf_lambda.deadline import Deadline
from hf_lambda.emulator.stack import RenderStack

TARGETS = ("local", "aws")


class Target(Protocol):
    """One deployment for one run."""

    name: str
    """Of `TARGETS`."""
    stack_name: str
    memory_mb: int
    """Of the function, for its cost."""

    def check(self) -> list[str]:
        """Find out, before anything is made, whether `up` can work; gives remarks on what will not be proven.

        Raises:
            HfLambdaError: it cannot.
        """

    def up(self, deadline: Deadline) -> RenderStack:
        """Deploy.

        Raises:
            HfLambdaError: it did not work; what was made by then, `down` takes away.
        """

    def down(self) -> list[str]:
        """Take away what `up` made, and nothing else, however far `up` got; gives what is still there, one line each.

        Never raises: what could not be done or looked at is a line.
        """
