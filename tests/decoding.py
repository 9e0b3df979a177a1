"""Decodes videos for tests: those with alpha without the roundings of ffmpeg's own way to packed RGBA."""

import io
import subprocess
import tarfile
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from hf_lambda.media.picture_archive import AUDIO_NAME
from hf_lambda.toolchain import Toolchain

Frames = npt.NDArray[np.uint8]
"""(frames, height, width, 4) straight RGBA."""


def decode_rgba(toolchain: Toolchain, path: Path, width: int, height: int) -> Frames:
    """Every frame of a webm, a mov or a picture sequence; decoders that have anything to say fail the test."""
    if path.suffix == ".tar":
        with tarfile.open(path) as archive:
            names = [name for name in archive.getnames() if name != AUDIO_NAME]
            pictures = [archive.extractfile(name) for name in names]
            return np.stack([np.asarray(Image.open(io.BytesIO(file.read()))) for file in pictures if file is not None])
    decoder = ["-c:v", "libvpx-vp9"] if path.suffix == ".webm" else []  # ffmpeg's own knows nothing of its alpha
    by_tags = "scale=in_color_matrix=bt709:in_range=tv:flags=accurate_rnd+full_chroma_int,format=rgb24"
    colours = np.frombuffer(_decode(toolchain, path, decoder, by_tags), np.uint8).reshape(-1, height, width, 3)
    if path.suffix == ".webm":
        alpha = np.frombuffer(_decode(toolchain, path, decoder, "alphaextract,format=gray"), np.uint8)
    else:
        fine = np.frombuffer(_decode(toolchain, path, decoder, "alphaextract,format=gray12le"), np.uint16)
        alpha = np.round(fine / 4095 * 255).astype(np.uint8)
    return np.concatenate([colours, alpha.reshape(-1, height, width, 1)], axis=3)


def decode_yuv420p(toolchain: Toolchain, path: Path, width: int, height: int) -> npt.NDArray[np.uint8]:
    """(frames, bytes of a frame) of an opaque video; a decoder that finds an error fails the test."""
    output = ["-fps_mode", "passthrough", "-f", "rawvideo", "-"]
    argv = [str(toolchain.ffmpeg), "-v", "error", "-err_detect", "explode", "-i", str(path), *output]
    done = subprocess.run(argv, capture_output=True, check=True)
    assert done.stderr == b""
    return np.frombuffer(done.stdout, np.uint8).reshape(-1, width * height * 3 // 2)


def _decode(toolchain: Toolchain, path: Path, decoder: list[str], filters: str) -> bytes:
    argv = [
        *(str(toolchain.ffmpeg), "-v", "warning", *decoder, "-i", str(path), "-vf", filters),
        *("-fps_mode", "passthrough", "-f", "rawvideo", "-"),
    ]
    done = subprocess.run(argv, capture_output=True, check=True)
    assert done.stderr == b""
    return done.stdout
