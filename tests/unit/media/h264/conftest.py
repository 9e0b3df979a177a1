"""Real streams of x264, and what a decoder makes of them."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from hf_lambda.toolchain import Toolchain

MakeStream = Callable[..., Path]


@pytest.fixture(scope="session")
def make_stream(toolchain: Toolchain, tmp_path_factory: pytest.TempPathFactory) -> MakeStream:
    """Makes an H.264 stream of a picture that moves, from x264's own options; equal ones give the same file."""
    folder = tmp_path_factory.mktemp("streams")

    def make(params: str = "bframes=0", *options: str, size: str = "64x48", pictures: int = 12) -> Path:
        path = folder / f"{abs(hash((params, options, size, pictures)))}.h264"
        if not path.exists():
            source = f"testsrc2=size={size}:rate=30,noise=alls=20:allf=t,format=yuv420p"
            encoder = ["-c:v", "libx264", "-threads", "2", "-x264-params", f"scenecut=0:{params}", *options]
            limit = ["-frames:v", str(pictures)]
            argv = [toolchain.ffmpeg, "-v", "error", "-f", "lavfi", "-i", source, *encoder, *limit, path]
            subprocess.run([str(part) for part in argv], check=True)
        return path

    return make
