"""What the benchmark remembers: figures as JSON, so that page and plots can be written again without measuring."""

import statistics
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeVar

import msgspec

from bench.provenance import Provenance
from bench.renders import Render

Kind = TypeVar("Kind")


class Named(Protocol):
    """What was measured of something with a name."""

    @property
    def name(self) -> str:
        """The name, unique among its like."""


NamedRecord = TypeVar("NamedRecord", bound=Named)


@dataclass(frozen=True)
class Subject:
    """What was compared; figures of different subjects are never shown side by side."""

    our_version: str
    original_version: str
    node_version: str
    chromium_version: str
    ffmpeg_version: str


@dataclass(frozen=True)
class Run:
    """What one counted render used and made."""

    wall_seconds: float
    cpu_seconds: float
    peak_bytes: int
    file_bytes: int
    part_seconds: Mapping[str, float]
    """Where the time went, as the renderer says: parts of our work, added up over lanes; the original's stages."""


@dataclass(frozen=True)
class Loss:
    """How far a video's pictures are from the lossless ones, in dB."""

    pooled_db: float
    worst_db: float


@dataclass(frozen=True)
class Pairs:
    """Runs of both renderers on the same job, in the order in which they ran: ours and the original's in turn."""

    ours: Sequence[Run]
    original: Sequence[Run]

    def medians(self, value: Callable[[Run], float]) -> tuple[float, float]:
        """Of our runs, of the original's."""
        return statistics.median(map(value, self.ours)), statistics.median(map(value, self.original))

    def ratio(self, value: Callable[[Run], float]) -> float:
        """The median of the original's figure over ours, pair by pair: the machine's moods concern both of a pair."""
        pairs = zip(self.ours, self.original, strict=True)
        return statistics.median(value(original) / value(ours) for ours, original in pairs)


@dataclass(frozen=True)
class CaseRecord(Pairs):
    """Everything about one composition."""

    name: str
    title: str
    size: str
    fps: str
    frames: int
    crf: int
    provenance: Provenance
    trial_seconds: Mapping[str, float]
    """Wall clock of the original by its setting of workers, once each."""
    workers: str
    """The setting of its counted runs."""
    original_capture: str
    our_loss: Loss
    original_loss: Loss


@dataclass(frozen=True)
class SuiteRecord:
    """The suite's figures."""

    subject: Subject
    self_check: str
    cases: Sequence[CaseRecord]

    def with_case(self, measured: CaseRecord) -> "SuiteRecord":
        """The same with the case measured anew, or for the first time."""
        return SuiteRecord(self.subject, self.self_check, with_measured(self.cases, measured))


def with_measured(known: Sequence[NamedRecord], measured: NamedRecord) -> list[NamedRecord]:
    """The same, by name, with one measured anew, or for the first time."""
    others = [record for record in known if record.name != measured.name]
    return sorted([*others, measured], key=lambda record: record.name)


def median_parts(runs: Sequence[Run]) -> dict[str, float]:
    """The median of each part, in the order of the work."""
    parts = dict.fromkeys(part for run in runs for part in run.part_seconds)
    return {part: statistics.median(run.part_seconds.get(part, 0.0) for run in runs) for part in parts}


def run_record(render: Render, part_seconds: Mapping[str, float]) -> Run:
    """A render's figures."""
    used = render.measurement
    return Run(
        wall_seconds=round(used.wall_seconds, 3),
        cpu_seconds=round(used.cpu_seconds, 3),
        peak_bytes=used.peak_bytes,
        file_bytes=render.size_bytes,
        part_seconds=dict(part_seconds),
    )


def load_record(kind: type[Kind], path: Path) -> Kind | None:
    """The record in the file, or None where nothing was measured yet, or not what is measured now."""
    if not path.is_file():
        return None
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except msgspec.DecodeError as error:
        print(f"{path.name} is of another time and left out: {error}", file=sys.stderr)
        return None


def save_record(record: object, path: Path) -> None:
    """Write the record, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".part")
    unfinished.write_bytes(msgspec.json.format(msgspec.json.encode(record), indent=1) + b"\n")
    unfinished.replace(path)
