"""What was measured, and where: recorded beside the figures."""

import platform
import re
import subprocess
from pathlib import Path

from bench.places import ROOT


def revision() -> str:
    """The commit of this folder, marked where it was changed since."""
    argv = ["git", "-C", str(ROOT), "describe", "--always", "--dirty"]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    return done.stdout.strip() or "unknown"


def processor() -> str:
    """The name of this machine's processor."""
    found = re.search(r"^model name\s*: (.+)$", Path("/proc/cpuinfo").read_text("utf-8"), re.MULTILINE)
    return found[1] if found else platform.machine()
