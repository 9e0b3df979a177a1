"""A project is planned from its folder as from its archive, and its author finds it as it was."""

from pathlib import Path

import pytest

from hf_lambda.composition.archive import pack_project
from hf_lambda.settings import Settings
from hf_lambda.toolchain import Toolchain
from tests.functional.projects import write_project
from tests.functional.renders import plan, render
from tests.functional.source_videos import write_video

pytestmark = pytest.mark.browser


@pytest.fixture
def project(tmp_path: Path, toolchain: Toolchain) -> Path:
    """A project with a source video, a picture, and a sub-composition that is mounted into its page."""
    folder = tmp_path / "project"
    body = """
      <video id="film" src="film.mp4" data-start="0" data-duration="0.2" muted></video>
      <img src="dot.png"><div data-composition-id="inner" data-composition-src="inner.html"></div>
    """
    write_project(folder, body, duration=0.2)
    (folder / "inner.html").write_text('<template><div data-composition-id="inner">inner</div></template>')
    (folder / "dot.png").write_bytes((Path(__file__).parent / "dot.png").read_bytes())
    write_video(toolchain, folder / "film.mp4", 6)
    return folder


def test_folder_and_archive_give_one_plan(project: Path, tmp_path: Path, session_settings: Settings) -> None:
    """What a laptop plans from a folder is what Lambda plans from its archive."""
    pack_project(project, tmp_path / "project.tar.gz")
    from_archive = plan(tmp_path / "project.tar.gz", tmp_path / "one", session_settings, fps=30)
    from_folder = plan(project, tmp_path / "other", session_settings, fps=30)
    assert from_folder["PlanHash"] == from_archive["PlanHash"]


def test_render_leaves_the_project_alone(project: Path, tmp_path: Path, session_settings: Settings) -> None:
    """Its files have the bytes and the times that they had, and no name more than they had."""

    def facts() -> dict[str, tuple[bytes, int, int]]:
        stats = {path: path.stat() for path in project.rglob("*") if path.is_file()}
        return {path.name: (path.read_bytes(), stat.st_mtime_ns, stat.st_nlink) for path, stat in stats.items()}

    before = facts()
    assert render(project, tmp_path / "work", session_settings).summary.assembled["FramesEncoded"] == 6
    assert facts() == before
