"""Short synthetic clips, made once by the toolchain's own ffmpeg."""

import io
import subprocess
from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from hf_lambda.deadline import Deadline
from hf_lambda.media.containers import open_container
from hf_lambda.media.recipes.recipe import EncoderRecipe
from hf_lambda.toolchain import Toolchain

MakeClip = Callable[..., Path]
SIZE = (64, 48)


def jpeg(colour: tuple[int, int, int], size: tuple[int, int] = SIZE) -> bytes:
    """A picture of one colour, as the browser sends them."""
    buffer = io.BytesIO()
    Image.new("RGB", size, colour).save(buffer, "JPEG", quality=95)
    return buffer.getvalue()


def pixels(colour: tuple[int, int, int], size: tuple[int, int] = SIZE) -> bytes:
    """A picture of one colour, as it lies in the browser's memory."""
    red, green, blue = colour
    return bytes((blue, green, red, 255)) * (size[0] * size[1])


def png(contents: tuple[int, ...] | npt.NDArray[np.uint8], size: tuple[int, int] = SIZE) -> bytes:
    """A picture as the browser sends it: of one colour, with three numbers opaque and without an alpha channel.

    Or from (height, width, 4) values.
    """
    buffer = io.BytesIO()
    if isinstance(contents, tuple):
        Image.new("RGB" if len(contents) == 3 else "RGBA", size, contents).save(buffer, "PNG")
    else:
        Image.fromarray(contents, "RGBA").save(buffer, "PNG")
    return buffer.getvalue()


PICTURES = {"rawvideo": pixels, "mjpeg": jpeg, "png": png}
"""How to make a picture of one colour, by what ffmpeg calls its kind."""


def encode_segment(
    toolchain: Toolchain, recipe: EncoderRecipe, output: Path, pictures: Sequence[bytes], *, fps: Fraction
) -> Path:
    """A segment of these pictures, at `output`; one that has no times of its own is joined to nothing else."""
    container = open_container(recipe, SIZE, fps, ffmpeg=toolchain.ffmpeg, ffprobe=toolchain.ffprobe)
    segment = output.with_suffix(recipe.segment_suffix)
    with container.write_segment(segment, range(len(pictures)), deadline=Deadline(60)) as writer:
        for picture in pictures:
            writer.write(picture)
        writer.finish()
    if segment != output:
        container.join([segment], output, deadline=Deadline(60))
        segment.unlink()
    return output


def decode(toolchain: Toolchain, path: Path) -> list[tuple[int, int, int]]:
    """The colour in the middle of each frame of a video of 64x48 pixels."""
    argv = [str(toolchain.ffmpeg), "-v", "error", "-i", str(path), "-f", "rawvideo", "-pix_fmt", "rgb24", "-"]
    raw = subprocess.run(argv, capture_output=True, check=True).stdout
    frame_bytes, middle = 64 * 48 * 3, (24 * 64 + 32) * 3
    assert len(raw) % frame_bytes == 0
    starts = range(middle, len(raw), frame_bytes)
    return [(raw[start], raw[start + 1], raw[start + 2]) for start in starts]


@pytest.fixture(scope="session")
def make_clip(toolchain: Toolchain, tmp_path_factory: pytest.TempPathFactory) -> MakeClip:
    """Makes a file from ffmpeg's arguments after the inputs; equal arguments give the same file."""
    folder = tmp_path_factory.mktemp("clips")
    inputs = {
        "video": ["-f", "lavfi", "-i", "testsrc=size=64x48:rate=30:duration=0.2"],
        "sound": ["-f", "lavfi", "-i", "sine=duration=0.2"],
    }

    def make(name: str, *arguments: str, sources: tuple[str, ...] = ("video",)) -> Path:
        path = folder / name
        if not path.exists():
            given = [text for source in sources for text in inputs[source]]
            subprocess.run([toolchain.ffmpeg, "-v", "error", *given, *arguments, path], check=True)
        return path

    return make
