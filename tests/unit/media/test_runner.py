import time
from pathlib import Path

import pytest

from hf_lambda.deadline import Deadline
from hf_lambda.errors import CHUNK_DEADLINE_EXCEEDED, ENCODER_FAILED, RENDER_CANCELLED, SCRATCH_UNAVAILABLE
from hf_lambda.media.runner import FfmpegProcess, run_ffmpeg
from hf_lambda.toolchain import Toolchain
from tests.unit.doubles import open_descriptors, write_program


@pytest.fixture
def deadline() -> Deadline:
    """More time than any test needs."""
    return Deadline(60)


def program(tmp_path: Path, script: str) -> list[str]:
    """The argv of a program that stands in for ffmpeg."""
    return [str(write_program(tmp_path / "ffmpeg", script)), "-an", "option"]


def is_running(pid: int) -> bool:
    """Whether a process exists and is no zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_output_is_written(toolchain: Toolchain, tmp_path: Path, deadline: Deadline) -> None:
    """A run that succeeds leaves its output."""
    source = ["-f", "lavfi", "-i", "testsrc=size=64x48:rate=30:duration=0.1"]
    run_ffmpeg([str(toolchain.ffmpeg), "-v", "error", *source, str(tmp_path / "a.mp4")], deadline=deadline)
    assert (tmp_path / "a.mp4").stat().st_size > 0


def test_frames_are_those_that_ffmpeg_reports(toolchain: Toolchain, tmp_path: Path, deadline: Deadline) -> None:
    """The frame count comes from ffmpeg's own progress."""
    source = ["-f", "lavfi", "-i", "testsrc=size=64x48:rate=30:duration=0.2"]
    argv = [str(toolchain.ffmpeg), "-v", "error", "-progress", "pipe:1", *source, str(tmp_path / "a.mp4")]
    with FfmpegProcess(argv, deadline=deadline) as process:
        process.finish()
    assert process.frames == 6


def test_progress_that_is_no_number_is_skipped(tmp_path: Path, deadline: Deadline) -> None:
    """Lines of progress that say something else do no harm."""
    with FfmpegProcess(
        program(tmp_path, "printf 'frame=3\\nfps=1\\nframe=N/A\\n\\377\\nout_time=x=y\\n'"), deadline=deadline
    ) as process:
        process.finish()
    assert process.frames == 3


def test_what_is_fed_arrives(tmp_path: Path, deadline: Deadline) -> None:
    """Everything that was written reaches ffmpeg before its input ends."""
    with FfmpegProcess(program(tmp_path, f"cat > '{tmp_path / 'out'}'"), deadline=deadline, fed=True) as process:
        for _ in range(3):
            process.write(b"x" * 100_000)
        process.finish()
    assert (tmp_path / "out").stat().st_size == 300_000


def test_unfed_process_reads_nothing(tmp_path: Path, deadline: Deadline) -> None:
    """A run without pictures has an empty input, never ours."""
    with FfmpegProcess(program(tmp_path, f"cat > '{tmp_path / 'out'}'"), deadline=deadline) as process:
        process.finish()
    assert (tmp_path / "out").read_bytes() == b""


@pytest.mark.parametrize(("script", "code"), [("exit 3", "3"), ("kill -9 $$", "-9")])
def test_failure_carries_code_and_command(tmp_path: Path, deadline: Deadline, script: str, code: str) -> None:
    """A run that failed is described by its exit code, its last words and its command."""
    argv = program(tmp_path, f"echo 'Unknown encoder' >&2; {script}")
    with pytest.raises(ENCODER_FAILED) as caught:
        run_ffmpeg(argv, deadline=deadline)
    assert caught.value.cause == f"ffmpeg ended with code {code}: Unknown encoder [{' '.join(argv)}]"


def test_failure_carries_the_end_of_a_long_log(tmp_path: Path, deadline: Deadline) -> None:
    """Of a long log the last part is kept."""
    with pytest.raises(ENCODER_FAILED) as caught:
        run_ffmpeg(program(tmp_path, "yes early | head -n 5000 >&2; echo 'the end' >&2; exit 1"), deadline=deadline)
    assert "the end [" in caught.value.cause
    assert len(caught.value.cause) < 5000


def test_silent_failure_says_so(tmp_path: Path, deadline: Deadline) -> None:
    """A run that failed without a word is described as such."""
    with pytest.raises(ENCODER_FAILED, match="ended with code 1: nothing"):
        run_ffmpeg(program(tmp_path, "exit 1"), deadline=deadline)


