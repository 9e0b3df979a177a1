"""Whatever goes wrong ends in an error of the table and leaves nothing behind."""

import dataclasses
import shutil
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hf_lambda import errors
from hf_lambda.deadline import Deadline
from hf_lambda.handler import browser_pool, handler
from hf_lambda.invocation import NoObserver, Observer
from hf_lambda.local.context import LocalContext
from hf_lambda.local.engine import render_project
from hf_lambda.settings import Settings
from hf_lambda.stages.page_probe import PageProbe
from hf_lambda.storage.folder import folder_uri
from tests.functional.leftovers import assert_nothing_left, children
from tests.functional.projects import EMPTY_TIMELINE, write_numbered_project, write_project
from tests.functional.renders import FrameDigests, chunk_files, render

pytestmark = pytest.mark.browser

MOVING_BOX = """
  const tl = gsap.timeline({ paused: true });
  tl.to("#box", { x: 200, duration: 1 });
  window.__timelines["main"] = tl;
"""
BOX = '<div id="box" style="width:50px;height:50px;background:#fff"></div>'


class AtFrame(NoObserver):
    """Does something once, when a frame was captured."""

    def __init__(self, frame: int, act: Callable[[], object]) -> None:
        self._frame = frame
        self._act = act

    def frame_captured(self, frame: int, picture: bytes | memoryview) -> None:
        """Act at the frame, once."""
        if frame == self._frame:
            self._frame = -1
            self._act()


def _render_expecting(error: type[Exception], project: Path, settings: Settings, tmp_path: Path, **config: Any) -> str:
    output = tmp_path / "out.mp4"
    with pytest.raises(error) as caught:
        render_project(
            project, output, config, settings=settings, deadline=Deadline(120), observer=FrameDigests(), keep=None
        )
    assert not output.exists()
    assert_nothing_left(settings)
    return str(caught.value)


@pytest.mark.parametrize(
    ("error", "changes"),
    [
        (errors.COMPOSITION_SIZE_OUT_OF_RANGE, {"width": 321}),
        (errors.COMPOSITION_SIZE_OUT_OF_RANGE, {"height": 8}),
        (errors.DISTRIBUTED_DURATION_OUT_OF_RANGE, {"duration": None}),
        (errors.DISTRIBUTED_DURATION_OUT_OF_RANGE, {"duration": 0}),
        (errors.DISTRIBUTED_DURATION_OUT_OF_RANGE, {"duration": 100_000}),
        (errors.PAGE_SCRIPT_ERROR, {"script": f"{EMPTY_TIMELINE} throw new Error('boom');"}),
        (errors.PAGE_SCRIPT_ERROR, {"script": f"{EMPTY_TIMELINE} nonsense("}),
        (errors.EMPTY_COMPOSITION, {"body": '<div data-composition-id="a" data-composition-src="gone.html"></div>'}),
    ],
)
def test_a_broken_composition_is_refused_by_name(
    error: type[errors.HfLambdaError], changes: dict[str, Any], fresh_settings: Settings, tmp_path: Path
) -> None:
    """Odd sizes, durations that cannot be, scripts that throw and missing files each have their own error."""
    project = write_project(tmp_path / "project", **{"body": BOX, **changes})
    _render_expecting(error, project, fresh_settings, tmp_path)


def test_an_endless_composition_is_refused(fresh_settings: Settings, tmp_path: Path) -> None:
    """A timeline that repeats forever has no duration to render."""
    script = """
      const tl = gsap.timeline({ paused: true });
      tl.to("#box", { x: 100, duration: 1, repeat: -1 });
      window.__timelines["main"] = tl;
    """
    project = write_project(tmp_path / "project", BOX, script=script, duration=None)
    _render_expecting(errors.DISTRIBUTED_DURATION_OUT_OF_RANGE, project, fresh_settings, tmp_path)


def test_a_project_without_entry_or_root_is_refused(fresh_settings: Settings, tmp_path: Path) -> None:
    """No index.html, no composition root, no folder: each says what is missing."""
    empty = tmp_path / "empty"
    empty.mkdir()
    assert "index.html" in _render_expecting(errors.ENTRY_FILE_NOT_FOUND, empty, fresh_settings, tmp_path)
    (empty / "index.html").write_text("<!doctype html><p>hello")
    _render_expecting(errors.COMPOSITION_ROOT_MISSING, empty, fresh_settings, tmp_path)
    _render_expecting(errors.PROJECT_NOT_FOUND, tmp_path / "nowhere", fresh_settings, tmp_path)


