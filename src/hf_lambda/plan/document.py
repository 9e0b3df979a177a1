"""The plan document: the frozen value that render-chunk and assemble work from, and its hash."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from fractions import Fraction
from typing import Any

from hf_lambda import __version__
from hf_lambda.capture.page_scripts import page_scripts_source
from hf_lambda.capture.shutter import CaptureMode, PictureFormat
from hf_lambda.config import format_fps, parse_fps
from hf_lambda.errors import (
    CHUNK_INDEX_OUT_OF_RANGE,
    FFMPEG_VERSION_MISMATCH,
    INVALID_EVENT,
    PLAN_HASH_MISMATCH,
    TOOLCHAIN_MISMATCH,
)
from hf_lambda.hashing import json_sha256
from hf_lambda.media.recipes.recipe import EncoderRecipe
from hf_lambda.plan.split import Chunk, FrameRange
from hf_lambda.plan.video import VideoClip
from hf_lambda.toolchain import Toolchain

SCHEMA = 1


@dataclass(frozen=True)
class PlanFile:
    """One file that the page may ask for; a blob lies in storage by its digest, others in the plan archive."""

    sha256: str
    size_bytes: int
    is_blob: bool


@dataclass(frozen=True)
class Plan:
    """Everything that decides the pictures and their encoding. No URIs, times or host facts.

    `width` and `height` are the output's pixels, `scale` how many of them make a CSS pixel of the composition.
    """

    entry_file: str
    width: int
    height: int
    scale: int
    fps: Fraction
    total_frames: int
    variables: dict[str, Any]
    format: str
    cfr: bool
    chunks: tuple[Chunk, ...]
    recipe: EncoderRecipe
    picture: PictureFormat
    capture_mode: CaptureMode
    chromium_flags: tuple[str, ...]
    files: Mapping[str, PlanFile]
    tools: Mapping[str, str]
    videos: tuple[VideoClip, ...] = ()
    audio_sha256: str | None = None
    """Digest of the encoded sound, which lies beside the plan; None where there is none."""

    @property
    def duration_seconds(self) -> Fraction:
        """Exact length of the video."""
        return self.total_frames / self.fps

    def chunk(self, index: int) -> Chunk:
        """Chunk number `index`.

        Raises:
            CHUNK_INDEX_OUT_OF_RANGE: there is none.
        """
        if not 0 <= index < len(self.chunks):
            raise CHUNK_INDEX_OUT_OF_RANGE(f"chunk {index} of a plan with {len(self.chunks)} chunks")
        return self.chunks[index]

    def check_format(self, requested: str) -> None:
        """Refuse a request that was made for another plan.

        Raises:
            INVALID_EVENT: its format is not the plan's.
        """
        if requested != self.format:
            raise INVALID_EVENT(f"Format is {requested}, but the plan's is {self.format}")

    def hash(self) -> str:
        """SHA-256 of the canonical JSON of the document."""
        return json_sha256(self.to_json())

    def to_json(self) -> dict[str, Any]:
        """The document as JSON values."""
        return {
            "schema": SCHEMA,
            "entryFile": self.entry_file,
            "width": self.width,
            "height": self.height,
            "scale": self.scale,
            "fps": format_fps(self.fps),
            "totalFrames": self.total_frames,
            "variables": self.variables,
            "format": self.format,
            "cfr": self.cfr,
            "chunks": [[[part.start, part.stop] for part in chunk.segments] for chunk in self.chunks],
            "recipe": self.recipe.to_json(),
            "picture": asdict(self.picture),
            "captureMode": self.capture_mode,
            "chromiumFlags": list(self.chromium_flags),
            "files": {
                path: {"sha256": file.sha256, "sizeBytes": file.size_bytes, "isBlob": file.is_blob}
                for path, file in self.files.items()
            },
            "tools": dict(self.tools),
            "videos": [clip.to_json() for clip in self.videos],
            "audioSha256": self.audio_sha256,
        }

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "Plan":
        """The plan from `to_json`.

        Raises:
            PLAN_HASH_MISMATCH: the document is not one of this version.
        """
        if values.get("schema") != SCHEMA:
            raise PLAN_HASH_MISMATCH(f"the plan has schema {values.get('schema')!r}, this worker reads {SCHEMA}")
        return cls(
            entry_file=values["entryFile"],
            width=values["width"],
            height=values["height"],
            scale=values["scale"],
            fps=parse_fps(values["fps"]),
            total_frames=values["totalFrames"],
            variables=values["variables"],
            format=values["format"],
            cfr=values["cfr"],
            chunks=tuple(
                Chunk(index, tuple(FrameRange(*part) for part in parts)) for index, parts in enumerate(values["chunks"])
            ),
            recipe=EncoderRecipe.from_json(values["recipe"]),
            picture=PictureFormat(**values["picture"]),
            capture_mode=values["captureMode"],
            chromium_flags=tuple(values["chromiumFlags"]),
            files={
                path: PlanFile(file["sha256"], file["sizeBytes"], file["isBlob"])
                for path, file in values["files"].items()
            },
            tools=dict(values["tools"]),
            videos=tuple(VideoClip.from_json(clip) for clip in values["videos"]),
            audio_sha256=values["audioSha256"],
        )


def tool_identities(toolchain: Toolchain) -> dict[str, str]:
    """What exactly draws and encodes on this worker, name by name."""
    return {
        **{name: f"{toolchain.versions[name]} {digest}" for name, digest in sorted(toolchain.digests.items())},
        "producer": __version__,
        "pageScripts": json_sha256(page_scripts_source()),
    }


def check_tools(plan: Plan, toolchain: Toolchain) -> None:
    """Refuse to work with other tools than the plan was made with.

    Raises:
        FFMPEG_VERSION_MISMATCH, TOOLCHAIN_MISMATCH: the first tool that differs.
    """
    ours = tool_identities(toolchain)
    for name in sorted(plan.tools.keys() | ours.keys()):
        expected, actual = plan.tools.get(name), ours.get(name)
        if expected != actual:
            error = FFMPEG_VERSION_MISMATCH if name == "ffmpeg" else TOOLCHAIN_MISMATCH
            raise error(f"{name} is {actual} here, the plan was made with {expected}")
