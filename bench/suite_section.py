"""The suite's part of the page: how fast, how large and how good both renderers are, case by case."""

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from bench.cells import file_megabytes, peak_megabytes, wall_and_cpu
from bench.markdown import table
from bench.plots import draw_parts, draw_speed
from bench.records import CaseRecord, Run, SuiteRecord, load_record

FIGURES = "suite.json"
_SPEED_PLOT = "suite-speed.svg"
_PARTS_PLOT = "suite-parts.svg"


def write_suite(folder: Path) -> str | None:
    """Draw the plots and write the section; None where nothing was measured."""
    record = load_record(SuiteRecord, folder / FIGURES)
    if record is None or not record.cases:
        return None
    folder.joinpath(_SPEED_PLOT).write_bytes(draw_speed(record.cases))
    folder.joinpath(_PARTS_PLOT).write_bytes(draw_parts(record.cases))
    return "\n\n".join(
        [
            "## The suite, beside the original",
            _describe(record),
            "Medians. A ratio is the original's figure over ours, taken pair by pair: 2.0 means that the original took "
            "twice as much. *Spread* is how far the slowest wall clock lies above the fastest, of ours and of the "
            "original. Memory is the peak of the whole process tree, shared pages counted once.",
            _speed_table(record.cases),
            f"![Wall clock and CPU seconds by case](measurements/{_SPEED_PLOT})",
            "### Pictures",
            "PSNR in RGB against our own lossless pictures (`--format png-sequence --webgl-driver swiftshader`) of the "
            "same case: *pooled* is of the mean squared error over all frames, *worst* of the worst frame. Of WebGL, "
            "ours has the difference between two drivers in it.",
            _picture_table(record.cases),
            "### The original's workers",
            "Wall clock of one run by its setting, and how it captured in the counted runs. The fastest was counted.",
            _worker_table(record.cases),
            "### Where the time goes",
            "Seconds by part of the work, as either renderer says, medians. What our lanes do side by side is added "
            "up, so a bar may be longer than the wall clock; *Encode* is waiting for the encoder, not its CPU time. "
            "The original's encoding is hidden in its capture.",
            f"![Seconds by part of the work](measurements/{_PARTS_PLOT})",
        ]
    )


def _describe(record: SuiteRecord) -> str:
    subject = record.subject
    revisions = sorted({case.provenance.revision for case in record.cases})
    runs = sorted({len(case.ours) for case in record.cases})
    rates = sorted({case.crf for case in record.cases})
    lines = [
        f"- **Ours**: hf-lambda {subject.our_version} at {', '.join(revisions)}, `hf-lambda render`.",
        f"- **The original**: npm package hyperframes {subject.original_version} on Node.js {subject.node_version}, "
        "`hyperframes render` with the fastest of its settings of workers, and its own choice of capture; telemetry "
        "and update checks off.",
        f"- **The same for both**: Chromium (@sparticuz/chromium {subject.chromium_version}), ffmpeg "
        f"({subject.ffmpeg_version}), the projects in `bench/suite/`, CRF {_listed(rates)}, no B-frames. Each "
        "run is a new process with an empty temporary folder. Not the same: WebGL is drawn by SwiftShader in the "
        "original, by Mesa in ours (docs/animation.md).",
        "- **The encoder**: x264 in both, each at its own default: ours preset fast with a search that suits the "
        "content, the original's medium ([formats](formats.md) says why); so file sizes and pictures count as much "
        "as times. `overlay` is a webm, by libvpx, where the same is true.",
        f"- **Machine**: {_machines(record.cases)}, no GPU; the same for both renderers. The ratios matter, not the "
        "absolute times.",
        f"- **Runs**: {_listed(runs)} of each per case, in turn (ours, original, ours, original, …), after the "
        "original's trials.",
        "- **Counting**: wall clock, and the user and system CPU seconds of every process that a renderer started, "
        f"orphans too, counted by the same code for both. Checked on the spot: {record.self_check}.",
    ]
    return "\n".join(lines)


def _machines(cases: Sequence[CaseRecord]) -> str:
    """Each machine, the one of most cases first, the others with the cases that they are of."""
    names: dict[str, list[str]] = defaultdict(list)
    for case in cases:
        names[case.provenance.machine].append(case.name)
    (first, _), *others = sorted(names.items(), key=lambda machine: -len(machine[1]))
    return " or ".join([first, *(f"{machine} ({', '.join(of_it)})" for machine, of_it in others)])


def _listed(values: Sequence[int]) -> str:
    return " or ".join(map(str, values))


def _speed_table(cases: Sequence[CaseRecord]) -> str:
    header = [
        *("case", "wall s, ours", "original", "ratio", "CPU s, ours", "original", "ratio"),
        *("peak MB, ours", "original", "file MB, ours", "original", "spread %, ours", "original"),
    ]
    return table(header, map(_speed_row, cases))


def _speed_row(case: CaseRecord) -> list[str]:
    return [
        case.name,
        *wall_and_cpu(case),
        *peak_megabytes(case),
        *file_megabytes(case),
        *(f"{_spread(runs):.0f}" for runs in (case.ours, case.original)),
    ]


def _spread(runs: Sequence[Run]) -> float:
    seconds = [run.wall_seconds for run in runs]
    return 100 * (max(seconds) / min(seconds) - 1)


def _picture_table(cases: Sequence[CaseRecord]) -> str:
    header = [
        *("case", "shows", "size", "fps", "frames"),
        *("pooled dB, ours", "original", "worst dB, ours", "original"),
    ]
    return table(header, map(_picture_row, cases))


def _picture_row(case: CaseRecord) -> list[str]:
    losses = (case.our_loss, case.original_loss)
    figures = [*(loss.pooled_db for loss in losses), *(loss.worst_db for loss in losses)]
    return [case.name, case.title, case.size, case.fps, str(case.frames), *(f"{figure:.1f}" for figure in figures)]


def _worker_table(cases: Sequence[CaseRecord]) -> str:
    settings = list(dict.fromkeys(setting for case in cases for setting in case.trial_seconds))
    header = ["case", *(f"{setting}, s" for setting in settings), "counted", "its capture"]
    return table(header, (_worker_row(case, settings) for case in cases))


def _worker_row(case: CaseRecord, settings: Sequence[str]) -> list[str]:
    trials = [case.trial_seconds.get(setting) for setting in settings]
    shown = ["fails" if seconds is None else f"{seconds:.1f}" for seconds in trials]
    return [case.name, *shown, case.workers, case.original_capture]
