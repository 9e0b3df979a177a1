"""Outputs that are larger than their composition."""

from pathlib import Path

import pytest

from hf_lambda.deadline import Deadline
from hf_lambda.errors import INVALID_CONFIG
from hf_lambda.media.probing import probe_video
from hf_lambda.settings import Settings
from hf_lambda.toolchain import Toolchain
from tests.decoding import decode_rgba
from tests.functional.projects import write_project
from tests.functional.renders import render

pytestmark = pytest.mark.browser

BODY = """
  <b id="box" style="position:absolute;left:20px;top:20px;width:60px;height:40px;background:#36f"></b>
  <b id="still" style="position:absolute;left:200px;top:100px;font:700 32px Inter;color:#fff">still</b>
"""
SCRIPT = """
  const tl = gsap.timeline({ paused: true });
  tl.to("#box", { x: 150.3, rotation: 3, duration: 0.4, ease: "power4.out" }, 0);
  window.__timelines["main"] = tl;
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A composition of 320x180 whose movement ends slowly, and stands still after that."""
    return write_project(tmp_path_factory.mktemp("project"), BODY, script=SCRIPT, duration=0.6)


def test_enlarged_pictures_do_not_depend_on_chunks(
    project: Path, tmp_path: Path, session_settings: Settings, toolchain: Toolchain
) -> None:
    """At four times the size frames are the same however they are split, and the video has the size."""
    config = {"outputResolution": "720p", "cfr": True}
    whole = render(project, tmp_path / "whole", session_settings, **config)
    split = render(project, tmp_path / "split", session_settings, chunkSize=5, **config)
    assert len(whole.pictures) == 18
    assert whole.pictures == split.pictures
    assert 6 < len(set(whole.pictures)) < 16
    facts = probe_video(toolchain.ffprobe, whole.summary.output, deadline=Deadline(60))
    assert (facts.width, facts.height) == (1280, 720)
    assert (whole.summary.plan["Width"], whole.summary.plan["Height"]) == (1280, 720)


def test_alpha_is_enlarged_too(project: Path, tmp_path: Path, session_settings: Settings, toolchain: Toolchain) -> None:
    """A picture sequence of four times the size has sharp edges and alpha, however its frames are taken."""
    taken = []
    for mode in ("beginframe", "screenshot"):
        config = {"outputResolution": "landscape-720p", "format": "png-sequence", "captureMode": mode}
        output = render(project, tmp_path / mode, session_settings, **config).summary.output
        taken.append(decode_rgba(toolchain, output, 1280, 720))
    first = taken[0][0]
    assert (first[80:240, 80:320] == (0x33, 0x66, 0xFF, 255)).all()
    assert first[70:250, 70:80].max() == 0
    assert (taken[0] == taken[1]).all()


def test_size_that_does_not_fit_is_refused(project: Path, tmp_path: Path, session_settings: Settings) -> None:
    """A preset of another shape ends the plan with both sizes and what would fit."""
    with pytest.raises(INVALID_CONFIG, match=r"portrait is 1080x1920, the composition 320x180.*take landscape"):
        render(project, tmp_path, session_settings, outputResolution="portrait")
