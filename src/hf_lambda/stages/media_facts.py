"""Looks into the media files of a project, each once, and tells pages what it saw."""

import json
from pathlib import Path

from hf_lambda.composition.media import page_facts
from hf_lambda.errors import MEDIA_UNREADABLE
from hf_lambda.files import path_inside
from hf_lambda.invocation import Invocation
from hf_lambda.media.probing import MediaFacts, probe_media

_FACTS_PATH = "__hf_lambda__/media/"
_SUFFIX = ".json"


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


def write_page_facts(path: str, site: Path, probe: MediaProber) -> Path | None:
    """The file that a page asks for when a script of it takes a media file that its markup does not name.

    It is written into the site, so that the pages of every worker find it there.
    """
    if not path.startswith(_FACTS_PATH) or not path.endswith(_SUFFIX):
        return None
    source = path_inside(site, path.removeprefix(_FACTS_PATH).removesuffix(_SUFFIX))
    facts = None if source is None else probe(source)
    if facts is None:
        return None
    file = site / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(page_facts(facts)), encoding="utf-8")
    return file
