import io
from pathlib import Path

import pytest
from PIL import Image

from hf_lambda.composition.lint.moving_images import is_animated_image


def gif(frames: int) -> bytes:
    """A GIF with so many frames."""
    return picture("GIF", frames)


def picture(kind: str, frames: int) -> bytes:
    """An image file with so many frames."""
    images = [Image.new("RGB", (8, 8), (40 * number, 90, 200)) for number in range(frames)]
    buffer = io.BytesIO()
    more = {"save_all": True, "append_images": images[1:], "duration": 100} if frames > 1 else {}
    images[0].save(buffer, kind, **more)
    return buffer.getvalue()


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP"])
@pytest.mark.parametrize("frames", [1, 2, 5])
def test_images_with_several_frames_are_animated(tmp_path: Path, kind: str, frames: int) -> None:
    """Real files of each kind are told apart by their number of frames."""
    path = tmp_path / f"image.{kind.lower()}"
    path.write_bytes(picture(kind, frames))
    assert is_animated_image(path) is (frames > 1)


@pytest.mark.parametrize("name", ["none.gif", "empty.png", "text.webp", "image.jpg"])
def test_what_is_no_image_is_still(tmp_path: Path, name: str) -> None:
    """Files that are missing, empty or something else are not animated."""
    (tmp_path / "empty.png").touch()
    (tmp_path / "text.webp").write_bytes(b"RIFF")
    (tmp_path / "image.jpg").write_bytes(gif(3))
    assert not is_animated_image(tmp_path / name)
