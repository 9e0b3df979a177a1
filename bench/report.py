"""Writes docs/measurements.md from what was measured, whenever that was.

Every part of the page belongs to a module of its own: it keeps its figures as JSON in the folder beside the page,
draws its plots there, and gives its section; nothing where it was not measured yet.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

from bench.cold_start import write_cold_start
from bench.efficiency import write_efficiency
from bench.lanes import write_lanes
from bench.outputs import write_outputs
from bench.parity.speed import write_corpus
from bench.sandbox import write_sandbox
from bench.scaling import write_scaling
from bench.sounding import write_sounding
from bench.stages import write_stages
from bench.startup import write_startup
from bench.suite_section import write_suite

Part = Callable[[Path], str | None]
"""From the folder of figures and plots to the section, in markdown with headings of the second level and below."""

PARTS: Sequence[Part] = (
    write_suite,
    write_stages,
    write_outputs,
    write_corpus,
    write_efficiency,
    write_lanes,
    write_startup,
    write_sounding,
    write_sandbox,
    write_cold_start,
    write_scaling,
)
"""In the order of the page."""

_INTRODUCTION = (
    "# Measurements",
    "Written by `make bench` and its neighbours from the figures in `docs/measurements/`; run them again rather than "
    "editing this.",
)


def write_page(folder: Path, parts: Sequence[Part] = PARTS) -> Path:
    """Write the page that lies beside `folder` and is called like it."""
    sections = [section for part in parts if (section := part(folder)) is not None]
    page = folder.with_suffix(".md")
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_text("\n\n".join([*_INTRODUCTION, *sections]) + "\n", "utf-8")
    return page
