from pathlib import Path

import pytest

from tests.unit.composition.lint.projects import codes, page
from tests.unit.composition.lint.test_moving_images import gif

FILES: dict[str, str | bytes] = {"a.mp4": b"", "b.mp4": b"", "still.gif": gif(1), "moving.gif": gif(3)}
VIDEO = '<video id="v" src="a.mp4" data-start="0" muted></video>'


@pytest.mark.parametrize(
    ("code", "inner", "script"),
    [
        ("imperative_media_control", VIDEO, 'document.querySelector("video").play()'),
        ("imperative_media_control", VIDEO, 'document.querySelector("#v").pause()'),
        ("imperative_media_control", VIDEO, 'const v = document.getElementById("v"); v.currentTime = 3'),
        ("imperative_media_control", "", "const sound = new Audio(url); sound.play()"),
        ("video_audio_double_source", '<video src="a.mp4"></video><audio src="./a.mp4"></audio>', ""),
        ("media_missing_start", '<div data-start="2"><video src="a.mp4" muted></video></div>', ""),
        ("media_preload_none", '<audio src="a.mp4" data-start="0" preload="none"></audio>', ""),
        ("base64_blob", f'<img src="data:image/png;base64,{"A" * (1 << 20)}">', ""),
        ("animated_image", '<p style="background: url(moving.gif)"></p>', ""),
        ("animated_image", "<style>p { background: url('moving.gif') }</style>", ""),
        ("animated_image", '<svg><image href="moving.gif"></image></svg>', ""),
    ],
)
def test_faults_of_media_are_found(tmp_path: Path, code: str, inner: str, script: str) -> None:
    """Media with one fault give its one code."""
    assert codes(tmp_path, page(inner, script), FILES) == [code]


@pytest.mark.parametrize(
    ("inner", "script"),
    [
        (VIDEO, "tl.play(); animation.currentTime = 3; lottie.pause()"),
        (VIDEO, 'const v = document.querySelector("#other"); v.play()'),
        (VIDEO, 'const n = document.querySelector(".video-title").play'),
        (VIDEO, 'const w = document.querySelector("video").videoWidth; w.play()'),
        ('<video src="a.mp4" muted></video><audio src="a.mp4"></audio>', ""),
        ('<video src="a.mp4" data-has-audio="false"></video><audio src="a.mp4"></audio>', ""),
        ('<video src="a.mp4"></video><audio src="b.mp4"></audio>', ""),
        ('<div data-start="0"><video src="a.mp4" muted></video></div>', ""),
        (
            '<p data-start="2"><b data-composition-id="s" data-start="2"><video src="a.mp4" muted></video></b></p>',
            "",
        ),
        ('<audio src="a.mp4" data-duration="2" preload="none"></audio>', ""),
        ('<img src="moving.gif">', ""),
        ('<img src="still.gif" loading="lazy"><p style="background: url(still.gif)"></p>', ""),
        ('<img src="data:image/png;base64,AAAA">', ""),
    ],
)
def test_sound_media_are_left_alone(tmp_path: Path, inner: str, script: str) -> None:
    """Media that come out as written give nothing."""
    assert codes(tmp_path, page(inner, script), FILES) == []
