"""Checks that `measure` counts orphans and shared memory rightly, before anything is measured."""

import os
import sys
from pathlib import Path

from bench import burner
from bench.measure import run_measured

_STARTUP_CPU_SECONDS = 0.5
_STARTUP_BYTES = 60_000_000
_ATTEMPTS = 3
"""Where one of two sharers ends between the readings of both, what they share is counted for it and for the other."""


def check_measuring(work: Path) -> str:
    """Measure a command of known use; says what was found.

    Raises:
        AssertionError: the figures are wrong, so none of this machine's would mean anything.
    """
    for _ in range(_ATTEMPTS - 1):
        try:
            return _check(work)
        except AssertionError as error:
            print(f"self-check: {error}; once more", file=sys.stderr)
    return _check(work)


def _check(work: Path) -> str:
    measured = run_measured([sys.executable, burner.__file__], env=os.environ, log_path=work / "self-check.log")
    used_seconds = burner.BURNERS * burner.BURN_SECONDS
    text = (
        f"a known {used_seconds:.1f} CPU s, half of them an orphan's, measured as {measured.cpu_seconds:.2f} s; "
        f"a shared {burner.HELD_BYTES / 1e6:.0f} MB as {measured.peak_bytes / 1e6:.0f} MB"
    )
    assert measured.exit_code == 0, text
    assert used_seconds <= measured.cpu_seconds <= used_seconds + _STARTUP_CPU_SECONDS, text
    assert burner.HELD_BYTES <= measured.peak_bytes <= burner.HELD_BYTES + _STARTUP_BYTES, text
    return text
