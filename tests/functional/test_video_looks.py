"""A source video looks like an image of its frame that is styled the same way."""

import io
from collections.abc import Callable
from contextlib import ExitStack
from fractions import Fraction

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from hf_lambda.capture.flags import chromium_flags
from hf_lambda.capture.page import Page
from hf_lambda.capture.shutter import PictureFormat
from hf_lambda.deadline import Deadline
from hf_lambda.handler import browser_pool
from hf_lambda.settings import Settings
from hf_lambda.stages.serving import page_spec
from hf_lambda.toolchain import Toolchain
from tests.functional.projects import write_project
from tests.functional.sites import compile_site, serve
from tests.functional.source_videos import write_video

pytestmark = pytest.mark.browser

Picture = npt.NDArray[np.uint8]
Shoot = Callable[..., Picture]
HALF = 160
"""The video is in the left half of the picture, the image in the right one."""

LOOKS = {
    "plain": "",
    "cover": "width:100px;height:100px;object-fit:cover;object-position:20% 0",
    "contain": "width:90px;height:110px;object-fit:contain;background:#246",
    "natural width": "height:50px",
    "percentages": "width:70%;height:60%;left:5%;top:11%",
    "border and padding": "width:100px;height:60px;border:5px solid #f80;padding:3px;border-radius:12px",
    "transform": "width:100px;height:60px;transform:rotate(20deg) scale(0.8);transform-origin:0 0;top:40px;left:30px",
    "single transforms": "width:100px;translate:10px 5px;rotate:9deg;scale:0.7",
    "opacity": "width:120px;opacity:0.4",
    "clip-path": "width:120px;clip-path:circle(30px at 40px 30px)",
    "mask": "width:120px;mask-image:linear-gradient(90deg,#000,transparent)",
    "filter": "width:120px;filter:hue-rotate(90deg) blur(2px)",
    "blend": "width:120px;mix-blend-mode:difference",
    "shadow": "width:100px;box-shadow:4px 4px 6px #fff",
    "z-index": "width:120px;z-index:-1;position:relative",
}


@pytest.fixture(scope="module")
def shoot(tmp_path_factory: pytest.TempPathFactory, toolchain: Toolchain, session_settings: Settings) -> Shoot:
    """Takes frame 5 of a page whose videos all show one picture."""
    assets = tmp_path_factory.mktemp("assets")
    clip = write_video(toolchain, assets / "clip.mp4", 30, size=(96, 64))
    ramp = np.linspace(0, 255, 96 * 64 * 3).reshape(64, 96, 3).astype(np.uint8)
    Image.fromarray(ramp).save(assets / "frame.png")

    def take(
        body: str, *, script: str = "", head: str = "", frames: tuple[int, ...] = (5,), shown: str = "v"
    ) -> Picture:
        work = tmp_path_factory.mktemp("page")
        project = write_project(work / "project", body, script=script, head=head, height=120, duration=1)
        (project / "clip.mp4").write_bytes(clip.read_bytes())
        (project / "frame.png").write_bytes((assets / "frame.png").read_bytes())
        site = compile_site(project, work / "site", toolchain)
        with ExitStack() as stack:
            server = stack.enter_context(serve(site, toolchain))
            browser = stack.enter_context(
                browser_pool(session_settings).browser(chromium_flags(), deadline=Deadline(60))
            )
            spec = page_spec(
                server,
                "index.html",
                width=320,
                height=120,
                picture=PictureFormat("png"),
                fps=Fraction(30),
                variables={},
                settings=session_settings,
                capture_mode="beginframe",
                scale=1,
                video_pictures=lambda frame: {shown: "/frame.png"} if frame >= 3 else {},
            )
            page = Page(browser, spec, deadline=Deadline(20))
            assert page.load().script_errors == []
            pictures = [page.capture(frame) for frame in frames]
            assert page.report.script_errors == []
            page.close()
            assert "clip.mp4" not in server.missing
        return np.asarray(Image.open(io.BytesIO(pictures[-1])).convert("RGB"))

    return take


def halves(style: str) -> str:
    """A video and an image with the same style, each in its half, over the same background."""
    half = "position:absolute;top:0;width:160px;height:120px;overflow:hidden;background:linear-gradient(#123,#a52)"
    return f"""
      <style>.m {{ position: absolute; left: 7px; top: 9px; object-fit: contain; }} .m {{ {style} }}</style>
      <div style="{half};left:0"><video id="v" class="m" src="clip.mp4" data-duration="1" muted></video></div>
      <div style="{half};left:160px"><img class="m" src="frame.png"></div>"""


def difference(picture: Picture) -> int:
    """The largest difference between the halves, in codes."""
    left, right = picture[:, :HALF].astype(int), picture[:, HALF:].astype(int)
    return int(abs(left - right).max())


@pytest.mark.parametrize("name", LOOKS)
def test_video_looks_like_an_image_with_its_style(name: str, shoot: Shoot) -> None:
    """Fit, transforms, opacity, clips, masks, filters and blending are those of the video."""
    picture = shoot(halves(LOOKS[name]))
    assert difference(picture) <= 4  # at the edge of a rounded corner
    assert picture[:, :HALF].std() > 20


def test_looks_follow_a_tween_while_the_picture_stands(shoot: Shoot) -> None:
    """Styles are copied on every frame, also where the video shows the same picture again."""
    script = """const tl = gsap.timeline({ paused: true });
    tl.fromTo(".m", { x: 0, opacity: 1 }, { x: 60, opacity: 0.5, duration: 1, ease: "none" }, 0);
    window.__timelines["main"] = tl;"""
    picture = shoot(halves("width:60px"), script=script, frames=(3, 4, 5, 15))
    assert difference(picture) <= 1
    assert (picture[20:40, 10:30] != picture[20:40, 45:65]).any()


