"""The command line, run as its users run it: a process, its streams, its exit code, what it leaves behind."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from fractions import Fraction
from pathlib import Path

import psutil
import pytest

from hf_lambda.deadline import Deadline
from hf_lambda.media.probing import probe_video
from hf_lambda.toolchain import Toolchain
from tests.functional.projects import EMPTY_TIMELINE, write_numbered_project, write_project
from tests.functional.renders import decoded_frames

pytestmark = pytest.mark.browser

WIDTH, HEIGHT = 160, 90
COMMAND = [sys.executable, "-m", "hf_lambda.cli.main"]
STAGES = [
    "compiling the page",
    "probing the page",
    "freezing the plan",
    "rendering",
    "assembling",
]
STOP_SECONDS = 20.0
"""Within which a stopped render has ended, on a machine that is busy with other things."""


@pytest.fixture
def scratch(tmp_path: Path) -> Path:
    """The scratch folder of the processes that a test starts."""
    folder = tmp_path / "scratch"
    folder.mkdir()
    return folder


@pytest.fixture
def environment(scratch: Path) -> dict[str, str]:
    """The environment of the processes that a test starts: no terminal, a scratch folder of its own."""
    inherited = {name: value for name, value in os.environ.items() if name not in ("FORCE_COLOR", "TTY_COMPATIBLE")}
    return {**inherited, "HF_LAMBDA_SCRATCH": str(scratch), "HF_LAMBDA_LANES": "2"}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Nine frames of one colour: white, unless the variable `colour` says another."""
    script = f"""
      const {{ colour }} = window.__hyperframes.getVariables();
      document.getElementById("fill").style.background = colour ?? "#fff";
      {EMPTY_TIMELINE}
    """
    fill = f'<div id="fill" style="width:{WIDTH}px;height:{HEIGHT}px"></div>'
    return write_project(tmp_path / "project", fill, script=script, width=WIDTH, height=HEIGHT, duration=0.3)


def run(environment: dict[str, str], *argv: str | Path) -> subprocess.CompletedProcess[str]:
    """A finished run of the command line."""
    return subprocess.run(
        [*COMMAND, *map(str, argv)], env=environment, capture_output=True, text=True, timeout=120, check=False
    )


