"""Every format holds the composition's colours and alpha, and the same bytes on every attempt."""

import dataclasses
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from hf_lambda.deadline import Deadline
from hf_lambda.errors import INVALID_EVENT
from hf_lambda.handler import browser_pool, handler
from hf_lambda.invocation import NoObserver
from hf_lambda.local.context import LocalContext
from hf_lambda.media.probing import probe_video
from hf_lambda.settings import Settings
from hf_lambda.storage.folder import folder_uri
from hf_lambda.toolchain import Toolchain
from tests.decoding import Frames, decode_rgba
from tests.functional.projects import write_project
from tests.functional.renders import Rendered, chunk_files, plan, render

pytestmark = pytest.mark.browser

WIDTH, HEIGHT, FRAMES = 320, 120, 10
RATES = (Fraction(30), Fraction(30))
BODY = """
  <p style="left:0;top:0;width:256px;height:16px;background:linear-gradient(90deg,rgba(255,0,0,0),rgb(255,0,0))"></p>
  <p style="left:30px;top:40px;width:40px;height:30px;background:#3366ff;box-shadow:0 0 12px 4px rgb(20,40,80)"></p>
  <p style="left:110px;top:32px;width:48px;height:48px;background:rgba(0,255,0,.5)"></p>
  <p id="text" style="left:176px;top:24px;font:700 44px Inter;color:#fff">Axo</p>
  <p id="mover" style="left:0;top:96px;width:16px;height:16px;background:#c87828"></p>
"""
SCRIPT = """
  const tl = gsap.timeline({ paused: true });
  tl.to("#mover", { x: 280, duration: 0.3, ease: "none" }, 0);
  window.__timelines["main"] = tl;
"""
STYLE = "<style>p { position: absolute; margin: 0 } html { background: #f0f } #root { background: #123 }</style>"
CODECS: dict[str, dict[str, Any]] = {
    "h264": {},
    "h265": {"codec": "h265"},
    "webm": {"format": "webm"},
    "mov": {"format": "mov"},
    "png-sequence": {"format": "png-sequence"},
}
WITH_ALPHA = ("webm", "mov", "png-sequence")
RenderAs = Callable[..., Rendered]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A composition with half-transparent, blurred and anti-aliased parts, on backgrounds that alpha leaves out."""
    folder = tmp_path_factory.mktemp("project")
    return write_project(folder, BODY, script=SCRIPT, head=STYLE, width=WIDTH, height=HEIGHT, duration=FRAMES / 30)


@pytest.fixture(scope="module")
def render_as(project: Path, tmp_path_factory: pytest.TempPathFactory, session_settings: Settings) -> RenderAs:
    """Renders the project once for each configuration, in chunks of 5 frames and segments of 2 or 3."""
    made: dict[str, Rendered] = {}

    def render_once(name: str, **wanted: Any) -> Rendered:
        if name not in made:
            config = {"quality": "standard", "chunkSize": 5, "segmentFrames": 2, **CODECS[name], **wanted}
            made[name] = render(project, tmp_path_factory.mktemp(name), session_settings, **config)
        return made[name]

    return render_once


@pytest.fixture(scope="module")
def one_lane(session_settings: Settings) -> Iterator[Settings]:
    """Settings for one browser at a time."""
    settings = dataclasses.replace(session_settings, lanes=1)
    yield settings
    browser_pool(settings).close()


@pytest.fixture(scope="module")
def truth(render_as: RenderAs, toolchain: Toolchain) -> Frames:
    """The frames as they were captured."""
    return decode_rgba(toolchain, render_as("png-sequence").summary.output, WIDTH, HEIGHT)


def weighted_db(actual: Frames, expected: Frames) -> float:
    """PSNR of straight colours, each pixel counted by its alpha."""
    weights = expected[..., 3:].astype(float)
    squares = (actual[..., :3].astype(float) - expected[..., :3]) ** 2
    return psnr(float((squares * weights).sum() / (weights.sum() * 3)))


def psnr(mean_square: float) -> float:
    """Decibels of a mean squared error of eight-bit codes."""
    return 100.0 if mean_square == 0 else float(10 * np.log10(255**2 / mean_square))


def distinct(alpha: npt.NDArray[np.uint8]) -> int:
    """How many different alphas there are between transparent and opaque."""
    return len(set(np.unique(alpha)) - {0, 255})


def test_backgrounds_are_transparent(truth: Frames) -> None:
    """Nothing is left of the backgrounds of html, body and composition, and nothing is taken from the elements."""
    assert truth.shape == (FRAMES, HEIGHT, WIDTH, 4)
    assert truth[:, 90:95].max() == 0
    assert (truth[0, 50, 50] == (0x33, 0x66, 0xFF, 255)).all()
    assert abs(truth[0, 50, 130].astype(int) - (0, 255, 0, 128)).max() <= 1


def test_gradient_has_every_alpha(truth: Frames) -> None:
    """Alpha runs from 0 to 255 in steps of 1, and its colour is straight, within the rounding of eight bits."""
    row = truth[0, 8, :256].astype(int)
    assert abs(row[:, 3] - (np.arange(256) + 0.5) * 255 / 256).max() <= 1
    assert (row[1:, 0] >= 254 - 255 // row[1:, 3]).all()
    assert row[:, 1:3].max() == 0


def test_soft_edges_are_not_crushed(truth: Frames) -> None:
    """A shadow fades through many alphas in its own colour, letters have soft edges of the letters' colour."""
    shadow = truth[0, 20:40, 50]
    assert distinct(shadow[:, 3]) >= 12
    assert (np.diff(shadow[:, 3].astype(int)) >= 0).all()
    inked = shadow[shadow[:, 3] >= 64].astype(int)
    assert abs(inked[:, :3] - (20, 40, 80)).max() <= 3
    letters = truth[0, 20:85, 170:]
    assert distinct(letters[..., 3]) >= 60
    assert (letters[letters[..., 3] > 0][:, :3] == 255).all()


