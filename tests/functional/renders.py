"""Runs renders for tests and reads what came out."""

import hashlib
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from hf_lambda.deadline import Deadline
from hf_lambda.handler import handler
from hf_lambda.invocation import NoObserver
from hf_lambda.local.context import LocalContext
from hf_lambda.local.engine import LocalObserver, RenderSummary, render_project
from hf_lambda.settings import Settings
from hf_lambda.storage.folder import folder_uri
from hf_lambda.toolchain import Toolchain


@dataclass
class FrameDigests(LocalObserver):
    """Remembers the digest of every picture that was handed to an encoder."""

    digests: dict[int, str] = field(default_factory=dict)

    def stage_started(self, stage: str) -> None:
        """Nothing."""

    def planned(self, plan: dict[str, Any]) -> None:
        """Nothing."""

    def frame_captured(self, frame: int, picture: bytes | memoryview) -> None:
        """Remember the picture."""
        self.digests[frame] = hashlib.sha256(picture).hexdigest()


@dataclass(frozen=True)
class Rendered:
    """One render: its summary, and the digests of its pictures in the order of frames."""

    summary: RenderSummary
    pictures: list[str]


def render(project: Path, work: Path, settings: Settings, **config: Any) -> Rendered:
    """Render `project` below `work`, keeping plan and chunks there."""
    observer = FrameDigests()
    suffix = {"mov": ".mov", "webm": ".webm", "png-sequence": ".tar"}.get(config.get("format", ""), ".mp4")
    summary = render_project(
        project,
        work / f"out{suffix}",
        {"fps": 30, "quality": "draft", **config},
        settings=settings,
        deadline=Deadline(600),
        observer=observer,
        keep=work / "kept",
        keeps_browsers=True,
    )
    return Rendered(summary, [observer.digests[frame] for frame in sorted(observer.digests)])


def plan(source: Path, folder: Path, settings: Settings, **config: Any) -> dict[str, Any]:
    """The result of planning a project, which is a folder or an archive; what is stored lies in `folder`."""
    request = {"ProjectS3Uri": folder_uri(source), "PlanOutputS3Prefix": folder_uri(folder), "Config": config}
    return handler({"Action": "plan", **request}, LocalContext(settings, Deadline(60), NoObserver()))


def chunk_files(work: Path) -> list[Path]:
    """The chunks that a render kept, in order."""
    return sorted((work / "kept" / "chunks").rglob("[0-9]*.*"))


def decoded_frames(toolchain: Toolchain, video: Path, width: int, height: int) -> Iterator[npt.NDArray[np.uint8]]:
    """Every frame of a video as (height, width, 3) RGB, decoded with the colours that its tags declare."""
    argv = [
        *(str(toolchain.ffmpeg), "-v", "error", "-i", str(video)),
        *("-vf", "scale=in_color_matrix=bt709:in_range=tv:flags=accurate_rnd+full_chroma_int"),
        *("-fps_mode", "passthrough", "-f", "rawvideo", "-pix_fmt", "rgb24", "-"),
    ]
    raw = subprocess.run(argv, capture_output=True, check=True).stdout
    return iter(np.frombuffer(raw, np.uint8).reshape(-1, height, width, 3))
