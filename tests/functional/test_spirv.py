"""What shaders are translated to is read, as ANGLE really writes it, for noise that is made of rounding errors."""

from collections.abc import Callable
from pathlib import Path

import pytest

from hf_lambda.capture.page import Page
from hf_lambda.capture.page_scripts import page_script
from hf_lambda.capture.spirv import hangs_on_rounding
from tests.functional.projects import write_project
from tests.functional.sites import OpenScreen
from tests.functional.webgl import NOISE, WAVES, fragment_shader

pytestmark = pytest.mark.browser

BROKEN = "0x07230203," + "0x00000000," * 4 + "0x0004002B,0x00000005"
"""It ends within an instruction."""
SEED = "dot(gl_FragCoord.xy, vec2(12.9898, 78.233))"
GREY = "gl_FragColor = vec4(vec3({}), 1.0);"
HASH = "float hash(vec2 p) { return fract(sin(dot(p, vec2(127.1, 311.7))) * 43758.5453); }"
NOISY = {
    "inline": (NOISE, ""),
    "in-a-function": (GREY.format("hash(floor(gl_FragCoord.xy))"), HASH),
    "cosine": (GREY.format(f"fract(cos({SEED}) * 753.5)"), ""),
    "factor-in-a-constant": (GREY.format(f"fract(sin({SEED}) * SCALE)"), "const float SCALE = 1e4;"),
    "factor-in-a-variable": (f"float scale = 1e4; scale += time; {GREY.format(f'fract(scale * sin({SEED}))')}", ""),
    "factor-as-an-argument": (
        GREY.format(f"grain({SEED}, 43758.5)"),
        "float grain(float seed, float scale) { return fract(sin(seed) * scale); }",
    ),
    "wave-from-a-function": (
        GREY.format(f"fract(wave({SEED}) * 43758.5)"),
        "float wave(float x) { if (x < 0.0) return 0.0; return sin(x); }",
    ),
    "out-parameter": (
        f"float s; wave({SEED}, s); {GREY.format('fract(s * 43758.5)')}",
        "void wave(float x, out float y) { y = sin(x); }",
    ),
    "part-of-a-vector": (f"vec3 v; v.y = sin({SEED}); {GREY.format('fract(v.yyy * vec3(9e3, 8e3, 7e3))')}", ""),
    "dot-product": (GREY.format(f"fract(dot(sin(vec2({SEED}, time)), vec2(5e3, 6e3)))"), ""),
    "remainder": (GREY.format(f"mod(sin({SEED}) * 43758.5, 1.0)"), ""),
    "fraction-written-out": (f"float x = sin({SEED}) * 43758.5; {GREY.format('x - floor(x)')}", ""),
    "sine-of-it": (GREY.format(f"sin(sin({SEED}) * 43758.5)"), ""),
    "pixel-as-a-factor": (GREY.format("fract(tan(distance(gl_FragCoord.xy, vec2(time))) * gl_FragCoord.x)"), ""),
    "in-a-loop": (
        f"float s = 0.0; for (int i = 0; i < 3; i++) {{ s = fract(s * 1000.0) + sin({SEED}); }} {GREY.format('s')}",
        "",
    ),
}
SMOOTH = {
    "waves": (WAVES, ""),
    "noise-that-nobody-calls": (WAVES, HASH),
    "noise-that-is-left-out": (f"#ifdef GRAIN\n{NOISE}\n#else\n{WAVES}\n#endif", ""),
    "grid-and-wave": (GREY.format("fract(gl_FragCoord.x * 300.0) * sin(time)"), ""),
    "moved-grid": (GREY.format("fract(gl_FragCoord.x * 0.01 + 0.1 * sin(time))"), ""),
    "large-wave": (GREY.format("clamp(sin(time) * 500.0, 0.0, 1.0)"), ""),
    "wave-of-large-numbers": (GREY.format("fract(sin(gl_FragCoord.x * 500.0))"), ""),
    "turned-grid": (
        f"vec2 uv = gl_FragCoord.xy / time * mat2(cos(time), -sin(time), sin(time), cos(time)); "
        f"{GREY.format('fract(uv.x * 8.0)')}",
        "",
    ),
    "noise-without-a-sine": (GREY.format("fract(fract(gl_FragCoord.x * 0.1031) * 333.3)"), ""),
}


@pytest.fixture
def translate(open_screen: OpenScreen, tmp_path: Path) -> Callable[[str], str]:
    """Gives the listing of one shader, from a page that compiles it and draws nothing."""

    def translated(source: str) -> str:
        script = f"""
          const gl = document.createElement("canvas").getContext("webgl");
          const shader = gl.createShader(gl.FRAGMENT_SHADER);
          gl.shaderSource(shader, {source!r});
          gl.compileShader(shader);
          if (gl.getShaderInfoLog(shader)) throw new Error(gl.getShaderInfoLog(shader));
          window.__timelines["main"] = gsap.timeline({{ paused: true }});
        """
        screen = open_screen(write_project(tmp_path / "project", "", script=script))
        assert screen.report.script_errors == []
        (listing,) = listings(screen.page)
        return listing

    return translated


def listings(page: Page) -> list[str]:
    """What the page's shaders are translated to."""
    found: list[str] = page.evaluate(page_script("spirv.js"))
    return found


@pytest.mark.parametrize(("body", "before"), NOISY.values(), ids=NOISY)
def test_noise_of_rounding_errors_is_found(body: str, before: str, translate: Callable[[str], str]) -> None:
    """However it is written down."""
    assert hangs_on_rounding(translate(fragment_shader(body, before)))


@pytest.mark.parametrize(("body", "before"), SMOOTH.values(), ids=SMOOTH)
def test_what_all_drivers_draw_alike_is_no_noise(body: str, before: str, translate: Callable[[str], str]) -> None:
    """Waves alone are not, nor is what is never run."""
    assert not hangs_on_rounding(translate(fragment_shader(body, before)))


@pytest.mark.parametrize("large_id", [13, 43, 61], ids=["sine", "clamp", "other"])
def test_numbers_of_instructions_are_no_values(large_id: int) -> None:
    """Although a value, here a large constant that nobody uses, may have the same number."""
    instructions = [
        (22, 5, 32),
        (43, 5, large_id, 0x447A0000),
        (43, 5, 60, 0x3F000000),
        (12, 5, 70, 2, 13, 60),
        (12, 5, 71, 2, 43, 70, 60, 60),
        (133, 5, 72, 71, 60),
        (12, 5, 73, 2, 10, 72),
    ]
    words = [0x07230203, 0x10400, 0, 200, 0]
    for opcode, *rest in instructions:
        words += [(len(rest) + 1) << 16 | opcode, *rest]
    assert not hangs_on_rounding(",".join(f"0x{word:08X}" for word in words))


@pytest.mark.parametrize(
    "listing", ["", "nothing", "0x07230203", "0x00000001," * 9, "0x07230203," + "0x00000000," * 9, BROKEN]
)
def test_anything_else_is_refused(listing: str) -> None:
    """Another browser may translate to something else."""
    with pytest.raises(ValueError, match=r"SPIR-V|without length"):
        hangs_on_rounding(listing)