def middle_pixel(toolchain: Toolchain, video: Path) -> list[int]:
    """The colour in the middle of the last frame."""
    picture = list(decoded_frames(toolchain, video, WIDTH, HEIGHT))[-1]
    return [int(code) for code in picture[HEIGHT // 2, WIDTH // 2]]


def test_render_writes_the_video_and_says_so(
    project: Path, environment: dict[str, str], scratch: Path, tmp_path: Path, toolchain: Toolchain
) -> None:
    """The video lies where it was asked for, its facts are one line on stdout, the stages are lines on stderr."""
    output = tmp_path / "new" / "folder" / "out.mp4"
    done = run(environment, "render", project, "-o", output, "--quality", "draft")
    assert done.returncode == 0, done.stderr
    (facts,) = done.stdout.splitlines()
    assert facts.startswith(f"{output}: {WIDTH}x{HEIGHT}, 9 frames at 30 fps, ")
    assert done.stderr.splitlines() == STAGES
    assert probe_video(toolchain.ffprobe, output, deadline=Deadline(30)).frame_count == 9
    assert middle_pixel(toolchain, output) == pytest.approx([255, 255, 255], abs=3)
    assert [path.name for path in output.parent.iterdir()] == ["out.mp4"]
    assert list(scratch.iterdir()) == []


def test_json_is_all_that_stdout_holds(
    project: Path, environment: dict[str, str], tmp_path: Path, toolchain: Toolchain
) -> None:
    """With --json stdout is one document with every result; a rate as people say it is an exact one."""
    output = tmp_path / "out.mp4"
    done = run(environment, "render", project, "-o", output, "--quality", "draft", "--fps", "29.97", "--json")
    assert done.returncode == 0, done.stderr
    made = json.loads(done.stdout)
    assert (made["Output"], made["Plan"]["Fps"], made["Plan"]["TotalFrames"]) == (str(output), "30000/1001", 9)
    assert [chunk["FramesEncoded"] for chunk in made["Chunks"]] == [9]
    assert made["Assembled"]["FileSize"] == output.stat().st_size
    assert probe_video(toolchain.ffprobe, output, deadline=Deadline(30)).fps == Fraction(30000, 1001)


@pytest.mark.parametrize("source", ["--variables", "--variables-file"])
def test_variables_reach_the_picture(
    source: str, project: Path, environment: dict[str, str], tmp_path: Path, toolchain: Toolchain
) -> None:
    """A variable, on the command line or in a file, is what the page draws with."""
    value = json.dumps({"colour": "#3366ff"})
    if source == "--variables-file":
        (tmp_path / "variables.json").write_text(value)
        value = str(tmp_path / "variables.json")
    done = run(environment, "render", project, "-o", tmp_path / "out.mp4", source, value)
    assert done.returncode == 0, done.stderr
    assert middle_pixel(toolchain, tmp_path / "out.mp4") == pytest.approx([0x33, 0x66, 0xFF], abs=3)


def test_keep_keeps_the_plan_and_the_chunks(
    project: Path, environment: dict[str, str], scratch: Path, tmp_path: Path
) -> None:
    """With --keep the plan and every chunk stay in the folder, which is made, and nothing stays elsewhere."""
    kept, output = tmp_path / "deep" / "kept", tmp_path / "out.mp4"
    done = run(environment, "render", project, "-o", output, "--quality", "draft", "--keep", kept, "--chunk-size", "5")
    assert done.returncode == 0, done.stderr
    assert output.is_file()
    assert (kept / "plan.tar.gz").is_file()
    assert sorted(path.name for path in (kept / "chunks").rglob("[0-9]*.mp4")) == ["0000.mp4", "0001.mp4"]
    assert list(scratch.iterdir()) == []


@pytest.mark.parametrize(
    ("code", "argv"),
    [
        ("PROJECT_NOT_FOUND", ["nowhere", "-o", "out.mp4"]),
        ("INVALID_CONFIG", ["project", "-o", "out.mp4", "--fps", "29"]),
        ("INVALID_CONFIG", ["project", "-o", "out.mp4", "--fps", "fast"]),
        ("INVALID_CONFIG", ["project", "-o", "out.mp4", "--variables", "{colour: red}"]),
        ("INVALID_CONFIG", ["project", "-o", "out.mp4", "--variables-file", "nowhere.json"]),
        ("INVALID_CONFIG", ["project", "-o", "out.gif"]),
    ],
)
def test_bad_input_is_one_message(
    code: str, argv: list[str], project: Path, environment: dict[str, str], scratch: Path, tmp_path: Path
) -> None:
    """What cannot be rendered ends with 1 and the error's code on stderr: no traceback, no output, nothing left."""
    paths = {"nowhere", "project", "out.mp4", "out.gif", "nowhere.json"}
    done = run(environment, "render", *(tmp_path / word if word in paths else word for word in argv))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.splitlines()[-1].startswith(f"hf-lambda: {code}: ")
    assert "Traceback" not in done.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["project", "scratch"]
    assert list(scratch.iterdir()) == []


@pytest.mark.parametrize("argv", [["render"], ["render", "project", "-o", "out.mp4", "--crf", "high"], ["paint"]])
def test_wrong_usage_ends_with_two(argv: list[str], environment: dict[str, str]) -> None:
    """A command line that cannot be understood is answered with the usage on stderr."""
    done = run(environment, *argv)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("usage: hf-lambda")


# --- being stopped ----------------------------------------------------------------------------------


@pytest.fixture
def long_render(tmp_path: Path, environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """A render that takes much longer than a test waits; its streams go to the files `stdout` and `stderr`."""
    project = write_numbered_project(tmp_path / "long", fps=30, duration=100)
    argv = [*COMMAND, "render", str(project), "-o", str(tmp_path / "out.mp4")]
    with (tmp_path / "stdout").open("wb") as stdout, (tmp_path / "stderr").open("wb") as stderr:
        # A child ignores SIGINT where its parent does; where its parent has a handler it begins with the default.
        before = signal.signal(signal.SIGINT, signal.default_int_handler)
        process = subprocess.Popen(argv, env=environment, stdout=stdout, stderr=stderr)
        signal.signal(signal.SIGINT, before)
    with process:
        yield process
        process.kill()


def wait_until(condition: Callable[[], bool], what: str, *, seconds: float = 60.0) -> None:
    """Wait for something to become true."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"within {seconds} s {what}"
        time.sleep(0.02)


def living(processes: list[psutil.Process]) -> list[str]:
    """The names of those that still run; what nobody reaped runs no more."""
    names = []
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            if process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
                names.append(process.name())
    return names


@pytest.mark.parametrize(("stage", "child"), [("probing the page", "chromium"), ("rendering", "ffmpeg")])
@pytest.mark.parametrize("signals", [[signal.SIGINT], [signal.SIGINT, signal.SIGINT], [signal.SIGTERM]])
def test_interrupted_render_leaves_nothing(
    stage: str,
    child: str,
    signals: list[signal.Signals],
    long_render: subprocess.Popen[bytes],
    scratch: Path,
    tmp_path: Path,
) -> None:
    """Ctrl-C, pressed once or by the impatient twice, ends a render with 130 and takes everything of it along; so does
    a plea to terminate.
    """
    stderr = tmp_path / "stderr"
    wait_until(lambda: stage in stderr.read_text().splitlines(), f"there was no {stage!r}")
    own = psutil.Process(long_render.pid)
    wait_until(lambda: any(name.startswith(child) for name in living(own.children(recursive=True))), f"no {child} ran")
    children = own.children(recursive=True)
    for number in signals:
        long_render.send_signal(number)
        time.sleep(0.1)
    assert long_render.wait(STOP_SECONDS) == 130, stderr.read_text()
    wait_until(lambda: living(children) == [], "its processes did not end", seconds=5)
    in_scratch = [process for process in psutil.process_iter() if str(scratch) in " ".join(command_line(process))]
    assert living(in_scratch) == []
    assert list(scratch.iterdir()) == []
    assert [path.name for path in tmp_path.glob("*out.mp4*")] == []
    assert (tmp_path / "stdout").read_text() == ""
    assert stderr.read_text().splitlines()[-1].startswith("hf-lambda: RENDER_CANCELLED: ")
    assert "Traceback" not in stderr.read_text()


def test_invocation_that_is_told_to_end_leaves_nothing(
    environment: dict[str, str], scratch: Path, tmp_path: Path
) -> None:
    """`invoke` ends its browser and removes its scratch folder, too."""
    project = write_project(tmp_path / "project", "", script="for (;;) {}", width=WIDTH, height=HEIGHT)
    event = {"Action": "plan", "ProjectS3Uri": project.as_uri(), "Config": {}}
    (tmp_path / "event.json").write_text(json.dumps({**event, "PlanOutputS3Prefix": (tmp_path / "plan").as_uri()}))
    argv = [*COMMAND, "invoke", str(tmp_path / "event.json")]
    with subprocess.Popen(argv, env=environment, stderr=subprocess.PIPE, text=True) as process:
        own = psutil.Process(process.pid)
        wait_until(lambda: living(own.children(recursive=True)) != [], "no browser ran")
        children = own.children(recursive=True)
        process.terminate()
        assert process.wait(STOP_SECONDS) == 130
        assert process.stderr is not None
        assert process.stderr.read().splitlines()[-1].startswith("hf-lambda: RENDER_CANCELLED: ")
    wait_until(lambda: living(children) == [], "its processes did not end", seconds=5)
    assert list(scratch.iterdir()) == []


def command_line(process: psutil.Process) -> list[str]:
    """The arguments of a process, none where it just ended."""
    try:
        return process.cmdline()
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return []
