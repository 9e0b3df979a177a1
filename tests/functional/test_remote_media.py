"""Media that lies on another server is fetched while the plan is made, and is media of the project from then on."""

import dataclasses
import subprocess
from pathlib import Path

import pytest

from hf_lambda.errors import NOT_MEDIA_PAYLOAD
from hf_lambda.settings import Settings
from hf_lambda.toolchain import Toolchain
from tests.functional.projects import write_project
from tests.functional.renders import decoded_frames, render
from tests.web import Web

BODY = '<video muted style="width:320px;height:180px" data-start="0" src="{}"></video><audio src="{}"></audio>'


def make(toolchain: Toolchain, path: Path, source: str, *options: str) -> bytes:
    """A small file of ffmpeg's."""
    argv = [str(toolchain.ffmpeg), "-v", "error", "-f", "lavfi", "-i", source, *options, str(path)]
    subprocess.run(argv, check=True)
    return path.read_bytes()


def test_remote_media_is_seen_and_heard(tmp_path: Path, session_settings: Settings, toolchain: Toolchain) -> None:
    """A video and a sound by their http addresses end up in the output, and give it its length."""
    clip = make(toolchain, tmp_path / "c.mp4", "color=c=red:s=320x180:r=30:d=0.4", "-c:v", "libx264", "-qp", "4")
    tone = make(toolchain, tmp_path / "t.wav", "sine=d=0.3")
    with Web() as web:
        body = BODY.format(web.put("/c.mp4", clip, "video/mp4"), web.put("/t.wav", tone, "audio/wav"))
        project = write_project(tmp_path / "project", body, duration=None)
        settings = dataclasses.replace(session_settings, allow_private_addresses=True)
        summary = render(project, tmp_path / "work", settings).summary
    assert (summary.plan["TotalFrames"], summary.plan["HasAudio"]) == (12, True)
    red, green, blue = (int(value) for value in list(decoded_frames(toolchain, summary.output, 320, 180))[6][90, 160])
    assert (red > 240, green < 12, blue < 12) == (True, True, True)


def test_a_pointer_in_the_place_of_a_video_is_named(tmp_path: Path, session_settings: Settings) -> None:
    """What git-lfs leaves where a file was not fetched is no video, and the error says what to do."""
    project = write_project(tmp_path / "project", '<video muted src="v.mp4"></video>', duration=0.2)
    (project / "v.mp4").write_text("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n")
    with pytest.raises(NOT_MEDIA_PAYLOAD, match=r"v\.mp4"):
        render(project, tmp_path / "work", session_settings)