def test_line_is_found_while_ffmpeg_writes(tmp_path: Path, deadline: Deadline) -> None:
    """What ffmpeg says can be looked through before its end, without its speakers, and nothing of it is lost."""
    script = "echo fine >&2; echo '[vist#0 @ 0x1] [h264 @ 0x2] bad frame' >&2; cat; echo 'the end' >&2; exit 1"
    with FfmpegProcess(program(tmp_path, script), deadline=deadline, fed=True) as process:
        while process.first_line(["bad", "worse"]) is None:
            time.sleep(0.002)
        assert process.first_line(["bad", "worse"]) == "bad frame"
        assert process.first_line(["worse"]) is None
        with pytest.raises(ENCODER_FAILED, match=r"fine\n\[vist#0 @ 0x1\] \[h264 @ 0x2\] bad frame\nthe end \["):
            process.finish()


def test_process_that_stops_reading_is_a_failure(tmp_path: Path, deadline: Deadline) -> None:
    """Feeding a process that ended raises what it said."""
    argv = program(tmp_path, "echo 'No space left' >&2; exit 1")
    with (
        FfmpegProcess(argv, deadline=deadline, fed=True) as process,
        pytest.raises(ENCODER_FAILED, match="No space left"),
    ):
        process.write(b"x" * 10_000_000)


def test_process_that_stops_reading_and_goes_on_ends_with_the_deadline(tmp_path: Path) -> None:
    """One that takes no more pictures and does not end is waited for as long as the invocation has."""
    argv = program(tmp_path, "exec sleep 60 <&-")
    with (
        FfmpegProcess(argv, deadline=Deadline(0.2), fed=True) as process,
        pytest.raises(CHUNK_DEADLINE_EXCEEDED, match="waiting for ffmpeg"),
    ):
        process.write(b"x" * 10_000_000)


def test_full_disk_is_a_fault_of_the_disk(toolchain: Toolchain, deadline: Deadline) -> None:
    """What ffmpeg cannot write for lack of space has its own remedy."""
    source, output = ["-f", "lavfi", "-i", "anoisesrc=d=3"], ["-y", "-f", "f32le", "/dev/full"]
    with pytest.raises(SCRATCH_UNAVAILABLE, match="No space left on device"):
        run_ffmpeg([str(toolchain.ffmpeg), "-v", "error", *source, *output], deadline=deadline)


def test_missing_program_is_a_failure(tmp_path: Path, deadline: Deadline) -> None:
    """A worker without ffmpeg fails readably, and leaves nothing open."""
    before = open_descriptors()
    with pytest.raises(ENCODER_FAILED, match="could not be started"):
        run_ffmpeg([str(tmp_path / "none")], deadline=deadline)
    assert open_descriptors() == before


@pytest.mark.parametrize("script", ["exec sleep 60", "exec sleep 60 >&-"])
def test_waiting_ends_with_the_deadline(tmp_path: Path, script: str) -> None:
    """A run that takes longer than the invocation has is stopped, whether or not it still says how far it is."""
    with pytest.raises(CHUNK_DEADLINE_EXCEEDED, match="waiting for ffmpeg"):
        run_ffmpeg(program(tmp_path, script), deadline=Deadline(0.05))


def test_waiting_ends_when_the_render_is_cancelled(tmp_path: Path, deadline: Deadline) -> None:
    """A cancelled render does not wait for ffmpeg."""
    deadline.cancel()
    with pytest.raises(RENDER_CANCELLED):
        run_ffmpeg(program(tmp_path, "exec sleep 60"), deadline=deadline)


def test_block_that_is_left_early_kills_the_process(tmp_path: Path, deadline: Deadline) -> None:
    """Nothing runs on, and nothing stays open, after the block."""
    before = open_descriptors()
    with FfmpegProcess(
        program(tmp_path, f"echo $$ > '{tmp_path / 'pid'}'; exec sleep 60"), deadline=deadline, fed=True
    ):
        while not (tmp_path / "pid").exists() or not (tmp_path / "pid").read_text().strip():
            time.sleep(0.002)
    assert not is_running(int((tmp_path / "pid").read_text()))
    assert open_descriptors() == before


def test_ffmpeg_sees_no_credentials(tmp_path: Path, deadline: Deadline, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of our environment but PATH reaches ffmpeg."""
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    with pytest.raises(ENCODER_FAILED) as caught:
        run_ffmpeg(program(tmp_path, "env >&2; exit 1"), deadline=deadline)
    assert "PATH=" in caught.value.cause
    assert "secret" not in caught.value.cause
