import os
from dataclasses import replace

from bench.provenance import at_and_on, measured_by, present_provenance

from tests.benchmark.figures import HERE, a_case


def test_present_is_this_commit_on_this_machine() -> None:
    """What is measured now is told by the commit and by the cores that may be used."""
    present = present_provenance()
    assert present.revision
    assert present.machine == f"{len(os.sched_getaffinity(0))} cores of {present.processor}"


def test_commits_are_told_machine_by_machine() -> None:
    """The machine of most figures comes first, each commit is named once."""
    elsewhere = replace(HERE, processor="another")
    later = replace(HERE, revision="def5678")
    cases = [replace(a_case(), provenance=provenance) for provenance in (elsewhere, later, HERE, HERE)]
    assert at_and_on(cases) == "at abc1234, def5678 on 2 cores of a processor; at abc1234 on 2 cores of another"
    assert measured_by("bench.x", cases[2:]) == "Measured by `python -m bench.x`, at abc1234 on 2 cores of a processor."
