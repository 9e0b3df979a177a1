import io
from pathlib import Path

import pytest
from PIL import Image

from hf_lambda.composition.animated_images import animated_type, mark_animated_images


def picture(kind: str, frames: int) -> bytes:
    """An image file of so many frames."""
    images = [Image.new("RGB", (8, 8), (40 * index, 0, 0)) for index in range(frames)]
    buffer = io.BytesIO()
    images[0].save(buffer, kind, save_all=frames > 1, append_images=images[1:], duration=100, loop=0)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("kind", "frames", "expected"),
    [("GIF", 3, "image/gif"), ("PNG", 3, "image/png"), ("PNG", 1, None), ("WEBP", 3, "image/webp"), ("WEBP", 1, None)],
)
def test_moving_files_are_recognised(kind: str, frames: int, expected: str | None) -> None:
    """What a file is shows in its bytes."""
    assert animated_type(picture(kind, frames)) == expected


@pytest.mark.parametrize("head", [b"", b"RIFF", b"GIF", b"\x89PNG\r\n\x1a\n", b"<svg/>"])
def test_other_bytes_do_not_move(head: bytes) -> None:
    """Damaged and foreign files are left alone."""
    assert animated_type(head) is None


def test_images_that_move_are_marked(tmp_path: Path) -> None:
    """Only images of the project that may move are touched; the mark says what they are, whatever they are called."""
    (tmp_path / "a.gif").write_bytes(picture("WEBP", 2))
    (tmp_path / "b.png").write_bytes(picture("PNG", 1))
    html = '<img src="a.gif" id=x><img src=b.png><img src="c.gif"><img src="https://x.org/a.gif"><img>'
    marked = html.replace('src="a.gif" id=x', 'src="a.gif" id=x data-hf-lambda-animated="image/webp"')
    assert mark_animated_images(html, tmp_path) == marked
