"""Plots as SVG: the same figures give the same bytes."""

import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from bench.records import CaseRecord, Run, median_parts

_OURS, _ORIGINAL = "#1f6f8b", "#e0a96d"
_PART_COLOURS = (
    *("#264653", "#287271", "#2a9d8f", "#8ab17d", "#e9c46a", "#f4a261"),
    *("#e76f51", "#9d4e61", "#6d6875", "#adb5bd", "#495057", "#b56576"),
)
_BAR = 0.38
_INCHES_WIDE, _INCHES_PER_CASE, _INCHES_AROUND = 9.0, 0.46, 1.1


def draw_speed(cases: Sequence[CaseRecord]) -> bytes:
    """Wall clock and CPU seconds of both renderers by case: medians, and the ratio of the two."""
    with _figure(len(cases)) as figure:
        wall, cpu = figure.subplots(1, 2, sharey=True)
        _draw_pairs(wall, "wall clock, s", cases, lambda run: run.wall_seconds)
        _draw_pairs(cpu, "CPU, s", cases, lambda run: run.cpu_seconds)
        wall.invert_yaxis()
        figure.legend(*wall.get_legend_handles_labels(), loc="outside lower center", ncols=2, frameon=False)
        return _svg(figure)


def draw_parts(cases: Sequence[CaseRecord]) -> bytes:
    """Where each renderer's time went by case, one part behind the other: medians."""
    names = [case.name for case in cases]
    with _figure(len(cases)) as figure:
        ours, original = figure.subplots(1, 2, sharey=True)
        _draw_stacks(ours, "ours, s, added up over lanes", names, [median_parts(case.ours) for case in cases])
        _draw_stacks(original, "original, s", names, [median_parts(case.original) for case in cases])
        ours.invert_yaxis()
        return _svg(figure)


def _draw_pairs(axes: Axes, title: str, cases: Sequence[CaseRecord], value: Callable[[Run], float]) -> None:
    medians = [case.medians(value) for case in cases]
    upper, lower = ([row + shift for row in range(len(cases))] for shift in (-_BAR / 2, _BAR / 2))
    axes.barh(upper, [ours for ours, _ in medians], height=_BAR, color=_OURS, label="ours")
    bars = axes.barh(lower, [original for _, original in medians], height=_BAR, color=_ORIGINAL, label="original")
    axes.bar_label(bars, [f"{case.ratio(value):.1f}x" for case in cases], padding=3)
    axes.margins(x=0.12)
    axes.set_yticks(range(len(cases)), [case.name for case in cases])
    axes.set_title(title)


def _draw_stacks(axes: Axes, title: str, names: Sequence[str], stacks: Sequence[Mapping[str, float]]) -> None:
    ends = [0.0] * len(names)
    for number, part in enumerate(dict.fromkeys(part for stack in stacks for part in stack)):
        seconds = [stack.get(part, 0.0) for stack in stacks]
        colour = _PART_COLOURS[number % len(_PART_COLOURS)]
        axes.barh(range(len(names)), seconds, left=ends, height=2 * _BAR, color=colour, label=part)
        ends = [end + spent for end, spent in zip(ends, seconds, strict=True)]
    axes.set_yticks(range(len(names)), names)
    axes.set_title(title)
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.06), ncols=4, columnspacing=1, fontsize=8, frameon=False)


@contextmanager
def _figure(rows: int) -> Iterator[Figure]:
    with mpl.rc_context(
        {
            "svg.hashsalt": "hf-lambda",  # or the ids of elements are random
            "svg.fonttype": "none",  # text stays text
            "font.size": 9,
            "axes.spines.top": False,
            "axes.spines.right": False,
        }
    ):
        yield Figure(figsize=(_INCHES_WIDE, _INCHES_PER_CASE * rows + _INCHES_AROUND), layout="constrained")


def _svg(figure: Figure) -> bytes:
    drawn = io.BytesIO()
    figure.savefig(drawn, format="svg", metadata={"Date": None})
    return drawn.getvalue()
