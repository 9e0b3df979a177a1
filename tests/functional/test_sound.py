"""What a composition's sound comes out as, from its elements to the samples of the final file."""

import json
import re
import subprocess
from base64 import b64encode
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from hf_lambda.cli.main import main
from hf_lambda.deadline import Deadline
from hf_lambda.errors import INVALID_EVENT, MEDIA_UNREADABLE, PLAN_ARTIFACT_DIGEST_MISMATCH
from hf_lambda.handler import handler
from hf_lambda.local.context import LocalContext
from hf_lambda.media.probing import probe_media
from hf_lambda.settings import Settings
from hf_lambda.toolchain import Toolchain
from tests.functional.projects import write_project
from tests.functional.renders import FrameDigests, render
from tests.unit.media.sounds import Samples, decibels, decode_sound, write_sound

pytestmark = pytest.mark.browser

RATE = 48_000
SECONDS = 3
TONES = {"low": 330, "middle": 550, "high": 770, "top": 990, "bass": 165}
"""Sources of four seconds, each a tone of its own frequency in Hz that grows from nothing, so its place shows."""
FADED = 'data-fade-in="0.4" data-fade-out="0.6"'
LANE = {"version": 1, "lanes": [{"target": "volume", "points": [{"t": 0.2, "v": 0}, {"t": 1, "v": 1, "curve": 0.5}]}]}
GROUP_LANE = {"version": 1, "lanes": [{"target": "volume", "points": [{"t": 0, "v": 1}, {"t": 3, "v": 0}]}]}
BODY = f"""
<audio id="plain" src="low.wav" data-start="0.25" data-duration="1.5" data-media-start="0.5" data-volume="0.5"></audio>
<audio id="tween" src="middle.wav" data-start="0.5" data-duration="2"></audio>
<audio id="loud" src="high.wav" data-start="1" data-duration="2" data-volume="2" {FADED}></audio>
<audio id="lane" src="top.wav" data-start="1.5" data-duration="1.2" data-automation='{json.dumps(LANE)}'></audio>
<audio id="muted" src="bass.wav" data-start="0" data-duration="3" muted></audio>
<div data-hidden><audio id="hidden" src="bass.wav" data-start="0" data-duration="3"></audio></div>
<audio id="quiet" src="bass.wav" data-start="0" data-duration="3" data-audio-group="silent"></audio>
<audio id="one" src="bass.wav" data-start="0" data-duration="1" data-audio-group="music"></audio>
<audio id="two" src="bass.wav" data-start="2" data-duration="9" data-audio-group="music"></audio>
<hf-audio-group id="music" data-volume="0.5" data-automation='{json.dumps(GROUP_LANE)}'></hf-audio-group>
<hf-audio-group id="silent" data-hidden></hf-audio-group>
<div id="host" data-composition-id="scene" data-composition-src="scene.html" data-start="1" data-duration="0.75"></div>
<video id="film" src="film.mov" data-start="2" data-duration="0.5" data-media-start="0.5"></video>
"""
SCENE = """<template><div data-composition-id="scene" data-width="320" data-height="180" data-duration="2">
<audio id="inner" src="low.wav" data-start="0.25" data-duration="2" loop data-media-start="3.75"></audio>
</div></template>"""
SCRIPT = """
  const tl = gsap.timeline({ paused: true });
  tl.fromTo("#tween", { volume: 1 }, { volume: 0.2, duration: 1, ease: "none" }, 1);
  const made = document.createElement("audio");
  Object.assign(made, { src: "middle.wav", volume: 0.25 });
  Object.assign(made.dataset, { start: "0.1", duration: "0.4", mediaStart: "3" });
  document.getElementById("root").append(made);
  tl.set({}, {}, 3);
  window.__timelines["main"] = tl;
"""


def tone(name: str) -> Samples:
    """One of the sources."""
    times = np.arange(4 * RATE) / RATE
    samples = 0.02 * (1 + times) * np.sin(2 * np.pi * TONES[name] * times)
    return np.stack([samples, samples], 1).astype("<f4")


