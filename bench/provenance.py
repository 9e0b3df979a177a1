"""What was measured, and where: recorded beside the figures, and said beside what is made of them."""

import os
import platform
import re
import subprocess
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from bench.places import ROOT


@dataclass(frozen=True)
class Provenance:
    """Where figures come from."""

    revision: str
    """The commit that was measured, marked where it was changed since."""
    processor: str
    """Whose cores it was measured on, both renderers in turn."""
    cores: int

    @property
    def machine(self) -> str:
        """Processor and cores in words."""
        return f"{self.cores} cores of {self.processor}"


class Measured(Protocol):
    """What has figures."""

    @property
    def provenance(self) -> Provenance:
        """Where they come from."""


def present_provenance() -> Provenance:
    """Of what is measured now, on this machine."""
    return Provenance(_revision(), _processor(), len(os.sched_getaffinity(0)))


def measured_by(module: str, measured: Iterable[Measured]) -> str:
    """The sentence that says how a section's figures were made, at which commits and on which machines."""
    return f"Measured by `python -m {module}`, {at_and_on(measured)}."


def at_and_on(measured: Iterable[Measured]) -> str:
    """The commits, and the machine; machine by machine where there are several, that of most figures first."""
    known = [each.provenance for each in measured]
    machines = (machine for machine, _ in Counter(each.machine for each in known).most_common())
    return "; ".join(
        f"at {', '.join(sorted({each.revision for each in known if each.machine == machine}))} on {machine}"
        for machine in machines
    )


def _revision() -> str:
    argv = ["git", "-C", str(ROOT), "describe", "--always", "--dirty"]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    return done.stdout.strip() or "unknown"


def _processor() -> str:
    found = re.search(r"^model name\s*: (.+)$", Path("/proc/cpuinfo").read_text("utf-8"), re.MULTILINE)
    return found[1] if found else platform.machine()
