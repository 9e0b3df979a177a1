"""Pages that draw with WebGL, for tests."""

from pathlib import Path

from tests.functional.projects import write_project

VERTEX = "attribute vec2 corner; void main() { gl_Position = vec4(corner, 0.0, 1.0); }"
CANVAS = '<canvas id="screen" width="320" height="180"></canvas>'
WAVES = "gl_FragColor = vec4(0.5 + 0.5 * sin(gl_FragCoord.xy * 0.05 + time * 6.0), 0.3, 1.0);"
NOISE = "gl_FragColor = vec4(vec3(fract(sin(dot(gl_FragCoord.xy, vec2(12.9898, 78.233)) + time) * 43758.5453)), 1.0);"


def fragment_shader(body: str, before: str = "") -> str:
    """A shader with this `main`, and what comes before it; it may use `time`, in seconds."""
    return f"precision highp float;\nuniform float time;\n{before}\nvoid main() {{\n{body}\n}}"


def drawing_script(shader: str, *, version: str = "webgl") -> str:
    """Draws `shader` over the whole canvas at each seek."""
    return f"""
      const gl = document.getElementById("screen").getContext("{version}", {{ preserveDrawingBuffer: true }});
      const program = gl.createProgram();
      const sources = [[gl.VERTEX_SHADER, {VERTEX!r}], [gl.FRAGMENT_SHADER, {shader!r}]];
      for (const [type, source] of sources) {{
        const shader = gl.createShader(type);
        gl.shaderSource(shader, source);
        gl.compileShader(shader);
        gl.attachShader(program, shader);
      }}
      gl.linkProgram(program);
      gl.useProgram(program);
      gl.bindBuffer(gl.ARRAY_BUFFER, gl.createBuffer());
      gl.bufferData(gl.ARRAY_BUFFER, new Float32Array([-1, -1, 3, -1, -1, 3]), gl.STATIC_DRAW);
      gl.enableVertexAttribArray(0);
      gl.vertexAttribPointer(0, 2, gl.FLOAT, false, 0, 0);
      const draw = (time) => {{
        gl.uniform1f(gl.getUniformLocation(program, "time"), time);
        gl.drawArrays(gl.TRIANGLES, 0, 3);
      }};
      draw(0);
      window.addEventListener("hf-seek", ({{ detail }}) => draw(detail.time));
      window.__timelines["main"] = gsap.timeline({{ paused: true }});
    """


def write_webgl_project(folder: Path, shader: str, *, version: str = "webgl", seconds: float = 0.5) -> Path:
    """A project whose picture is drawn by one fragment shader."""
    return write_project(folder, CANVAS, script=drawing_script(shader, version=version), duration=seconds)