def write_tones(toolchain: Toolchain, folder: Path) -> None:
    """Every source as a lossless file, and one as the sound of a film."""
    for name in TONES:
        write_sound(toolchain, folder / f"{name}.wav", tone(name), RATE, "-c:a", "pcm_f32le")
    inputs = ["-f", "lavfi", "-i", "testsrc=s=64x48:r=30:d=4", "-i", str(folder / "high.wav")]
    options = ["-c:v", "libx264", "-preset", "ultrafast", "-c:a", "pcm_f32le", str(folder / "film.mov")]
    subprocess.run([str(toolchain.ffmpeg), "-v", "error", *inputs, *options], check=True)


def ideal_mix() -> Samples:
    """What BODY and SCRIPT are to sound like, from the definition of their attributes."""
    total = np.zeros((SECONDS * RATE, 2))

    def add(name: str, start: float, stop: float, media_start: float, gain: object = 1.0) -> None:
        first, last, head = round(start * RATE), round(stop * RATE), round(media_start * RATE)
        gains = np.broadcast_to(np.asarray(gain), last - first)[:, None]
        total[first:last] += tone(name)[head : head + last - first] * gains

    def along(start: float, stop: float, times: list[float], gains: list[float]) -> object:
        return np.interp(np.arange(round((stop - start) * RATE)) / RATE, times, gains)

    add("low", 0.25, 1.75, 0.5, 0.5)
    add("middle", 0.5, 2.5, 0, along(0.5, 2.5, [0.5, 1.5], [1, 0.2]))
    fade = np.asarray(along(1, 3, [0, 0.4], [0, 1])) * np.asarray(along(1, 3, [1.4, 2], [1, 0]))
    add("high", 1, 3, 0, 2 * fade)
    progress = np.clip((np.arange(round(1.2 * RATE)) / RATE - 0.2) / 0.8, 0, 1)
    add("top", 1.5, 2.7, 0, progress)
    add("bass", 0, 1, 0, along(0, 1, [0, 3], [1, 0]))
    add("bass", 2, 3, 0, along(2, 3, [-2, 1], [1, 0]))
    add("low", 1.25, 1.5, 3.75)
    add("low", 1.5, 1.75, 3.75)
    add("high", 2, 2.5, 0.5)
    add("middle", 0.1, 0.5, 3, 0.25)
    return total.astype("<f4")


DIPS = """
  const tl = gsap.timeline({ paused: true });
  tl.set("#set", { volume: 0 }, 0.53).set("#set", { volume: 1 }, 0.63);
  tl.set("#attribute", { attr: { "data-volume": 0 } }, 1.53).set("#attribute", { attr: { "data-volume": 1 } }, 1.63);
  const called = document.getElementById("called");
  tl.to({}, { duration: 3, onUpdate: () => (called.volume = tl.time() >= 2.53 && tl.time() < 2.63 ? 0 : 1) }, 0);
  window.__timelines["main"] = tl;
"""
"""Three ways to silence a sound for a tenth of a second, 0.53 s after it began, between two glances at its volume."""


def test_volumes_are_seen_however_shortly_they_last(
    tmp_path: Path, session_settings: Settings, toolchain: Toolchain
) -> None:
    """A dip is heard, to the sixtieth of a second, whether a timeline sets it, an attribute says it or a callback."""
    names = ("set", "attribute", "called")
    clips = "".join(
        f'<audio id="{name}" src="tone.wav" data-start="{second}" data-duration="1" data-volume="1"></audio>'
        for second, name in enumerate(names)
    )
    project = write_project(tmp_path / "project", clips, script=DIPS, duration=3)
    wave = 0.3 * np.sin(2 * np.pi * 440 * np.arange(RATE) / RATE)
    write_sound(toolchain, project / "tone.wav", np.stack([wave, wave], 1).astype("<f4"), RATE, "-c:a", "pcm_f32le")
    heard = np.abs(decode_sound(toolchain, render(project, tmp_path, session_settings).summary.output)[:, 0])
    for second in range(3):
        begin = second * RATE
        assert heard[begin + round(0.56 * RATE) : begin + round(0.60 * RATE)].max() < 0.01
        for start, stop in ((0.05, 0.50), (0.66, 0.95)):
            loudest = heard[begin + round(start * RATE) : begin + round(stop * RATE)].reshape(-1, 120).max(1)
            assert loudest.min() > 0.25


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory, toolchain: Toolchain) -> Path:
    """A composition with everything that sounds."""
    folder = write_project(tmp_path_factory.mktemp("sound") / "project", BODY, script=SCRIPT, duration=SECONDS)
    (folder / "scene.html").write_text(SCENE)
    write_tones(toolchain, folder)
    return folder


