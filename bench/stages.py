"""Both renderers stage by stage, as Lambda runs them: plan, one chunk and assembly, each a process of its own.

python -m bench.stages [--case flat] [--runs 5]
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.case import Case, Stage
from bench.cells import file_megabytes, peak_megabytes, wall_and_cpu
from bench.command_line import add_cases, chosen_cases, measuring_parser
from bench.markdown import table
from bench.original import Original
from bench.places import CRF, SUITE, suite_stage
from bench.provenance import Provenance, measured_by, present_provenance
from bench.records import Pairs, Run, load_record, save_record, with_measured
from bench.staged import STAGES, OriginalStages, OurStages, run_stage

FIGURES = "stages.json"
_ALL = "all three"


@dataclass(frozen=True)
class StagedCase:
    """Both renderers on one case: their runs of each stage, in turn. The file counted is the finished one."""

    name: str
    frames: int
    stages: Mapping[str, Pairs]
    provenance: Provenance

    def together(self) -> Pairs:
        """All stages of each run together; the peak is the highest of them."""
        ours = zip(*(pairs.ours for pairs in self.stages.values()), strict=True)
        original = zip(*(pairs.original for pairs in self.stages.values()), strict=True)
        return Pairs([*map(_together, ours)], [*map(_together, original)])


@dataclass(frozen=True)
class StagesRecord:
    """The figures of all that was measured."""

    cases: Sequence[StagedCase]

    def with_case(self, measured: StagedCase) -> "StagesRecord":
        """The same with the case measured anew, or for the first time."""
        return StagesRecord(with_measured(self.cases, measured))


def write_stages(folder: Path) -> str | None:
    """The section; None where nothing was measured."""
    record = load_record(StagesRecord, folder / FIGURES)
    if record is None or not record.cases:
        return None
    return "\n\n".join(
        [
            "## Stage by stage, beside the original's own",
            "What Lambda bills are not whole renders but their stages. Ours are `hf-lambda invoke`, which calls the "
            "handler; the original's are the functions that its own Lambda handler calls (`planV2`, `renderChunkV2`, "
            "`assembleV2`, from the npm package of the suite). Each is a process of its own, as in a new worker, on "
            "the same Chromium and ffmpeg, already unpacked, with files instead of S3; how many workers the original "
            "has in a chunk is its own choice. All frames are one chunk. Our plan opens the page, to find out once "
            "what every worker needs to know; the original's opens it only where it finds no length. "
            f"CRF {CRF}; {min(len(case.together().ours) for case in record.cases)} or more runs of either, in turn, "
            f"medians. {measured_by('bench.stages', record.cases)}",
            table(
                [
                    *("case", "stage", "wall s, ours", "original", "ratio", "CPU s, ours", "original", "ratio"),
                    *("peak MB, ours", "original", "file MB, ours", "original"),
                ],
                (row for case in record.cases for row in _rows(case)),
            ),
        ]
    )


def _rows(case: StagedCase) -> list[list[str]]:
    title = f"{case.name}, {case.frames} frames"
    stages = [*case.stages.items(), (_ALL, case.together())]
    files = {_ALL: file_megabytes(case.together())}
    return [
        [title, stage, *wall_and_cpu(pairs, digits=2), *peak_megabytes(pairs), *files.get(stage, ["", ""])]
        for stage, pairs in stages
    ]


def _together(runs: Sequence[Run]) -> Run:
    return Run(
        wall_seconds=round(sum(run.wall_seconds for run in runs), 3),
        cpu_seconds=round(sum(run.cpu_seconds for run in runs), 3),
        peak_bytes=max(run.peak_bytes for run in runs),
        file_bytes=runs[-1].file_bytes,
        part_seconds={},
    )


def measure(case: Case, stage: Stage, runs: int) -> StagedCase:
    """Both renderers on one case, in turn.

    Raises:
        RenderFailedError, UncountedCpuError: one of them fails, or could not be measured.
    """
    original = Original(stage.toolchain)
    taken: dict[str, tuple[list[Run], list[Run]]] = {name: ([], []) for name in STAGES}
    with TemporaryDirectory(prefix="hf-lambda-bench-") as folder:
        work = Path(folder)
        stage.put(case, work / "project")
        job = replace(case.job(work / "project"), crf=CRF)
        for number in range(runs):
            ours = OurStages(job, work / f"ours-{number}")
            for name in STAGES:
                taken[name][0].append(run_stage(ours, name))
            planned = ours.result("plan")
            size = planned["Width"], planned["Height"]
            theirs = OriginalStages(original, job, work / f"original-{number}", size)
            for name in STAGES:
                taken[name][1].append(run_stage(theirs, name))
    pairs = {name: Pairs(*runs_of_both) for name, runs_of_both in taken.items()}
    return StagedCase(case.name, planned["TotalFrames"], pairs, present_provenance())


def main() -> None:
    """Measure, and remember each at once."""
    parser = measuring_parser(__doc__, runs=5, runs_of="of each")
    add_cases(parser)
    arguments = parser.parse_args()
    stage, path = suite_stage(), arguments.folder / FIGURES
    for case in chosen_cases(SUITE, arguments.case):
        measured = measure(case, stage, arguments.runs)
        save_record((load_record(StagesRecord, path) or StagesRecord([])).with_case(measured), path)
        for row in _rows(measured):
            print(" | ".join(row), flush=True)


if __name__ == "__main__":
    main()
