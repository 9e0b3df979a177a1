"""Source video in real renders: the right frame of the right file, on every frame, from any chunk."""

import dataclasses
import math
import subprocess
import time
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from urllib.parse import quote

import pytest

from hf_lambda.deadline import Deadline
from hf_lambda.errors import VIDEO_SOURCE_UNRENDERABLE
from hf_lambda.handler import browser_pool
from hf_lambda.invocation import NoObserver, invocation
from hf_lambda.local.engine import render_project
from hf_lambda.plan.packing import read_plan
from hf_lambda.settings import Settings
from hf_lambda.stages.video_frames import ChunkVideos
from hf_lambda.storage.folder import FolderStorage, folder_uri
from hf_lambda.toolchain import Toolchain
from tests.functional.projects import EMPTY_TIMELINE, write_project
from tests.functional.renders import FrameDigests, decoded_frames, render
from tests.functional.renders import plan as make_plan
from tests.functional.source_videos import HEIGHT, WIDTH, add_silence, read_number, write_video

pytestmark = pytest.mark.browser


def place(row: int, attributes: str) -> str:
    """A video in row number `row` of the page."""
    return f'<video {attributes} muted style="position:absolute;left:0;top:{row * HEIGHT}px"></video>'


CLIPS: dict[str, tuple[str, Callable[[int], int | None]]] = {
    "plain": ('src="thirty.mp4" data-start="0.5" data-duration="0.5"', lambda n: n - 15 if 15 <= n < 30 else None),
    "trimmed": ('src="thirty.mp4" data-media-start="1" data-duration="1"', lambda n: 30 + n if n < 30 else None),
    "double": ('src="thirty.mp4" data-playback-rate="2" data-duration="1"', lambda n: 2 * n if n < 30 else None),
    "slow": ('src="thirty.mp4" data-playback-rate="0.5" data-start="0.2"', lambda n: (n - 6) // 2 if n >= 6 else None),
    "loop": ('src="ten.mp4" loop data-duration="1.5"', lambda n: n % 10 if n < 45 else None),
    "long loop": ('src="twenty.mp4" loop data-duration="2"', lambda n: n % 20),
    "matroska loop": ('src="sixty.mkv" loop data-duration="2"', lambda n: 2 * n % 20),
    "held": ('src="ten.mp4" data-duration="1"', lambda n: min(n, 9) if n < 30 else None),
    "other rate": ('src="fifty.mp4" data-duration="2"', lambda n: n * 50 // 30),
    "late": ('src="late.mp4" data-media-start="1.5"', lambda n: max(0, n - 15) if n < 35 else None),
    "late loop": ('src="late.mp4" loop data-media-start="1.5" data-duration="2"', lambda n: max(0, n % 35 - 15)),
    "natural": ('src="ten.mp4" data-start="1"', lambda n: n - 30 if 30 <= n < 40 else None),
    "never": ('src="nothing.mp4" data-start="2" data-duration="1"', lambda _: None),
}


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory, toolchain: Toolchain) -> dict[str, Path]:
    """The files that compositions show, by name."""
    folder = tmp_path_factory.mktemp("sources")
    twenty = write_video(toolchain, folder / "twenty.mp4", 20)
    return {
        "thirty.mp4": write_video(toolchain, folder / "thirty.mp4", 100, encoder="h264-b"),
        "ten.mp4": write_video(toolchain, folder / "ten.mp4", 10),
        "twenty.mp4": twenty,
        "late.mp4": add_silence(toolchain, twenty, folder / "late.mp4", 5, delay=2),
        "sixty.mkv": write_video(toolchain, folder / "sixty.mkv", 20, rate="60"),
        "fifty.mp4": write_video(toolchain, folder / "fifty.mp4", 120, rate="50", encoder="h264-b"),
    }


def test_every_clip_shows_the_frame_of_its_time(
    tmp_path: Path, sources: dict[str, Path], session_settings: Settings, toolchain: Toolchain
) -> None:
    """Windows, trims, rates, loops and held ends, over the seams of chunks and segments."""
    body = "".join(place(row, f'id="v{row}" {attributes}') for row, (attributes, _) in enumerate(CLIPS.values()))
    height = HEIGHT * len(CLIPS)
    project = write_project(tmp_path / "project", body, width=WIDTH, height=height, duration=2)
    for name, path in sources.items():
        (project / name).write_bytes(path.read_bytes())
    rendered = render(project, tmp_path, session_settings, chunkSize=25, segmentFrames=13, crf=12)
    pictures = list(decoded_frames(toolchain, rendered.summary.output, WIDTH, height))
    assert len(pictures) == 60
    for row, (name, (_, expected)) in enumerate(CLIPS.items()):
        shown = [read_number(picture, top=row * HEIGHT) for picture in pictures]
        assert shown == [expected(number) or 0 for number in range(60)], name


MADE_BY_SCRIPTS = f"""
const show = (video, row, source, data) => {{
  Object.assign(video.dataset, {{ duration: 1, ...data }});
  video.muted = true;
  video.style = `position:absolute;width:{WIDTH}px;left:0;top:${{row * {HEIGHT}}}px;height:{HEIGHT}px`;
  video.src = source;
  document.getElementById("root").append(video);
}};
const copy = () => document.getElementById("card").content.firstElementChild.cloneNode();
show(copy(), 0, "thirty.mp4", {{}});
show(copy(), 1, "thirty.mp4", {{ mediaStart: 1 }});
show(document.createElement("video"), 2, "ten.mp4", {{ start: 0.5 }});
const tl = gsap.timeline({{ paused: true }});
tl.call(() => show(document.createElement("video"), 3, "thirty.mp4", {{ start: 0.4 }}), null, 0.4);
tl.to({{}}, {{ duration: 1 }}, 0);
window.__timelines.main = tl;
"""


def test_videos_that_scripts_make_show_their_own_pictures(
    tmp_path: Path, sources: dict[str, Path], session_settings: Settings, toolchain: Toolchain
) -> None:
    """Copies of one template, one without an id, and one that is only made while the film runs, in every chunk."""
    body = '<template id="card"><video src="ten.mp4" data-start="0"></video></template>'
    project = write_project(tmp_path / "project", body, script=MADE_BY_SCRIPTS, width=WIDTH, height=HEIGHT * 4)
    for name in ("ten.mp4", "thirty.mp4"):
        (project / name).write_bytes(sources[name].read_bytes())
    rendered = render(project, tmp_path, session_settings, chunkSize=10, crf=12)
    pictures = list(decoded_frames(toolchain, rendered.summary.output, WIDTH, HEIGHT * 4))
    shown = [[read_number(picture, top=row * HEIGHT) for picture in pictures] for row in range(4)]
    assert shown[0] == list(range(30))
    assert shown[1] == list(range(30, 60))
    assert shown[2] == [0] * 15 + [*range(10), *[9] * 5]
    assert shown[3] == [0] * 12 + list(range(18))


@pytest.mark.parametrize(
    ("attributes", "message"),
    [
        ('src="none.mp4"', "none.mp4.*does not exist"),
        ('src="damaged.mp4"', "damaged.mp4.*cannot be read"),
        ('src="song.m4a"', "song.m4a.*has no pictures"),
        ('src="{outside}"', "outside.mp4.*does not exist"),
        ('src="ten.mp4" data-media-start="5" data-duration="1"', "begin at 5 s, but its pictures end at 0.33"),
    ],
)
def test_video_that_cannot_be_shown_ends_the_plan(
    attributes: str,
    message: str,
    tmp_path: Path,
    sources: dict[str, Path],
    session_settings: Settings,
    toolchain: Toolchain,
) -> None:
    """No clip comes out black: the plan names the element, its file and the reason."""
    outside = tmp_path / "outside.mp4"
    attributes = attributes.replace("{outside}", "..%2f" * 20 + quote(str(outside), safe=""))
    project = write_project(tmp_path / "project", place(0, f'id="clip" {attributes}'), duration=1)
    for path in (project / "ten.mp4", outside):
        path.write_bytes(sources["ten.mp4"].read_bytes())
    (project / "damaged.mp4").write_bytes(bytes(range(256)) * 8)
    tone = ["-f", "lavfi", "-i", "sine=duration=0.5", project / "song.m4a"]
    subprocess.run([str(toolchain.ffmpeg), "-v", "error", *map(str, tone)], check=True)
    with pytest.raises(VIDEO_SOURCE_UNRENDERABLE, match=f"the video clip .*{message}"):
        render(project, tmp_path, session_settings)


LONG_CLIP = place(0, 'src="long.mp4" data-media-start="901.2" data-duration="2"')


def write_long_video(toolchain: Toolchain, path: Path) -> Path:
    """Twenty minutes of five frames a second, whose numbers begin anew every two."""
    piece = write_video(toolchain, path.with_name("piece.mp4"), 600, rate="5", options=("-g", "10", "-qp", "0"))
    repeat = ["-stream_loop", "9", "-i", str(piece), "-c", "copy", str(path)]
    subprocess.run([str(toolchain.ffmpeg), "-v", "error", *repeat], check=True)
    piece.unlink()
    return path


def test_long_source_is_neither_moved_nor_kept(
    tmp_path: Path, session_settings: Settings, toolchain: Toolchain
) -> None:
    """Of twenty minutes of which two seconds are shown, the plan holds a few seconds, cut anew for each chunk."""
    project = write_project(tmp_path / "project", LONG_CLIP, width=WIDTH, height=HEIGHT, duration=2)
    whole = write_long_video(toolchain, project / "long.mp4")
    rendered = render(project, tmp_path, session_settings, chunkSize=30, crf=12)
    pictures = list(decoded_frames(toolchain, rendered.summary.output, WIDTH, HEIGHT))
    # 901.2 s is frame 4506, which is number 306 of the eighth piece; its frames last six of ours.
    assert [read_number(picture) for picture in pictures] == [
        306 + math.floor((n + 3.5) / 6 - 0.5) + 0 for n in range(60)
    ]
    storage = FolderStorage()
    plan = read_plan(storage, folder_uri(tmp_path / "kept" / "plan.tar.gz"), tmp_path / "plan", expected_hash=None).plan
    assert "long.mp4" not in plan.files
    (clip,) = plan.videos
    sizes = [plan.files[file].size_bytes for file in clip.files if file is not None]
    assert len(sizes) == 2
    assert max(sizes) < whole.stat().st_size / 20


def test_source_that_the_page_reads_is_kept(tmp_path: Path, session_settings: Settings, toolchain: Toolchain) -> None:
    """A page that fetches the file of a video, to draw its sound, finds it in chunks that have a cut of it too."""
    script = f"fetch('long.mp4').then((answer) => answer.arrayBuffer()); {EMPTY_TIMELINE}"
    project = write_project(tmp_path / "project", LONG_CLIP, script=script, width=WIDTH, height=HEIGHT, duration=2)
    write_long_video(toolchain, project / "long.mp4")
    made = make_plan(project, tmp_path / "made", session_settings)
    plan = read_plan(FolderStorage(), made["PlanS3Uri"], tmp_path / "plan", expected_hash=None).plan
    assert "long.mp4" in plan.files
    assert "long.mp4" not in plan.videos[0].files


def test_chunks_without_a_video_have_no_file_of_it(
    tmp_path: Path, sources: dict[str, Path], session_settings: Settings
) -> None:
    """Each chunk is told which file it needs, and the pages ask for none."""
    project = write_project(
        tmp_path / "project", place(0, 'src="thirty.mp4" data-start="1" data-duration="0.5"'), duration=2
    )
    (project / "thirty.mp4").write_bytes(sources["thirty.mp4"].read_bytes())
    render(project, tmp_path, session_settings, chunkSize=15)
    storage = FolderStorage()
    plan = read_plan(storage, folder_uri(tmp_path / "kept" / "plan.tar.gz"), tmp_path / "plan", expected_hash=None).plan
    assert plan.videos[0].files == (None, None, "thirty.mp4", None)
    assert plan.videos[0].source.zero == Fraction(0)


def test_source_that_comes_late_is_waited_for(
    tmp_path: Path, sources: dict[str, Path], session_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that takes longer to fetch than a page would wait costs time, and nothing else."""
    download = FolderStorage.download

    def download_late(storage: FolderStorage, uri: str, path: Path, *, deadline: Deadline | None = None) -> None:
        if "/blobs/" in uri:
            time.sleep(4)
        download(storage, uri, path, deadline=deadline)

    monkeypatch.setattr(FolderStorage, "download", download_late)
    project = write_project(tmp_path / "project", place(0, 'src="ten.mp4"'), duration=0.2)
    (project / "ten.mp4").write_bytes(sources["ten.mp4"].read_bytes())
    settings = dataclasses.replace(session_settings, page_ready_seconds=3)
    rendered = render(project, tmp_path, settings)
    browser_pool(settings).close()
    assert rendered.summary.assembled["FramesEncoded"] == 6


def test_what_is_shown_first_is_extracted_first(
    tmp_path: Path, sources: dict[str, Path], session_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where there are more clips than workers, those of the first frame do not wait for later ones."""
    late, early = place(0, 'src="ten.mp4" data-start="0.5"'), place(1, 'src="thirty.mp4" data-duration="0.2"')
    project = write_project(tmp_path / "project", late + early)
    for name in ("ten.mp4", "thirty.mp4"):
        (project / name).write_bytes(sources[name].read_bytes())
    made = make_plan(project, tmp_path / "plan", session_settings)
    stored = read_plan(FolderStorage(), made["PlanS3Uri"], tmp_path / "unpacked", expected_hash=None)
    fetched: list[str] = []
    find = stored.file

    def remember(name: str) -> Path | None:
        fetched.append(name)
        return find(name)

    monkeypatch.setattr(stored, "file", remember)
    with invocation(session_settings, Deadline(60), NoObserver()) as current:
        videos = ChunkVideos(stored, stored.plan.chunks[0], current)
        with videos.extracting(1):
            assert [len(videos.pictures(frame, current.deadline)) for frame in (0, 15, 29)] == [1, 1, 0]
    assert fetched == ["thirty.mp4", "ten.mp4"]


def test_damaged_source_is_told(
    tmp_path: Path, session_settings: Settings, toolchain: Toolchain, sources: dict[str, Path]
) -> None:
    """A render that shows a damaged file succeeds, and warns of it, but not of whole ones."""
    project = write_project(
        tmp_path / "project", place(0, 'id="whole" src="ten.mp4"') + place(1, 'id="bad" src="bad.mp4"')
    )
    (project / "ten.mp4").write_bytes(sources["ten.mp4"].read_bytes())
    noise, options = "noise=alls=50:allf=t", ("-movflags", "+faststart")
    path = write_video(toolchain, project / "bad.mp4", 30, encoder="h264-b", filters=noise, options=options)
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 2 // 3])
    heard: list[str] = []

    class Listener(FrameDigests):
        def rendered(self, warnings: list[str]) -> None:
            heard.extend(warnings)

    summary = render_project(
        project,
        tmp_path / "out.mp4",
        {"quality": "draft", "chunkSize": 15},
        settings=session_settings,
        deadline=Deadline(120),
        observer=Listener(),
        keeps_browsers=True,
    )
    assert summary.assembled["FramesEncoded"] == 30
    assert {warning.partition(":")[0] for warning in heard} == {
        "the video bad (bad.mp4) is damaged, pictures are missing or wrong"
    }
    assert sorted(heard) == sorted({warning for chunk in summary.chunks for warning in chunk["Warnings"]})