def click_project(folder: Path, toolchain: Toolchain, *, duration: float, attributes: str = "") -> Path:
    """A composition with one click, 0.5 s into its only source, which starts at 0.1 s."""
    samples = np.zeros((RATE, 2), "<f4")
    samples[RATE // 2] = 0.9
    write_project(folder, f'<audio src="click.wav" data-start="0.1" {attributes}></audio>', duration=duration)
    write_sound(toolchain, folder / "click.wav", samples, RATE, "-c:a", "pcm_f32le")
    return folder


def test_everything_that_sounds_is_in_its_place(
    project: Path, tmp_path: Path, session_settings: Settings, toolchain: Toolchain
) -> None:
    """The decoded file is the ideal mix, but for what the codec leaves out: 60 dB below full scale, at every moment."""
    rendered = render(project, tmp_path, session_settings)
    decoded = decode_sound(toolchain, rendered.summary.output)[: SECONDS * RATE]
    difference = decoded - ideal_mix()
    assert decibels(difference) < -70
    assert max(decibels(block) for block in np.split(difference, SECONDS * 10)) < -60
    assert rendered.summary.plan["HasAudio"] is True
    assert rendered.summary.plan["AudioS3Uri"].endswith("/audio.m4a")
    assert rendered.summary.plan["Warnings"] == []


@pytest.mark.parametrize(("fps", "frames"), [("30000/1001", 37), (24, 19)])
def test_sound_is_as_long_as_the_pictures(
    tmp_path: Path, session_settings: Settings, toolchain: Toolchain, fps: str | int, frames: int
) -> None:
    """Both streams begin at 0 and end together, and a click is where it was put."""
    duration = float(frames / Fraction(fps))
    project = click_project(tmp_path / "project", toolchain, duration=duration)
    output = render(project, tmp_path, session_settings, fps=fps).summary.output
    facts = probe_media(toolchain.ffprobe, output, deadline=Deadline(60))
    assert facts.video is not None
    assert facts.audio is not None
    assert (facts.video.start_seconds, facts.audio.start_seconds) == (0, 0)
    assert facts.audio_seconds == pytest.approx(facts.video_seconds, abs=1 / RATE)
    loudest = int(np.argmax(np.abs(decode_sound(toolchain, output)[:, 0])))
    assert loudest == pytest.approx(round(0.6 * RATE), abs=2)


def test_sound_that_a_variable_names_has_its_own_length(
    tmp_path: Path, session_settings: Settings, toolchain: Toolchain
) -> None:
    """The placeholder in the markup is over when the click comes that is heard in its place."""
    project = click_project(tmp_path / "project", toolchain, duration=0.7, attributes='data-var-src="voice"')
    write_sound(toolchain, project / "short.wav", np.zeros((RATE // 5, 2), "<f4"), RATE)
    page = project / "index.html"
    page.write_text(page.read_text().replace("click.wav", "short.wav"))
    rendered = render(project, tmp_path, session_settings, variables={"voice": "click.wav"})
    loudest = int(np.argmax(np.abs(decode_sound(toolchain, rendered.summary.output)[:, 0])))
    assert loudest == pytest.approx(round(0.6 * RATE), abs=2)


def test_silent_compositions_have_no_sound_stream(
    tmp_path: Path, session_settings: Settings, toolchain: Toolchain
) -> None:
    """Where nothing is to be heard there is no sound, rather than silence."""
    project = click_project(tmp_path / "project", toolchain, duration=0.3, attributes="muted")
    rendered = render(project, tmp_path, session_settings)
    facts = probe_media(toolchain.ffprobe, rendered.summary.output, deadline=Deadline(60))
    assert facts.audio is None
    assert (rendered.summary.plan["HasAudio"], rendered.summary.plan["AudioS3Uri"]) == (False, None)


def test_a_source_that_cannot_be_heard_is_named(
    tmp_path: Path, session_settings: Settings, toolchain: Toolchain
) -> None:
    """A missing file ends a strict render; otherwise it is a warning, and the rest is heard."""
    project = click_project(tmp_path / "project", toolchain, duration=0.3)
    page = project / "index.html"
    lost = '<audio id="lost" src="gone.mp3" data-start="0" data-duration="1"></audio><audio src'
    page.write_text(page.read_text().replace("<audio src", lost))
    with pytest.raises(MEDIA_UNREADABLE, match=r"audio lost cannot be heard: gone\.mp3"):
        render(project, tmp_path / "strict", session_settings)
    plan = render(project, tmp_path / "lenient", session_settings, strictness="best-effort").summary.plan
    assert plan["HasAudio"] is True
    assert any("audio lost" in warning for warning in plan["Warnings"])


def test_sound_may_be_written_in_the_page(tmp_path: Path, session_settings: Settings, toolchain: Toolchain) -> None:
    """A data URL is heard like a file, and a path that leads out of the project is no file of it."""
    project = click_project(tmp_path / "project", toolchain, duration=0.7)
    page = project / "index.html"
    data = b64encode((project / "click.wav").read_bytes()).decode()
    outside = '<audio id="out" src="..%2fclick.wav" data-start="0" data-duration="0.5"></audio></div>'
    page.write_text(page.read_text().replace("click.wav", f"data:audio/wav;base64,{data}").replace("</div>", outside))
    (project / "click.wav").rename(project.parent / "click.wav")
    rendered = render(project, tmp_path / "work", session_settings, strictness="best-effort").summary
    assert int(np.argmax(np.abs(decode_sound(toolchain, rendered.output)[:, 0]))) == pytest.approx(28_800, abs=2)
    (warning,) = (warning for warning in rendered.plan["Warnings"] if "cannot be heard" in warning)
    assert warning.startswith("audio out cannot be heard: ../click.wav is not a media file of the project")


def test_what_is_not_rendered_is_said(tmp_path: Path, session_settings: Settings, toolchain: Toolchain) -> None:
    """Effects, lanes that cannot be read and peaks beyond full scale are warnings with the element's name."""
    attributes = """id="a" data-fx-chain='{"version":1,"nodes":[]}' data-automation="nonsense" data-volume="3" """
    project = click_project(tmp_path / "project", toolchain, duration=1, attributes=attributes)
    warnings = render(project, tmp_path, session_settings).summary.plan["Warnings"]
    assert [warning.split(":")[0] for warning in warnings[:2]] == ["audio a", "audio a"]
    assert re.fullmatch(r"the sound is lowered by \d+\.\d dB: its peak would be above -1 dBTP", warnings[2])


def test_assemble_takes_the_sound_of_its_plan_only(
    tmp_path: Path, session_settings: Settings, toolchain: Toolchain
) -> None:
    """Another file in the place of the sound, or none, is refused before anything is joined."""
    project = click_project(tmp_path / "project", toolchain, duration=0.3)
    rendered = render(project, tmp_path, session_settings).summary
    request = {
        "Action": "assemble",
        "PlanS3Uri": rendered.plan["PlanS3Uri"],
        "ChunkS3Uris": [chunk["ChunkS3Uri"] for chunk in rendered.chunks],
        "OutputS3Uri": (tmp_path / "again.mp4").as_uri(),
        "Format": "mp4",
    }
    context = LocalContext(session_settings, Deadline(60), FrameDigests())
    with pytest.raises(INVALID_EVENT, match="AudioS3Uri is missing"):
        handler(request, context)
    sound = tmp_path / "kept" / "audio.m4a"
    sound.write_bytes(sound.read_bytes()[:-1] + b"x")
    with pytest.raises(PLAN_ARTIFACT_DIGEST_MISMATCH):
        handler({**request, "AudioS3Uri": sound.as_uri()}, context)


def test_command_line_renders_sound(
    tmp_path: Path, session_settings: Settings, toolchain: Toolchain, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`hf-lambda render` gives a file with sound."""
    monkeypatch.setenv("HF_LAMBDA_SCRATCH", str(session_settings.scratch_dir))
    project = click_project(tmp_path / "project", toolchain, duration=0.7)
    output = tmp_path / "out.mp4"
    assert main(["render", str(project), "-o", str(output), "--quality", "draft"]) == 0
    assert np.abs(decode_sound(toolchain, output)).max() > 0.5