@pytest.mark.parametrize(
    ("script", "named"),
    [
        (f"{EMPTY_TIMELINE} window.__tailwindReady = new Promise(() => {{}});", "Tailwind"),
        (f"{EMPTY_TIMELINE} for (;;);", "did not answer"),
    ],
)
def test_a_page_that_never_gets_ready_is_named(
    script: str, named: str, fresh_settings: Settings, tmp_path: Path
) -> None:
    """A promise that never settles and a script that never ends are both found in time."""
    settings = dataclasses.replace(fresh_settings, page_ready_seconds=2)
    project = write_project(tmp_path / "project", BOX, script=script)
    assert named in _render_expecting(errors.PAGE_NOT_READY, project, settings, tmp_path)


def test_a_page_that_leaves_while_a_frame_is_made_is_an_error(fresh_settings: Settings, tmp_path: Path) -> None:
    """A page that leaves its document at some frame ends the render."""
    script = """
      const tl = gsap.timeline({ paused: true });
      tl.to("#box", { x: 100, duration: 1, onUpdate() { if (tl.time() > 0.5) location.reload(); } });
      window.__timelines["main"] = tl;
    """
    project = write_project(tmp_path / "project", BOX, script=script)
    _render_expecting(errors.PAGE_NAVIGATED, project, fresh_settings, tmp_path)


def test_script_errors_are_warnings_on_request(session_settings: Settings, tmp_path: Path) -> None:
    """With strictness best-effort the video is made, and the plan's result carries the warning."""
    project = write_project(
        tmp_path / "project", BOX, script=f"{EMPTY_TIMELINE} throw new Error('boom');", duration=0.2
    )
    summary = render(project, tmp_path, session_settings, strictness="best-effort").summary
    assert any("boom" in warning for warning in summary.plan["Warnings"])
    assert summary.assembled["FramesEncoded"] == 6


def test_script_errors_that_the_plan_did_not_see_are_warnings(session_settings: Settings, tmp_path: Path) -> None:
    """What is thrown beside a frame that the plan did not look at is told by the chunk, once."""
    script = """
      const tl = gsap.timeline({ paused: true });
      const update = () => { if (Math.round(tl.time() * 30) === 7) Promise.reject(new Error("late")); };
      tl.to("#box", { x: 100, duration: 1, onUpdate: update });
      window.__timelines["main"] = tl;
    """
    project = write_project(tmp_path / "project", BOX, script=script)
    summary = render(project, tmp_path, session_settings, chunkSize=15).summary
    assert not any("late" in warning for warning in summary.plan["Warnings"])
    first, second = (chunk["Warnings"] for chunk in summary.chunks)
    assert [warning.partition(" (")[0] for warning in first] == ["Error: late"]
    assert second == []


def test_a_rejection_that_is_handled_late_is_no_error(session_settings: Settings, tmp_path: Path) -> None:
    """A page may look after a failed promise when something else has come."""
    script = f"""
      {EMPTY_TIMELINE}
      const failed = Promise.reject(new Error("boom"));
      fetch("index.html").then(() => failed.catch(() => {{}}));
    """
    project = write_project(tmp_path / "project", BOX, script=script, duration=0.2)
    assert render(project, tmp_path, session_settings).summary.plan["Warnings"] == []


