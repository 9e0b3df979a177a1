"""Cells of tables that set both renderers side by side: ours, the original's, and mostly how they compare."""

from collections.abc import Callable

from bench.records import Pairs, Run


def wall_and_cpu(pairs: Pairs, digits: int = 1) -> list[str]:
    """Medians of wall clock and CPU seconds, each with the ratio."""
    return [
        *_compared(pairs, lambda run: run.wall_seconds, digits),
        *_compared(pairs, lambda run: run.cpu_seconds, digits),
    ]


def peak_megabytes(pairs: Pairs) -> list[str]:
    """The medians of both."""
    return [f"{size / 1e6:.0f}" for size in pairs.medians(lambda run: run.peak_bytes)]


def file_megabytes(pairs: Pairs) -> list[str]:
    """The medians of both."""
    return [f"{size / 1e6:.2f}" for size in pairs.medians(lambda run: run.file_bytes)]


def _compared(pairs: Pairs, seconds: Callable[[Run], float], digits: int) -> list[str]:
    """The medians of both, and the ratio."""
    return [*(f"{median:.{digits}f}" for median in pairs.medians(seconds)), f"**{pairs.ratio(seconds):.2f}**"]
