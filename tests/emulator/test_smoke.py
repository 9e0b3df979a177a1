import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from hf_lambda.deadline import Deadline
from hf_lambda.deploy.handler_zip import BuiltZip
from hf_lambda.emulator.engine import EmulatorOptions
from hf_lambda.emulator.stack import RenderStack
from hf_lambda.emulator.worker import Worker
from hf_lambda.quality.deployment import Run
from hf_lambda.quality.local_target import LocalTarget
from hf_lambda.quality.outcome import ExitCode
from hf_lambda.quality.smoke import DEFAULT_FIXTURE, SmokeOptions, run_smoke
from hf_lambda.quality.trial import render_baseline
from hf_lambda.settings import Settings
from hf_lambda.toolchain import Toolchain
from tests.emulator.runs import CHECKOUT

TONE = DEFAULT_FIXTURE / "tone.wav"
FRAMES = 90

Ffmpeg = Callable[..., None]
Plant = Callable[["Faulty"], None]


class Faulty(LocalTarget):
    """A deployment in which `plant` puts a fault once it is up."""

    def __init__(self, options: EmulatorOptions, work: Path, plant: Plant) -> None:
        super().__init__(options, work)
        self._plant = plant
        self.replaced: Callable[[Path, Path], None] | None = None
        """Makes a second file of every output, which takes its place in the bucket."""

    def up(self, deadline: Deadline) -> RenderStack:
        """See `Target.up`."""
        stack = super().up(deadline)
        self._plant(self)
        if self.replaced is None:
            return stack
        bucket = FaultyBucket(stack.s3, stack.stepfunctions, stack.bucket, stack.state_machine_arn)
        bucket.replaced = self.replaced
        return bucket


class FaultyBucket(RenderStack):
    """A bucket in which somebody replaces each output before it is fetched."""

    replaced: Callable[[Path, Path], None]

    def download(self, uri: str, path: Path) -> None:
        """See `RenderStack.download`."""
        key = uri.removeprefix(f"s3://{self.bucket}/")
        original, other = path.with_name("original.mp4"), path.with_name("other.mp4")
        super().download(uri, original)
        self.replaced(original, other)
        self.s3.upload_file(str(other), self.bucket, key)
        original.unlink()
        other.unlink()
        super().download(uri, path)


@dataclass(frozen=True)
class Ended:
    """A run that is over."""

    code: ExitCode
    rows: list[dict[str, Any]]
    cleanup: dict[str, Any]
    said: list[str]


@pytest.fixture(scope="session")
def ffmpeg(toolchain: Toolchain) -> Ffmpeg:
    """Runs ffmpeg with the arguments given."""

    def run(*arguments: object) -> None:
        subprocess.run([toolchain.ffmpeg, "-v", "error", "-y", *map(str, arguments)], check=True)

    return run