def test_video_outside_of_its_window_is_not_seen(shoot: Shoot) -> None:
    """Before and after its frames there is only what lies behind it."""
    body = '<video id="v" src="clip.mp4" data-start="0.1" data-duration="0.3" muted></video>'
    assert shoot(body, frames=(2,)).max() == 0
    assert shoot(body, frames=(3, 5)).max() > 200
    assert shoot(body, frames=(3, 5, 20)).max() == 0


def test_hidden_parents_hide_the_video(shoot: Shoot) -> None:
    """A clip around the video that is not on hides it, too."""
    video = '<video id="v" src="clip.mp4" data-start="0" data-duration="1" muted></video>'
    assert shoot(f'<div data-start="0.5" data-duration="0.2">{video}</div>').max() == 0
    assert shoot(f'<div style="display:none">{video}</div>').max() == 0


DRAWN = """const tl = gsap.timeline({ paused: true });
const video = document.getElementById("v"), image = document.getElementById("i");
const left = document.getElementById("left"), right = document.getElementById("right");
%s
tl.to({}, { duration: 1, onUpdate: () => { draw(left, video); draw(right, image); } }, 0);
window.__timelines["main"] = tl;"""
CANVASES = """
  <video id="v" src="clip.mp4" data-start="0" data-duration="1" muted style="position:absolute;top:-999px"></video>
  <img id="i" src="frame.png" style="position:absolute;top:-999px">
  <canvas id="left" width="160" height="120" style="position:absolute;left:0;top:0"></canvas>
  <canvas id="right" width="160" height="120" style="position:absolute;left:160px;top:0"></canvas>"""
DRAW_2D = """const draw = (canvas, source) => {
  const context = canvas.getContext("2d");
  context.drawImage(source, 10, 10, 120, 90);
  context.drawImage(source, 0, 0, 20, 20, 80, 80, 40, 40);
};"""
DRAW_GL = """
const shader = (gl, type, source) => {
  const made = gl.createShader(type);
  gl.shaderSource(made, source);
  gl.compileShader(made);
  return made;
};
const draw = (canvas, source) => {
  const gl = canvas.getContext("webgl", { preserveDrawingBuffer: true });
  const program = gl.createProgram();
  const corner = "attribute vec2 p; varying vec2 uv; void main() { uv = p * .5 + .5; gl_Position = vec4(p, 0., 1.); }";
  const texel = `precision mediump float; varying vec2 uv; uniform sampler2D s;
    void main() { gl_FragColor = texture2D(s, uv); }`;
  gl.attachShader(program, shader(gl, gl.VERTEX_SHADER, corner));
  gl.attachShader(program, shader(gl, gl.FRAGMENT_SHADER, texel));
  gl.linkProgram(program);
  gl.useProgram(program);
  gl.bindBuffer(gl.ARRAY_BUFFER, gl.createBuffer());
  gl.bufferData(gl.ARRAY_BUFFER, new Float32Array([-1, -1, 1, -1, -1, 1, 1, 1]), gl.STATIC_DRAW);
  gl.enableVertexAttribArray(0);
  gl.bindAttribLocation(program, 0, "p");
  gl.vertexAttribPointer(0, 2, gl.FLOAT, false, 0, 0);
  gl.bindTexture(gl.TEXTURE_2D, gl.createTexture());
  gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, gl.RGBA, gl.UNSIGNED_BYTE, source);
  for (const name of [gl.TEXTURE_WRAP_S, gl.TEXTURE_WRAP_T]) gl.texParameteri(gl.TEXTURE_2D, name, gl.CLAMP_TO_EDGE);
  gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, gl.LINEAR);
  gl.drawArrays(gl.TRIANGLE_STRIP, 0, 4);
};"""


@pytest.mark.parametrize("draw", [DRAW_2D, DRAW_GL], ids=["2d", "webgl"])
def test_canvas_draws_the_picture_of_its_frame(draw: str, shoot: Shoot) -> None:
    """A script that draws the video while it is seeked draws the picture, in 2D and as a texture."""
    picture = shoot(CANVASES, script=DRAWN % draw, frames=(5,))
    assert difference(picture) <= 1
    assert picture[:, :HALF].std() > 20


def test_scripts_see_a_loaded_video(shoot: Shoot) -> None:
    """Size, length and events are those of a video that has loaded; playing it changes nothing."""
    body = """<video id="v" src="clip.mp4" data-start="0" data-duration="1" muted></video><div id="said"></div>"""
    head = """<script>window.heard = [];
    addEventListener("loadedmetadata", () => heard.push("metadata"), true);
    addEventListener("canplaythrough", () => heard.push("through"), true);</script>"""
    script = """window.__timelines["main"] = gsap.timeline({ paused: true });
    const v = document.getElementById("v"), said = document.getElementById("said");
    const late = document.createElement("video");
    late.setAttribute("src", "clip.mp4");
    v.play().then(() => v.pause());
    v.currentTime = 0.5;
    addEventListener("load", () => {
      const seen = [v.videoWidth, v.videoHeight, v.duration, v.readyState, v.offsetWidth, v.currentTime,
        v.src.endsWith("/clip.mp4"), v.getAttribute("src"), v.error, heard.join(), late.src === v.src].join(" ");
      if (seen === "96 64 1 4 96 0.5 true clip.mp4  metadata,through true") said.style.cssText =
        "position:absolute;left:200px;top:0;width:100px;height:100px;background:#0f0";
      else throw new Error(seen);
    });"""
    picture = shoot(body, head=head, script=script)
    assert picture[50, 250].tolist() == [0, 255, 0]
