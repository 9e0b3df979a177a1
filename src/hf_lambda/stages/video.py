"""Source video: the plan finds the clips that are seen, a chunk extracts the frames that it shows."""

import re
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path

from hf_lambda.capture.media_elements import MediaElement
from hf_lambda.capture.server import Resolve
from hf_lambda.errors import MISSING_PLAN_ARTIFACT, VIDEO_SOURCE_UNRENDERABLE
from hf_lambda.invocation import Invocation
from hf_lambda.media.extraction import Extraction
from hf_lambda.media.source_frames import FrameRun, FrameSource, describe_source
from hf_lambda.plan.packing import StoredPlan
from hf_lambda.plan.split import Chunk
from hf_lambda.plan.video import VideoClip, needed_runs, shown_frames
from hf_lambda.stages.media_facts import MediaProber

_FRAMES_PATH = "__hf_lambda__/frames"
_FRAME_URL = re.compile(rf"{_FRAMES_PATH}/(\d+)/(\d+)")
_REMOTE = re.compile(r"[a-zA-Z][a-zA-Z\d+.-]*:")


def plan_videos(
    elements: Iterable[MediaElement],
    site: Path,
    probe: MediaProber,
    *,
    duration: float,
    fps: Fraction,
    chunks: tuple[Chunk, ...],
) -> tuple[VideoClip, ...]:
    """The clips of the videos that are seen at all.

    Raises:
        VIDEO_SOURCE_UNRENDERABLE: one of them has no file in the project, or none that has the pictures to show.
    """
    total = chunks[-1].frames.stop
    clips = []
    for element in elements:
        if element.kind != "video" or element.hidden or element.source is None:
            continue
        shown = shown_frames(element.start, element.stop, duration=duration, fps=fps, total_frames=total)
        if not len(shown):
            continue
        clip = VideoClip(
            key=element.key,
            source=_check_source(element, site, probe),
            files=(),
            shown=shown,
            origin=element.origin,
            media_start=element.media_start,
            rate=element.rate,
            loop=element.loop,
        )
        files = tuple(element.source if needed_runs(clip, chunk.frames, fps) else None for chunk in chunks)
        clips.append(VideoClip(**{**vars(clip), "files": files}))
    return tuple(clips)


def _check_source(element: MediaElement, site: Path, probe: MediaProber) -> FrameSource:
    name = f"the video {element.key} ({element.source})"
    assert element.source is not None
    if _REMOTE.match(element.source):
        raise VIDEO_SOURCE_UNRENDERABLE(f"{name} is not in the project")
    path = site / element.source
    facts = probe(path)
    if facts is None:
        raise VIDEO_SOURCE_UNRENDERABLE(f"{name} {'cannot be read' if path.is_file() else 'does not exist'}")
    source = describe_source(facts)
    if source is None:
        raise VIDEO_SOURCE_UNRENDERABLE(f"{name} has no pictures, or does not say how long they last")
    if element.media_start >= source.length:
        raise VIDEO_SOURCE_UNRENDERABLE(
            f"{name} should begin at {element.media_start:g} s, but its pictures end at {source.length:g} s"
        )
    return source


class ChunkVideos:
    """The source frames of one chunk: which ones each of its frames shows, and their files."""

    def __init__(self, stored: StoredPlan, chunk: Chunk, invocation: Invocation) -> None:
        plan = stored.plan
        self._clips = plan.videos
        self._fps = plan.fps
        self._deadline = invocation.deadline.within()
        self._extractions: dict[int, list[Extraction]] = {}
        for index, clip in enumerate(plan.videos):
            file = clip.files[chunk.index]
            if file is None:
                continue
            self._extractions[index] = [
                Extraction(
                    invocation.toolchain.ffmpeg,
                    _Fetch(stored, file),
                    FrameRun(clip.source, clip.media_start, plan.fps, run.start, run.stop),
                    invocation.scratch / "frames" / str(index),
                    deadline=self._deadline,
                )
                for run in needed_runs(clip, chunk.frames, plan.fps)
            ]

    @contextmanager
    def extracting(self, workers: int) -> Iterator[None]:
        """Extract, `workers` runs at a time, while the block lasts; what is left undone then is dropped."""
        executor = ThreadPoolExecutor(workers, thread_name_prefix="extraction")
        try:
            for extractions in self._extractions.values():
                for extraction in extractions:
                    executor.submit(extraction.work)
            yield
        finally:
            self._deadline.cancel()
            executor.shutdown(cancel_futures=True)

    def pictures(self, frame: int) -> Mapping[str, str]:
        """The URL of the picture of each video that is seen on frame number `frame`, by its render id."""
        found = {index: self._clips[index].source_frame(frame, self._fps) for index in self._extractions}
        return {
            self._clips[index].key: f"/{_FRAMES_PATH}/{index}/{number}"
            for index, number in found.items()
            if number is not None
        }

    def resolver(self, others: Resolve) -> Resolve:
        """Where the page's files come from: pictures of videos from here, all else from `others`."""

        def resolve(path: str) -> Path | None:
            wanted = _FRAME_URL.fullmatch(path)
            if wanted is None:
                return others(path)
            index, number = map(int, wanted.groups())
            runs = [extraction for extraction in self._extractions.get(index, []) if number in extraction]
            return runs[0].frame(number) if runs else None

        return resolve


class _Fetch:
    """Fetches a file of a plan when it is called."""

    def __init__(self, stored: StoredPlan, path: str) -> None:
        self._stored = stored
        self._path = path

    def __call__(self) -> Path:
        file = self._stored.file(self._path)
        if file is None:
            raise MISSING_PLAN_ARTIFACT(f"the plan lacks the video {self._path}")
        return file