@pytest.mark.parametrize(("name", "colour_db", "alpha_db"), [("mov", 55, 100), ("webm", 28, 48)])
def test_encoded_alpha_is_the_captured_one(
    name: str, colour_db: float, alpha_db: float, render_as: RenderAs, truth: Frames, toolchain: Toolchain
) -> None:
    """ProRes gives every alpha back as it was and colours nearly so, VP9 both within its rate."""
    frames = decode_rgba(toolchain, render_as(name).summary.output, WIDTH, HEIGHT)
    assert frames.shape == truth.shape
    difference = frames[..., 3].astype(float) - truth[..., 3]
    assert psnr(float((difference**2).mean())) >= alpha_db
    assert weighted_db(frames, truth) >= colour_db
    assert abs(frames[:, 45:65, 40:60, :3].astype(int) - (0x33, 0x66, 0xFF)).max() <= 4


@pytest.mark.parametrize("name", CODECS)
def test_retry_gives_the_same_bytes(
    name: str, project: Path, render_as: RenderAs, one_lane: Settings, tmp_path: Path
) -> None:
    """Chunks and output of a second render, by one browser in place of two, are the first's byte for byte."""
    first = render_as(name).summary.output
    config = {"quality": "standard", "chunkSize": 5, "segmentFrames": 2, **CODECS[name]}
    second = render(project, tmp_path, one_lane, **config).summary.output
    ours, theirs = chunk_files(first.parent), chunk_files(tmp_path)
    assert len(ours) == 2
    assert [path.read_bytes() for path in ours] == [path.read_bytes() for path in theirs]
    assert first.read_bytes() == second.read_bytes()


@pytest.mark.parametrize("name", ["mov", "png-sequence"])
def test_frames_do_not_depend_on_chunks(
    name: str,
    project: Path,
    truth: Frames,
    render_as: RenderAs,
    tmp_path: Path,
    session_settings: Settings,
    toolchain: Toolchain,
) -> None:
    """Where every frame stands alone, other chunks give the same frames, pixel by pixel."""
    other = render(project, tmp_path, session_settings, chunkSize=7, **CODECS[name]).summary.output
    expected = decode_rgba(toolchain, render_as(name).summary.output, WIDTH, HEIGHT)
    assert (decode_rgba(toolchain, other, WIDTH, HEIGHT) == expected).all()


def test_screenshots_have_the_same_alpha(
    project: Path, truth: Frames, tmp_path: Path, session_settings: Settings, toolchain: Toolchain
) -> None:
    """Frames that are taken as screenshots equal those of BeginFrame, alpha included."""
    config = {**CODECS["png-sequence"], "captureMode": "screenshot"}
    output = render(project, tmp_path, session_settings, **config).summary.output
    assert (decode_rgba(toolchain, output, WIDTH, HEIGHT) == truth).all()


@pytest.mark.parametrize("name", ["h264", "h265", "webm", "mov"])
def test_output_is_what_its_suffix_says(name: str, render_as: RenderAs, toolchain: Toolchain) -> None:
    """Codec, frames, length and rate of each output are exact, and what was reported was counted."""
    summary = render_as(name).summary
    facts = probe_video(toolchain.ffprobe, summary.output, deadline=Deadline(60))
    codec = {"h265": "hevc", "webm": "vp9", "mov": "prores"}.get(name, name)
    assert (facts.codec, facts.frame_count, facts.fps, facts.average_fps) == (codec, FRAMES, *RATES)
    assert facts.duration_seconds == pytest.approx(FRAMES / 30, abs=0.001)
    assert (facts.has_alpha, facts.start_seconds) == (name in WITH_ALPHA, 0)
    assert summary.assembled["FramesEncoded"] == FRAMES
    assert [chunk["FramesEncoded"] for chunk in summary.chunks] == [5, 5]


def test_constant_rate_is_verified_or_refused(render_as: RenderAs, session_settings: Settings, tmp_path: Path) -> None:
    """Cfr on assemble passes for h264, whose frames are equally long, and is refused for webm."""

    def assemble(name: str) -> dict[str, Any]:
        summary = render_as(name).summary
        request = {
            "Action": "assemble",
            "PlanS3Uri": summary.plan["PlanS3Uri"],
            "ChunkS3Uris": [chunk["ChunkS3Uri"] for chunk in summary.chunks],
            "OutputS3Uri": folder_uri(tmp_path / "again.mp4"),
            "Format": summary.plan["Format"],
            "Cfr": True,
        }
        return handler(request, LocalContext(session_settings, Deadline(60), NoObserver()))

    assert assemble("h264")["FramesEncoded"] == FRAMES
    with pytest.raises(INVALID_EVENT, match="constant without it"):
        assemble("webm")


def test_lossless_h264_is_warned_of(project: Path, tmp_path: Path, session_settings: Settings) -> None:
    """The plan of a file that many players refuse says so."""
    warnings = plan(project, tmp_path, session_settings, crf=0)["Warnings"]
    assert any("which many players refuse" in warning for warning in warnings)
