"""Clips to compare, and an AWS without limits or bills."""

import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import boto3
import pytest

from hf_lambda.toolchain import Toolchain

MakeVideo = Callable[..., Path]


@pytest.fixture(scope="session")
def make_video(toolchain: Toolchain, tmp_path_factory: pytest.TempPathFactory) -> MakeVideo:
    """Makes a clip of 30 frames with a sound, through filters of ffmpeg."""
    folder = tmp_path_factory.mktemp("videos")

    def make(name: str, video: str = "null", audio: str | None = "anull", *, size: str = "96x64") -> Path:
        path = folder / f"{name}.mp4"
        sound = (
            "-f",
            "lavfi",
            "-i",
            "aevalsrc='0.4*sin(2*PI*(200+400*t)*t)*(0.3+0.7*exp(-5*mod(t,0.25)))':d=1:s=48000",
        )
        pictures = ("-f", "lavfi", "-i", f"testsrc2=size={size}:rate=30:duration=1")
        filters = ["-vf", video, *(() if audio is None else ("-af", audio))]
        coded = ("-c:v", "libx264", "-crf", "12", "-c:a", "aac", "-b:a", "192k")
        inputs = pictures if audio is None else (*pictures, *sound)
        subprocess.run([toolchain.ffmpeg, "-v", "error", "-y", *inputs, *filters, *coded, path], check=True)
        return path

    return make


@pytest.fixture(scope="session")
def moto_endpoint() -> Iterator[str]:
    """An S3, CloudFormation, Lambda and Step Functions in a process of their own: moto's state is one for a process."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    endpoint = f"http://127.0.0.1:{port}"
    argv = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    with subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        for _ in range(600):
            with suppress(OSError), urllib.request.urlopen(f"{endpoint}/moto-api/"):
                break
            time.sleep(0.1)
        yield endpoint
        server.kill()


@pytest.fixture
def clients(moto_endpoint: str) -> Callable[[str], Any]:
    """Gives boto3 clients of it; every test begins with an empty account."""
    with urllib.request.urlopen(urllib.request.Request(f"{moto_endpoint}/moto-api/reset", method="POST")):
        pass
    session = boto3.Session(aws_access_key_id="test", aws_secret_access_key="test", region_name="us-east-1")
    made: dict[str, Any] = {}

    def client(service: str) -> Any:
        if service not in made:
            made[service] = session.client(service, endpoint_url=moto_endpoint)
        return made[service]

    return client