@pytest.fixture(scope="session")
def baseline(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The fixture as this process renders it."""
    work = tmp_path_factory.mktemp("baseline")
    run = Run(work, work, Deadline(300), print)
    return render_baseline(DEFAULT_FIXTURE, {}, Settings.from_environment(), run, "smoke").path


@pytest.fixture
def smoke(tmp_path: Path, built: BuiltZip, baseline: Path) -> Callable[..., Ended]:
    """Runs the gate with two chunks against a deployment with a fault."""

    def run(plant: Plant, compared_with: Path = baseline) -> Ended:
        options = EmulatorOptions(
            built.path,
            CHECKOUT / "statemachine.asl.json",
            Settings.from_environment().cache_dir / "emulator",
            name="hf-lambda-smoke-test",
        )
        said: list[str] = []
        run = Run(tmp_path / "artifacts", tmp_path / "work", Deadline(600), said.append)
        code = run_smoke(
            Faulty(options, tmp_path / "work" / "emulator", plant),
            SmokeOptions(chunk_counts=(2,), baseline=compared_with),
            Settings.from_environment(),
            run,
        )
        results = tmp_path / "artifacts" / "results.json"
        cleanup = json.loads((tmp_path / "artifacts" / "cleanup-verification.json").read_text())
        return Ended(code, json.loads(results.read_text()), cleanup, said)

    return run


def test_sound_deployment_passes(built: BuiltZip, tmp_path: Path) -> None:
    """The command ends with 0, its files say what was rendered and how alike it is, and nothing is left."""
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    artifacts = tmp_path / "artifacts"
    done = run_command(
        "smoke", "--zip", built.path, "--chunk-counts", "2,7", "--artifacts", artifacts, temporary=temporary
    )
    assert done.returncode == 0, done.stderr
    rows = json.loads((artifacts / "results.json").read_text())
    assert [(row["chunkCountRequested"], row["chunkCount"], row["frames"]) for row in rows] == [
        (2, 2, FRAMES),
        (7, 7, FRAMES),
    ]
    assert all(row["psnrPooledDb"] >= 40 and row["psnrMinDb"] >= 30 and row["reasons"] == [] for row in rows)
    assert all(row["wallClockMs"] > 0 and row["costUsd"] > 0 for row in rows)
    for row in rows:
        assert (artifacts / row["output"]).stat().st_size > 1000
        history = json.loads((artifacts / row["history"]).read_text())
        assert history[-1]["type"] == "ExecutionSucceeded"
    cleanup = json.loads((artifacts / "cleanup-verification.json").read_text())
    assert (cleanup["cleanupVerified"], cleanup["leaks"], cleanup["originalExitCode"]) == (True, [], 0)
    assert list(temporary.iterdir()) == []


def test_wrong_frame_in_a_chunk_is_found(smoke: Callable[..., Ended], ffmpeg: Ffmpeg, tmp_path: Path) -> None:
    """One frame of the second chunk turned to its negative fails the gate, which says which frame it is."""

    def plant(target: Faulty) -> None:
        assert target.emulator is not None
        s3, bucket = target.emulator.s3, target.emulator.bucket

        def replace_chunk(payload: dict[str, Any], _: Worker) -> None:
            if payload["Action"] != "assemble":
                return
            key = payload["ChunkS3Uris"][1].removeprefix(f"s3://{bucket}/")
            s3.download_file(bucket, key, str(tmp_path / "chunk.mp4"))
            encoded = ("-c:v", "libx264", "-crf", 12, "-bf", 0, "-bitexact", tmp_path / "wrong.mp4")
            ffmpeg("-i", tmp_path / "chunk.mp4", "-vf", "negate=enable='eq(n,5)'", *encoded)
            s3.upload_file(str(tmp_path / "wrong.mp4"), bucket, key)

        target.emulator.pool.before = replace_chunk

    ended = smoke(plant)
    assert ended.code is ExitCode.QUALITY
    assert ended.rows[0]["psnrMinFrame"] == FRAMES // 2 + 5
    assert ended.rows[0]["psnrAvgDb"] > 40  # the average would have let it pass
    assert any(reason.startswith(f"frame {FRAMES // 2 + 5} has a PSNR of") for reason in ended.rows[0]["reasons"])
    assert ended.rows[0]["frames"] == FRAMES
    assert ended.cleanup["cleanupVerified"]


def test_late_sound_is_found(smoke: Callable[..., Ended], ffmpeg: Ffmpeg, baseline: Path, tmp_path: Path) -> None:
    """Sound that is 50 ms late fails the gate, which says how late it is."""
    heard = tmp_path / "heard.mp4"

    def with_sound(source: Path, target: Path, filters: str) -> None:
        encoded = ("-map", "0:v", "-map", "1:a", "-c:v", "copy", "-c:a", "aac", "-b:a", "192k")
        ffmpeg("-i", source, "-i", TONE, *encoded, "-af", filters, target)

    with_sound(baseline, heard, "anull")

    def plant(target: Faulty) -> None:
        target.replaced = lambda original, other: with_sound(original, other, "adelay=50|50,atrim=end=3")

    ended = smoke(plant, compared_with=heard)
    assert ended.code is ExitCode.QUALITY
    assert ended.rows[0]["audio"]["lagMs"] == pytest.approx(50, abs=0.1)
    assert "sound is 50.0 ms late" in ended.rows[0]["reasons"]


def test_output_that_lacks_a_frame_is_found(smoke: Callable[..., Ended], ffmpeg: Ffmpeg) -> None:
    """An output one frame short fails the gate although every frame that it has is right."""

    def plant(target: Faulty) -> None:
        target.replaced = lambda original, other: ffmpeg(
            "-i", original, "-map", 0, "-c", "copy", "-frames:v", FRAMES - 1, other
        )

    ended = smoke(plant)
    assert ended.code is ExitCode.QUALITY
    assert f"{FRAMES - 1} frames instead of {FRAMES}" in ended.rows[0]["reasons"]
    assert ended.rows[0]["psnrMinDb"] >= 30


def test_chunk_that_never_renders_fails_the_run(smoke: Callable[..., Ended]) -> None:
    """A chunk that fails on every attempt fails the run with its own error, and everything is still taken away."""

    def plant(target: Faulty) -> None:
        assert target.emulator is not None

        def spoil(payload: dict[str, Any], _: Worker) -> None:
            if payload.get("ChunkIndex") == 1:
                payload["PlanHash"] = "0" * 64

        target.emulator.pool.before = spoil

    ended = smoke(plant)
    assert ended.code is ExitCode.RENDER
    assert ended.rows[0]["verdict"] == "render failed"
    assert ended.rows[0]["wallClockMs"] is None
    assert ended.rows[0]["failedAttempts"] == {"PLAN_HASH_MISMATCH": 1}
    assert "FAILED: PLAN_HASH_MISMATCH" in ended.rows[0]["reasons"][0]
    assert ended.cleanup["cleanupVerified"]


def test_object_that_outlives_the_teardown_is_found(smoke: Callable[..., Ended]) -> None:
    """An object written after the bucket was emptied makes an otherwise green run fail, and is named."""

    def plant(target: Faulty) -> None:
        assert target.emulator is not None
        s3, bucket = target.emulator.s3, target.emulator.bucket

        def write_late(**_: object) -> None:
            s3.put_object(Bucket=bucket, Key="renders/late.bin", Body=b"late")

        s3.meta.events.register("before-call.s3.DeleteBucket", write_late)

    ended = smoke(plant)
    assert ended.code is ExitCode.LEAK
    assert "bucket hf-lambda-smoke-test: object renders/late.bin" in ended.cleanup["leaks"]
    assert ended.cleanup["originalExitCode"] == ExitCode.OK
    assert not ended.cleanup["cleanupVerified"]
    assert "left behind: bucket hf-lambda-smoke-test: object renders/late.bin" in ended.said


def test_plea_to_terminate_takes_everything_away(built: BuiltZip, tmp_path: Path) -> None:
    """SIGTERM in the middle of an execution ends the command with 130, after the teardown."""
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    with subprocess.Popen(
        command("smoke", "--zip", built.path, "--artifacts", tmp_path / "artifacts"),
        env={**os.environ, "TMPDIR": str(temporary)},
        cwd=CHECKOUT,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr is not None
        while "N2: 2 chunks" not in process.stderr.readline():
            assert process.poll() is None
        process.send_signal(signal.SIGTERM)
        said = process.stderr.read()
    assert process.returncode == 130, said
    cleanup = json.loads((tmp_path / "artifacts" / "cleanup-verification.json").read_text())
    assert (cleanup["cleanupVerified"], cleanup["leaks"]) == (True, [])
    assert list(temporary.iterdir()) == []


def command(*arguments: object) -> list[str]:
    """`hf-lambda` on this machine, with the zip that is there."""
    rest = ("--target", "local", "--skip-build")
    return [sys.executable, "-m", "hf_lambda.cli.main", *map(str, arguments), *rest]


def run_command(*arguments: object, temporary: Path) -> subprocess.CompletedProcess[str]:
    """The command to its end, with a folder for temporary files of its own."""
    environment = {**os.environ, "TMPDIR": str(temporary)}
    return subprocess.run(
        command(*arguments), env=environment, cwd=CHECKOUT, capture_output=True, text=True, check=False
    )