def test_a_file_that_the_plan_cannot_send_ends_it(
    fresh_settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page that lacks a picture because the machine is short of something is not planned without it."""
    find = PageProbe._find

    def find_but_one(probe: PageProbe, path: str) -> Path | None:
        if path == "dot.png":
            raise RuntimeError("can't start new thread")
        return find(probe, path)

    monkeypatch.setattr(PageProbe, "_find", find_but_one)
    project = write_project(tmp_path / "project", '<img src="dot.png">')
    shutil.copyfile(Path(__file__).with_name("dot.png"), project / "dot.png")
    said = _render_expecting(errors.STORAGE_UNAVAILABLE, project, fresh_settings, tmp_path)
    assert "dot.png could not be sent: can't start new thread" in said


# --- plans in storage ------------------------------------------------------------------------------


@dataclasses.dataclass(frozen=True)
class _Planned:
    """A rendered project whose plan and chunks are still in storage."""

    folder: Path
    plan: dict[str, Any]

    def chunk_event(self, **changes: Any) -> dict[str, Any]:
        """The event that renders chunk 0."""
        return {
            "Action": "render-chunk",
            "PlanS3Uri": self.plan["PlanS3Uri"],
            "PlanHash": self.plan["PlanHash"],
            "ChunkIndex": 0,
            "ChunkOutputS3Prefix": folder_uri(self.folder),
            "Format": "mp4",
            **changes,
        }

    def assemble_event(self, chunk_uris: list[str]) -> dict[str, Any]:
        """The event that assembles `chunk_uris`."""
        return {
            "Action": "assemble",
            "PlanS3Uri": self.plan["PlanS3Uri"],
            "PlanHash": self.plan["PlanHash"],
            "ChunkS3Uris": chunk_uris,
            "AudioS3Uri": None,
            "OutputS3Uri": folder_uri(self.folder / "final.mp4"),
            "Format": "mp4",
        }


@pytest.fixture
def planned(tmp_path: Path, fresh_settings: Settings) -> _Planned:
    """A project with a picture (a blob), planned and rendered in two chunks of one second."""
    project = write_numbered_project(tmp_path / "project", fps=30, duration=2)
    shutil.copyfile(Path(__file__).with_name("dot.png"), project / "dot.png")
    html = (project / "index.html").read_text().replace("</body>", '<img src="dot.png"></body>')
    (project / "index.html").write_text(html)
    summary = render(project, tmp_path / "work", fresh_settings, chunkSize=30, segmentFrames=15).summary
    browser_pool(fresh_settings).close()
    return _Planned(tmp_path / "work" / "kept", summary.plan)


def _invoke(event: dict[str, Any], settings: Settings, observer: Observer | None = None) -> dict[str, Any]:
    return handler(event, LocalContext(settings, Deadline(120), observer or NoObserver()))


def _forget_chunks(planned: _Planned) -> None:
    shutil.rmtree(planned.folder / "chunks")


def test_another_plans_hash_is_refused(planned: _Planned, fresh_settings: Settings) -> None:
    """A request made for another plan is refused."""
    with pytest.raises(errors.PLAN_HASH_MISMATCH):
        _invoke(planned.chunk_event(PlanHash="0" * 64), fresh_settings)
    assert_nothing_left(fresh_settings)


@pytest.mark.parametrize("kept_bytes", [0, 10, 1000, -1])
def test_a_truncated_plan_is_refused(kept_bytes: int, planned: _Planned, fresh_settings: Settings) -> None:
    """A plan archive that lost its end is damaged, wherever it was cut."""
    archive = planned.folder / "plan.tar.gz"
    archive.write_bytes(archive.read_bytes()[:kept_bytes])
    with pytest.raises(errors.MISSING_PLAN_ARTIFACT):
        _invoke(planned.chunk_event(), fresh_settings)
    assert_nothing_left(fresh_settings)


def test_a_missing_plan_and_a_missing_chunk_index_are_refused(planned: _Planned, fresh_settings: Settings) -> None:
    """No plan at the URI, or no such chunk in it."""
    with pytest.raises(errors.MISSING_PLAN_ARTIFACT):
        _invoke(planned.chunk_event(PlanS3Uri=folder_uri(planned.folder / "gone.tar.gz")), fresh_settings)
    for index in (-1, 2):
        with pytest.raises(errors.CHUNK_INDEX_OUT_OF_RANGE):
            _invoke(planned.chunk_event(ChunkIndex=index), fresh_settings)
    with pytest.raises(errors.INVALID_EVENT):
        _invoke(planned.chunk_event(Format="webm"), fresh_settings)
    assert_nothing_left(fresh_settings)


def test_a_missing_or_changed_blob_is_found(planned: _Planned, fresh_settings: Settings) -> None:
    """A picture that is gone from storage, or is another file, ends the chunk: it is never rendered without it."""
    _forget_chunks(planned)
    (blob,) = (path for path in (planned.folder / "blobs").rglob("*") if path.stat().st_size < 1000 and path.is_file())
    blob.write_bytes(b"something else")
    with pytest.raises(errors.PLAN_ARTIFACT_DIGEST_MISMATCH, match=r"dot\.png"):
        _invoke(planned.chunk_event(), fresh_settings)
    blob.unlink()
    with pytest.raises(errors.MISSING_PLAN_ARTIFACT, match=r"dot\.png"):
        _invoke(planned.chunk_event(), fresh_settings)
    assert_nothing_left(fresh_settings)


def test_other_tools_than_the_plans_are_refused(planned: _Planned, fresh_settings: Settings, tmp_path: Path) -> None:
    """A worker with another ffmpeg refuses the chunk before it starts anything."""
    _forget_chunks(planned)
    other = tmp_path / "toolchain"
    shutil.copytree(fresh_settings.toolchain_dir, other, ignore=shutil.ignore_patterns("*.tar.zst"))
    manifest = other / "MANIFEST.json"
    manifest.write_text(manifest.read_text().replace("7.0.2-static", "6.0-static"))
    with pytest.raises(errors.FFMPEG_VERSION_MISMATCH, match=r"6\.0-static"):
        _invoke(planned.chunk_event(), dataclasses.replace(fresh_settings, toolchain_dir=other, cache_dir=tmp_path))


def test_assemble_takes_exactly_the_plans_chunks(planned: _Planned, fresh_settings: Settings) -> None:
    """A hole, a double, a wrong order or a stranger in the list is refused; a chunk that lost frames is found."""
    uris = [folder_uri(path) for path in chunk_files(planned.folder.parent)]
    for wrong in ([uris[0]], [uris[1], uris[0]], [uris[0], uris[0]], [*uris, uris[1]], [uris[0], uris[1] + ".mp4"]):
        with pytest.raises(errors.CHUNK_LIST_INVALID):
            _invoke(planned.assemble_event(wrong), fresh_settings)
    first, second = chunk_files(planned.folder.parent)
    shutil.copyfile(first, second)
    assert _invoke(planned.assemble_event(uris), fresh_settings)["FramesEncoded"] == 60
    second.write_bytes(second.read_bytes()[:-2000])
    with pytest.raises((errors.ENCODER_FAILED, errors.OUTPUT_VERIFICATION_FAILED)):
        _invoke(planned.assemble_event(uris), fresh_settings)
    assert_nothing_left(fresh_settings)


# --- processes that die ----------------------------------------------------------------------------


def _kill(name: str, settings: Settings) -> None:
    for child in children(name, settings):
        child.send_signal(signal.SIGKILL)


@pytest.mark.parametrize(
    ("program", "error"), [("chromium", errors.BROWSER_CRASHED), ("ffmpeg", errors.ENCODER_FAILED)]
)
def test_a_process_that_dies_mid_segment_is_an_error_then_no_obstacle(
    program: str, error: type[Exception], planned: _Planned, fresh_settings: Settings
) -> None:
    """Killed while a segment is captured, it is named; the next attempt gives the very same chunk."""
    first = chunk_files(planned.folder.parent)[0]
    before = first.read_bytes()
    _forget_chunks(planned)
    settings = dataclasses.replace(fresh_settings, lanes=1)
    with pytest.raises(error):
        _invoke(planned.chunk_event(), settings, AtFrame(7, lambda: _kill(program, settings)))
    assert not first.exists()
    assert_nothing_left(settings)
    _invoke(planned.chunk_event(), settings)
    assert first.read_bytes() == before
    assert_nothing_left(settings)


def test_a_render_survives_one_dead_browser(fresh_settings: Settings, tmp_path: Path) -> None:
    """The local engine tries a chunk again whose browser was killed."""
    project = write_project(tmp_path / "project", BOX, script=MOVING_BOX)
    killed: list[int] = []

    class KillOnce(FrameDigests):
        def frame_captured(self, frame: int, picture: bytes | memoryview) -> None:
            super().frame_captured(frame, picture)
            if frame == 5 and not killed:
                killed.append(frame)
                _kill("chromium", fresh_settings)

    observer = KillOnce()
    config = {"segmentFrames": 10, "quality": "draft"}
    summary = render_project(
        project, tmp_path / "out.mp4", config, settings=fresh_settings, deadline=Deadline(120), observer=observer
    )
    assert killed == [5]
    assert summary.assembled["FramesEncoded"] == 30
    assert_nothing_left(fresh_settings)


def test_a_cancelled_render_leaves_nothing(fresh_settings: Settings, tmp_path: Path) -> None:
    """Cancelled in the middle, every thread stops and nothing stays."""
    project = write_project(tmp_path / "project", BOX, script=MOVING_BOX)
    deadline = Deadline(120)

    class CancelAtTen(FrameDigests):
        def frame_captured(self, frame: int, picture: bytes | memoryview) -> None:
            super().frame_captured(frame, picture)
            if frame == 10:
                deadline.cancel()

    with pytest.raises(errors.RENDER_CANCELLED):
        render_project(
            project, tmp_path / "out.mp4", {}, settings=fresh_settings, deadline=deadline, observer=CancelAtTen()
        )
    assert not (tmp_path / "out.mp4").exists()
    assert_nothing_left(fresh_settings)


def test_a_chunk_that_runs_out_of_time_says_so(planned: _Planned, fresh_settings: Settings) -> None:
    """The deadline ends a chunk with its own error, and no half chunk is stored."""
    _forget_chunks(planned)
    deadline = Deadline(120)
    ticking = AtFrame(5, lambda: setattr(deadline, "_end", 0.0))
    with pytest.raises(errors.CHUNK_DEADLINE_EXCEEDED):
        handler(planned.chunk_event(), LocalContext(fresh_settings, deadline, ticking))
    assert not (planned.folder / "chunks").exists()
    assert_nothing_left(fresh_settings)


def test_a_worker_without_room_for_pictures_says_so(planned: _Planned, fresh_settings: Settings) -> None:
    """A scratch folder that cannot be written to is an error of the table, not a shorter video."""
    _forget_chunks(planned)
    blocked = fresh_settings.scratch_dir / "blocked"
    blocked.write_text("a file where a folder should be")
    with pytest.raises(errors.SCRATCH_UNAVAILABLE):
        _invoke(planned.chunk_event(), dataclasses.replace(fresh_settings, scratch_dir=blocked))
    blocked.unlink()
    assert_nothing_left(fresh_settings)
