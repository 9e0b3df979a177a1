"""Source video in a chunk: the frames that it shows are extracted while its pages wait for them."""

import re
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from hf_lambda.capture.server import Resolve
from hf_lambda.errors import MISSING_PLAN_ARTIFACT
from hf_lambda.invocation import Invocation
from hf_lambda.media.extraction import Extraction
from hf_lambda.media.source_frames import FrameRun
from hf_lambda.plan.packing import StoredPlan
from hf_lambda.plan.split import Chunk
from hf_lambda.plan.video import needed_runs

_FRAMES_PATH = "__hf_lambda__/frames"
_FRAME_URL = re.compile(rf"{_FRAMES_PATH}/(\d+)/(\d+)")


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
