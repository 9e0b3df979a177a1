"""Made-up figures of the benchmark."""

from bench.provenance import Provenance
from bench.records import CaseRecord, Loss, Run, Subject, SuiteRecord

SUBJECT = Subject("0.1.0", "0.8.170", "20.20.2", "153.0.0", "7.0.2")
HERE = Provenance("abc1234", "a processor", 2)


def a_run(wall_seconds: float, **part_seconds: float) -> Run:
    """A run that took so long, with twice that CPU time."""
    return Run(wall_seconds, 2 * wall_seconds, 500_000_000, 1_500_000, part_seconds)


def a_case(name: str = "flat") -> CaseRecord:
    """A case in which the original takes 3, 4 and 2 times as long as ours, in this order."""
    return CaseRecord(
        name=name,
        title="Flat shapes",
        size="1920x1080",
        fps="30",
        frames=180,
        crf=18,
        provenance=HERE,
        trial_seconds={"auto": 13.0, "2": 12.0},
        workers="2",
        original_capture="beginframe, 2 workers",
        ours=[a_run(4, Plan=1, Capture=5), a_run(3, Plan=1.5, Capture=6), a_run(6, Plan=1, Capture=4)],
        original=[a_run(12, capture=10), a_run(12, capture=11), a_run(12, capture=9)],
        our_loss=Loss(41.26, 38.04),
        original_loss=Loss(40.98, 37.51),
    )


def a_suite(*cases: CaseRecord) -> SuiteRecord:
    """The figures of these cases."""
    return SuiteRecord(SUBJECT, "checked", cases)
