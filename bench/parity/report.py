"""Writes what came of the corpus as markdown."""

from collections import Counter
from collections.abc import Sequence

from bench.case import Case
from bench.markdown import table
from bench.parity.outcome import POOLED_DB, RESIDUAL_DBFS, WORST_DB, Outcome

_HEADER = ("case", "shows", "verdict", "pooled dB", "worst dB", "worst frame", "frames", "sound dBFS", "offset")


def write_report(outcomes: Sequence[Outcome], versions: str, command: str) -> str:
    """The whole file."""
    counts = Counter(outcome.verdict.strip("*") for outcome in outcomes)
    parts = [
        "# Parity with the original renderer",
        f"Written by `{command}`; run it again rather than editing this. {versions}",
        "Each case of `bench/parity/cases/` is a small composition that shows one feature. Both renderers render it, "
        "at CRF 8 where the format has one and the original's preset of x264, and what comes out is compared: the "
        "pictures as PSNR in RGB (premultiplied RGBA where there is alpha; equal frames count as 100 dB), the sound "
        "after it is aligned. Asked for are "
        f"{POOLED_DB:.0f} dB over all frames, {WORST_DB:.0f} dB in the worst frame, a residual of at most "
        f"{RESIDUAL_DBFS:.0f} dBFS, sound that is less than a millisecond off, and equal lengths. Offsets are in "
        "samples, of 48000 a second; positive where ours comes later.",
        ", ".join(f"{count} {verdict}" for verdict, count in counts.most_common()) + ".",
        table(_HEADER, map(_row, outcomes)),
        *_differences(outcomes),
    ]
    return "\n\n".join(parts) + "\n"


def _row(outcome: Outcome) -> list[str]:
    case, quality, sound = outcome.case, outcome.quality, outcome.sound
    if quality is None:
        return [case.name, case.title, outcome.verdict, *["-"] * (len(_HEADER) - 3)]
    return [
        case.name,
        _title(case),
        outcome.verdict,
        f"{quality.pooled_db:.1f}",
        f"{quality.worst_db:.1f}",
        str(quality.worst_frame),
        " / ".join(map(str, dict.fromkeys(quality.frames))),
        "-" if sound is None else f"{sound.residual_dbfs:.0f}",
        "-" if sound is None else str(sound.offset),
    ]


def _title(case: Case) -> str:
    asked = [f"{case.fps or 'its own'} fps"] if case.fps != "30" else []
    asked += [value for value in (case.codec, case.resolution) if value is not None]
    asked += [case.format] if case.format != "mp4" else []
    return f"{case.title} ({', '.join(asked)})" if asked else case.title


def _differences(outcomes: Sequence[Outcome]) -> list[str]:
    """What is wrong, and where ours is right why; floors too."""
    lines = [line for outcome in outcomes for line in _explain(outcome)]
    return ["## What differs", "\n".join(lines)] if lines else []


def _explain(outcome: Outcome) -> list[str]:
    lines = []
    if outcome.problems:
        why = outcome.case.expect
        reason = f" {why.why} Proved by `{why.test}`." if why is not None else ""
        lines.append(f"- **{outcome.case.name}**: {'; '.join(problem.text for problem in outcome.problems)}.{reason}")
    if outcome.floor is not None:
        floor = f"{outcome.floor.pooled_db:.1f} dB pooled, {outcome.floor.worst_db:.1f} dB worst"
        lines.append(f"- {outcome.case.name}: the original reaches {floor} against itself.")
    return lines
