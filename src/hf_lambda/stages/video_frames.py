"""Source video in a chunk: the frames that it shows are extracted while its lanes wait for them."""

import re
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from hf_lambda.capture.server import Resolve
from hf_lambda.deadline import Deadline
from hf_lambda.errors import MISSING_PLAN_ARTIFACT
from hf_lambda.invocation import Invocation
from hf_lambda.media.extraction import Extraction
from hf_lambda.media.source_frames import FrameRun
from hf_lambda.plan.packing import StoredPlan
from hf_lambda.plan.split import Chunk
from hf_lambda.plan.video import needed_runs

_FRAMES_PATH = "__hf_lambda__/frames"
_FRAME_URL = re.compile(rf"{_FRAMES_PATH}/(\d+/\d+\.\w+)")


class ChunkVideos:
    """The source frames of one chunk: which ones each of its frames shows, and their files."""

    def __init__(self, stored: StoredPlan, chunk: Chunk, invocation: Invocation) -> None:
        plan = stored.plan
        self._clips = plan.videos
        self._fps = plan.fps
        self._chunk = chunk
        self._folder = invocation.scratch / "frames"
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
                    self._folder / str(index),
                    deadline=self._deadline,
                )
                for run in needed_runs(clip, chunk.frames, plan.fps)
            ]

    @contextmanager
    def extracting(self, workers: int) -> Iterator[None]:
        """Extract, `workers` runs at a time, while the block lasts; what is left undone then is dropped."""
        executor = ThreadPoolExecutor(workers, thread_name_prefix="extraction")
        try:
            for extraction in self._in_order():
                executor.submit(extraction.work)
            yield
        finally:
            self._deadline.cancel()
            executor.shutdown(cancel_futures=True)

    def pictures(self, frame: int, deadline: Deadline) -> Mapping[str, str]:
        """The URL of the picture of each video that is seen on frame number `frame`, by its render id.

        They are waited for here, as long as `deadline` allows: a page would give up earlier, and blame its scripts.

        Raises:
            HfLambdaError: a picture could not be had; see `Extraction.frame`.
        """
        return {
            self._clips[index].key: f"/{_FRAMES_PATH}/{index}/{extraction.frame(number, deadline).name}"
            for index, number, extraction in self._shown(frame)
        }

    def resolver(self, others: Resolve) -> Resolve:
        """Where the page's files come from: pictures of videos from here, all else from `others`."""

        def resolve(path: str) -> Path | None:
            wanted = _FRAME_URL.fullmatch(path)
            if wanted is None:
                return others(path)
            file = self._folder / wanted[1]
            return file if file.is_file() else None

        return resolve

    def warnings(self) -> list[str]:
        """What is wrong with the files of its videos, known when nothing is extracted any more; one for each video."""
        warnings = []
        for index, extractions in self._extractions.items():
            damages = [extraction.damage for extraction in extractions if extraction.damage is not None]
            if damages:
                clip = self._clips[index]
                name = f"the video {clip.key} ({clip.files[self._chunk.index]})"
                warnings.append(f"{name} is damaged, pictures are missing or wrong: {damages[0]}")
        return warnings

    def _in_order(self) -> Iterable[Extraction]:
        """All extractions, those whose frames are needed first before the others."""
        frames = range(self._chunk.frames.start, self._chunk.frames.stop)
        return dict.fromkeys(extraction for frame in frames for _, _, extraction in self._shown(frame))

    def _shown(self, frame: int) -> Iterator[tuple[int, int, Extraction]]:
        """The videos that are seen on a frame: the index of the clip, the number of its frame, and who extracts it."""
        for index, extractions in self._extractions.items():
            number = self._clips[index].source_frame(frame, self._fps)
            if number is not None:
                yield index, number, next(extraction for extraction in extractions if number in extraction)


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
