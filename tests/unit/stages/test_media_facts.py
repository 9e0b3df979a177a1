"""What a page may ask of media files."""

from pathlib import Path

from hf_lambda.media.probing import MediaFacts
from hf_lambda.stages.media_facts import MediaProber, write_page_facts


class WellRead(MediaProber):
    """Knows every file."""

    def __init__(self) -> None:
        """Needs no tools for it."""

    def __call__(self, path: Path) -> MediaFacts:
        """The same facts of each."""
        return MediaFacts("mp4", 0.0, 1.0, None, None)


def test_pages_are_told_of_files_of_the_project_only(tmp_path: Path) -> None:
    """An address that means a file elsewhere on the worker is that of none."""
    file = write_page_facts("__hf_lambda__/media/a.mp4.json", tmp_path, WellRead())
    assert file is not None
    assert file.read_text() == '{"width": 0, "height": 0}'
    assert write_page_facts("__hf_lambda__/media//etc/a.mp4.json", tmp_path, WellRead()) is None
    assert write_page_facts("__hf_lambda__/media/../a.mp4.json", tmp_path, WellRead()) is None
