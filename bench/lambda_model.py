"""A model of a render in Lambda: seconds and dollars from frames, chunks and vCPUs. Nothing is measured here.

CPU seconds of this machine are taken for those of a Lambda vCPU, which are slower or faster by some factor that
nobody measured here. Prices are those of `hf_lambda.quality.cost`.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from hf_lambda.plan.split import DEFAULT_CHUNK_FRAMES
from hf_lambda.quality.cost import (
    USD_PER_GB_SECOND,
    USD_PER_REQUEST,
    USD_PER_STORAGE_GB_SECOND,
    USD_PER_TRANSITION,
)

MB_PER_VCPU = 1769
LARGEST_MB = 10240
MOST_CHUNKS = 256
LIMIT_SECONDS = 900.0
"""Of an invocation."""
RESERVED_SECONDS = 10.0
"""What the handler keeps back of them."""
TRANSFER_BYTES_PER_SECOND = 75e6
"""An assumption: what one sandbox exchanges with S3."""
STORAGE_GB = 10.0
_FREE_STORAGE_GB = 0.5
_MB_PER_GB = 1024
_STATES_BESIDE_CHUNKS = 4
_REQUESTS_BESIDE_CHUNKS = 2


@dataclass(frozen=True)
class Line:
    """Seconds as a function of frames."""

    start: float
    per_frame: float

    def at(self, frames: float) -> float:
        """Seconds of so many frames."""
        return self.start + self.per_frame * frames


@dataclass(frozen=True)
class Page:
    """What a kind of page costs."""

    name: str
    plan_seconds: float
    """Wall clock of the plan stage."""
    chunk: Line
    """CPU seconds of a chunk: its lane starts a browser and loads the page, then come the frames."""
    bytes_per_frame: float
    """Of the video."""


@dataclass(frozen=True)
class Sandbox:
    """What a stage runs in; every one is taken to be new."""

    vcpus: int
    cold_seconds: float
    """By how much a new one takes longer, by interpreter, imports, unpacking and first use."""

    def frame_seconds(self, page: Page) -> float:
        """Wall clock of a frame, which keeps all vCPUs busy."""
        return page.chunk.per_frame * MB_PER_VCPU / memory_mb(self.vcpus)


@dataclass(frozen=True)
class Estimate:
    """A render by the model."""

    chunks: int
    chunk_frames: int
    """Of the longest."""
    chunk_seconds: float
    seconds: float
    usd: float
    fits: bool
    """Whether no invocation takes longer than it may."""


def fit_line(points: Sequence[tuple[float, float]]) -> Line:
    """The line through points (frames, seconds) with the least squares; two points at different frames at least."""
    count = len(points)
    mean_x, mean_y = (sum(values) / count for values in zip(*points, strict=True))
    spread = sum((x - mean_x) ** 2 for x, _ in points)
    slope = sum((x - mean_x) * (y - mean_y) for x, y in points) / spread
    return Line(mean_y - slope * mean_x, slope)


def memory_mb(vcpus: int) -> int:
    """The memory that brings so many vCPUs; the most that there is brings 5.8."""
    return min(MB_PER_VCPU * vcpus, LARGEST_MB)


def split(frames: int, chunk_frames: int = DEFAULT_CHUNK_FRAMES) -> tuple[int, int]:
    """How many chunks a render has, and the frames of the longest."""
    chunks = min(math.ceil(frames / chunk_frames), MOST_CHUNKS)
    return chunks, math.ceil(frames / chunks)


def chunk_seconds(page: Page, frames: int, sandbox: Sandbox) -> float:
    """Wall clock of a chunk; what starts keeps one vCPU busy, frames all of them."""
    return sandbox.cold_seconds + page.chunk.start + frames * sandbox.frame_seconds(page)


def assemble_seconds(page: Page, frames: int, sandbox: Sandbox, seconds_per_chunk: float, chunks: int) -> float:
    """Wall clock of assemble: chunks come, and the file goes."""
    transfer_seconds = 2 * page.bytes_per_frame * frames / TRANSFER_BYTES_PER_SECOND
    return sandbox.cold_seconds + seconds_per_chunk * chunks + transfer_seconds


def estimate(
    page: Page, frames: int, sandbox: Sandbox, *, chunk_frames: int, concurrency: int, join_seconds: float
) -> Estimate:
    """The whole render; `join_seconds` is what one chunk more costs assemble, `concurrency` how many run at a time."""
    chunks, longest = split(frames, chunk_frames)
    planning = sandbox.cold_seconds + page.plan_seconds
    joining = assemble_seconds(page, frames, sandbox, join_seconds, chunks)
    longest_seconds = chunk_seconds(page, longest, sandbox)
    billed = planning + joining + chunks * chunk_seconds(page, 0, sandbox) + frames * sandbox.frame_seconds(page)
    return Estimate(
        chunks=chunks,
        chunk_frames=longest,
        chunk_seconds=longest_seconds,
        seconds=planning + math.ceil(chunks / concurrency) * longest_seconds + joining,
        usd=cost_usd(billed, chunks, memory_mb(sandbox.vcpus)),
        fits=max(longest_seconds, planning, joining) <= LIMIT_SECONDS - RESERVED_SECONDS,
    )


def cost_usd(billed_seconds: float, chunks: int, memory: int) -> float:
    """The price of an execution with `billed_seconds` over all invocations of a function with `memory` MB."""
    per_second = memory / _MB_PER_GB * USD_PER_GB_SECOND + (STORAGE_GB - _FREE_STORAGE_GB) * USD_PER_STORAGE_GB_SECOND
    return (
        billed_seconds * per_second
        + (chunks + _REQUESTS_BESIDE_CHUNKS) * USD_PER_REQUEST
        + (chunks + _STATES_BESIDE_CHUNKS) * USD_PER_TRANSITION
    )


def longest_chunk_frames(page: Page, sandbox: Sandbox) -> int:
    """The frames of the longest chunk that ends in time."""
    left = LIMIT_SECONDS - RESERVED_SECONDS - chunk_seconds(page, 0, sandbox)
    return max(0, math.floor(left / sandbox.frame_seconds(page)))
