"""Source videos whose frames carry their number, and the reading of it."""

import subprocess
from pathlib import Path

import numpy as np
import numpy.typing as npt

from hf_lambda.toolchain import Toolchain

BITS = 10
CELL = 16
WIDTH, HEIGHT = BITS * CELL, 32
"""A frame is a row of BITS squares, white for a 1, most significant first."""

ENCODERS = {
    "h264": ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p"],
    "h264-b": ["-c:v", "libx264", "-preset", "veryfast", "-bf", "3", "-g", "24", "-pix_fmt", "yuv420p"],
    "open-gop": [
        *("-c:v", "libx264", "-preset", "veryfast", "-bf", "3", "-pix_fmt", "yuv420p"),
        *("-x264-params", "open-gop=1:keyint=12:min-keyint=12:scenecut=0"),
    ],
    "hevc": [
        "-c:v",
        "libx265",
        "-preset",
        "ultrafast",
        "-g",
        "20",
        "-pix_fmt",
        "yuv420p",
        "-x265-params",
        "log-level=error",
    ],
    "mpeg2": ["-c:v", "mpeg2video", "-q:v", "4", "-bf", "2", "-g", "15"],
    "vp8": ["-c:v", "libvpx", "-b:v", "1M", "-g", "20", "-deadline", "realtime", "-cpu-used", "8"],
    "vp9": ["-c:v", "libvpx-vp9", "-b:v", "1M", "-g", "20", "-deadline", "realtime", "-cpu-used", "8"],
    "mjpeg": ["-c:v", "mjpeg", "-q:v", "4", "-pix_fmt", "yuvj420p"],
    "prores": ["-c:v", "prores_ks", "-profile:v", "4444", "-pix_fmt", "yuva444p10le"],
}


def paint_numbers(count: int, *, width: int = WIDTH, height: int = HEIGHT) -> npt.NDArray[np.uint8]:
    """`count` grey frames with their numbers, (count, height, width)."""
    frames = np.zeros((count, height, width), np.uint8)
    for number in range(count):
        for bit in range(BITS):
            if (number >> (BITS - 1 - bit)) & 1:
                frames[number, :HEIGHT, bit * CELL : (bit + 1) * CELL] = 255
    return frames


def read_number(picture: npt.NDArray[np.uint8], *, left: int = 0, top: int = 0) -> int:
    """The number in a picture (height, width, 3) of which the frame's corner is at `left`, `top`."""
    cells = [
        picture[top + 12 : top + 20, left + bit * CELL + 5 : left + bit * CELL + 11].mean() > 127 for bit in range(BITS)
    ]
    return sum(int(cell) << (BITS - 1 - bit) for bit, cell in enumerate(cells))


def write_video(
    toolchain: Toolchain,
    path: Path,
    count: int,
    *,
    rate: str = "30",
    encoder: str = "h264",
    filters: str = "null",
    options: tuple[str, ...] = (),
    size: tuple[int, int] = (WIDTH, HEIGHT),
) -> Path:
    """A video of `count` numbered frames; `filters` may change their times."""
    width, height = size
    argv = [
        *(str(toolchain.ffmpeg), "-v", "error", "-y", "-f", "rawvideo", "-pix_fmt", "gray"),
        *("-s", f"{width}x{height}", "-r", rate, "-i", "-", "-vf", filters, "-fps_mode", "passthrough"),
        *(*ENCODERS[encoder], *options, str(path)),
    ]
    subprocess.run(argv, input=paint_numbers(count, width=width, height=height).tobytes(), check=True)
    return path


def add_silence(
    toolchain: Toolchain, video: Path, path: Path, seconds: float, *, delay: float = 0, codec: str = "aac"
) -> Path:
    """The video with so many seconds of sound, than which its pictures begin later by `delay`."""
    argv = [
        *(str(toolchain.ffmpeg), "-v", "error", "-itsoffset", str(delay), "-i", str(video)),
        *("-f", "lavfi", "-t", str(seconds), "-i", "anullsrc", "-map", "0", "-map", "1"),
        *("-c:v", "copy", "-c:a", codec, str(path)),
    ]
    subprocess.run(argv, check=True)
    return path
