"""Looks into the media files of a project, each once."""

from pathlib import Path

from hf_lambda.errors import MEDIA_UNREADABLE
from hf_lambda.invocation import Invocation
from hf_lambda.media.probing import MediaFacts, probe_media


class MediaProber:
    """Facts about files, remembered for the length of an invocation."""

    def __init__(self, invocation: Invocation) -> None:
        self._invocation = invocation
        self._known: dict[Path, MediaFacts | None] = {}

    def __call__(self, path: Path) -> MediaFacts | None:
        """The facts of `path`, or None where it is missing or no media."""
        if path not in self._known:
            self._known[path] = self._probe(path)
        return self._known[path]

    def _probe(self, path: Path) -> MediaFacts | None:
        try:
            if not path.is_file():
                return None
        except OSError:
            return None  # a name that no disk can hold
        try:
            return probe_media(self._invocation.toolchain.ffprobe, path, deadline=self._invocation.deadline)
        except MEDIA_UNREADABLE:
            return None
