"""Source video in the plan: which clips are seen, and the file that each chunk takes their frames from.

A chunk that shows a short part of a long file gets a cut of it, so that neither the plan nor the chunks move or read
the rest.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

from hf_lambda.capture.media_elements import MediaElement
from hf_lambda.deadline import Deadline
from hf_lambda.errors import VIDEO_SOURCE_UNRENDERABLE
from hf_lambda.files import is_file, path_inside
from hf_lambda.invocation import Invocation
from hf_lambda.media.cutting import cut_suffix, cut_video
from hf_lambda.media.probing import MediaFacts
from hf_lambda.media.source_frames import FrameSource, describe_source
from hf_lambda.parallel import run_in_lanes
from hf_lambda.plan.split import Chunk
from hf_lambda.plan.video import VideoClip, needed_runs, needed_seconds, shown_frames
from hf_lambda.stages.media_facts import MediaProber

_CUTS_FOLDER = "__hf_lambda__/cuts"
_SMALL_BYTES = 1 << 18
_WORTHWHILE_SHARE = 0.5


@dataclass(frozen=True)
class PlannedVideos:
    """The clips, and the project's files that no worker needs because only cuts of them are shown."""

    clips: tuple[VideoClip, ...]
    unused_files: frozenset[str]


@dataclass(frozen=True)
class VideoPlanner:
    """Plans the source video of a compiled site. `duration` is the composition's, in seconds."""

    site: Path
    probe: MediaProber
    duration: float
    fps: Fraction
    chunks: tuple[Chunk, ...]
    invocation: Invocation

    def plan(self, elements: Iterable[MediaElement]) -> PlannedVideos:
        """The clips of the videos that are seen at all; cuts are written into the site, several at a time.

        Raises:
            VIDEO_SOURCE_UNRENDERABLE: one of them has no file in the project, or none that has the pictures to show.
        """
        videos = [element for element in elements if element.kind == "video" and element.source and not element.hidden]
        found = [self._find_clip(index, element) for index, element in enumerate(videos)]
        seen = [clip for clip in found if clip is not None]
        invocation = self.invocation
        files = run_in_lanes(
            [(clip, chunk) for clip in seen for chunk in self.chunks],
            lambda piece, deadline: self._file(*piece, deadline),
            lanes=invocation.settings.lanes,
            deadline=invocation.deadline,
        )
        count = len(self.chunks)
        clips = tuple(
            replace(clip.clip, files=tuple(files[number * count : (number + 1) * count]))
            for number, clip in enumerate(seen)
        )
        sources = {element.source for element in videos if element.source is not None}
        return PlannedVideos(clips, frozenset(sources - set(files)))

    def _find_clip(self, index: int, element: MediaElement) -> "_FoundClip | None":
        total = self.chunks[-1].frames.stop
        shown = shown_frames(element.start, element.stop, duration=self.duration, fps=self.fps, total_frames=total)
        if not len(shown):
            return None
        assert element.source is not None
        facts, source = self._check_source(element)
        clip = VideoClip(
            key=element.key,
            source=source,
            files=(),
            shown=shown,
            origin=element.origin,
            media_start=element.media_start,
            rate=element.rate,
            loop=element.loop,
        )
        return _FoundClip(index, element.source, facts, clip)

    def _file(self, found: "_FoundClip", chunk: Chunk, deadline: Deadline) -> str | None:
        """What the chunk takes the clip's frames from: a cut, or the whole file; None where it shows none."""
        clip, facts = found.clip, found.facts
        runs = needed_runs(clip, chunk.frames, self.fps)
        if not runs:
            return None
        assert facts.video is not None
        file = self.site / found.file
        span = needed_seconds(clip, runs, self.fps)
        wanted = span[1] - span[0] + 4 * clip.source.lead
        if file.stat().st_size <= _SMALL_BYTES or wanted > clip.source.length * _WORTHWHILE_SHARE:
            return found.file
        name = f"{_CUTS_FOLDER}/{found.index}-{chunk.index}{cut_suffix(facts.container, facts.video.codec)}"
        output = self.site / name
        output.parent.mkdir(parents=True, exist_ok=True)
        tools = self.invocation.toolchain
        if cut_video(tools.ffmpeg, tools.ffprobe, file, clip.source, span, output, deadline=deadline):
            return name
        output.unlink(missing_ok=True)
        return found.file

    def _check_source(self, element: MediaElement) -> tuple[MediaFacts, FrameSource]:
        name = f"the video {element.key} ({element.source})"
        assert element.source is not None
        if ":" in element.source.split("/")[0]:
            raise VIDEO_SOURCE_UNRENDERABLE(f"{name} is not in the project")
        path = path_inside(self.site, element.source)
        if path is None or not is_file(path):
            raise VIDEO_SOURCE_UNRENDERABLE(f"{name} does not exist")
        facts = self.probe(path)
        if facts is None:
            raise VIDEO_SOURCE_UNRENDERABLE(f"{name} cannot be read")
        source = describe_source(facts)
        if source is None:
            raise VIDEO_SOURCE_UNRENDERABLE(f"{name} has no pictures, or does not say how long they last")
        if element.media_start >= source.length:
            raise VIDEO_SOURCE_UNRENDERABLE(
                f"{name} should begin at {element.media_start:g} s, but its pictures end at {source.length:g} s"
            )
        return facts, source


@dataclass(frozen=True)
class _FoundClip:
    """A clip that is seen, before its files are known."""

    index: int
    file: str
    """The source, as a path of the site."""
    facts: MediaFacts
    clip: VideoClip
