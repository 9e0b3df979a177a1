"""Natural pictures and drawn ones."""

import io
import random

from PIL import Image, ImageDraw

from hf_lambda.media.picture_content import Content, content_of, content_of_png, is_at_rest

WIDTH, HEIGHT = 640, 360


def pixels(image: Image.Image) -> memoryview:
    """The picture as Chromium has it in memory."""
    return memoryview(image.convert("RGB").tobytes("raw", "BGRX"))


def contents(image: Image.Image) -> set[Content]:
    """What it is as pixels, and as a PNG without alpha and with it."""
    found = {content_of(pixels(image), WIDTH * 4)}
    for mode in ("RGB", "RGBA"):
        png = io.BytesIO()
        image.convert(mode).save(png, "PNG", compress_level=1)
        found.add(content_of_png(png.getvalue(), WIDTH * HEIGHT))
    return found


def test_noise_is_natural() -> None:
    """As of a sensor, over a gradient."""
    image = Image.linear_gradient("L").resize((WIDTH, HEIGHT)).convert("RGB")
    grain = Image.frombytes("RGB", image.size, random.Random(5).randbytes(WIDTH * HEIGHT * 3))
    assert contents(Image.blend(image, grain, 0.05)) == {"natural"}


def test_shapes_and_words_are_drawn() -> None:
    """Even where the whole picture is one gradient, from one row to the next."""
    image = Image.linear_gradient("L").resize((WIDTH, HEIGHT)).convert("RGB")
    draw = ImageDraw.Draw(image)
    for step in range(0, 300, 30):
        draw.ellipse((step, step, step + 90, step + 70), fill=(step % 255, 90, 200))
        draw.text((step, 300 - step), "words upon words", fill="white")
    assert contents(image) == {"drawn"}


def test_pixels_are_shaded_where_most_neighbours_are_nearly_alike() -> None:
    """As in gradients; a PNG does not tell."""
    dithered = Image.frombytes("L", (WIDTH, HEIGHT), bytes(60 + x % 3 for x in range(WIDTH)) * HEIGHT).convert("RGB")
    assert content_of(pixels(dithered), WIDTH * 4) == "shaded"
    ImageDraw.Draw(dithered).rectangle((0, 0, 2 * WIDTH // 3, HEIGHT), fill="white")
    assert content_of(pixels(dithered), WIDTH * 4) == "drawn"


def test_a_picture_is_at_rest_where_little_of_it_changes() -> None:
    """A twentieth, or what no longer counts as little."""
    before, little, much = (Image.new("RGB", (WIDTH, HEIGHT), "white") for _ in range(3))
    ImageDraw.Draw(little).rectangle((0, 0, WIDTH // 25, HEIGHT), fill="navy")
    ImageDraw.Draw(much).rectangle((0, 0, WIDTH // 15, HEIGHT), fill="navy")
    assert is_at_rest(pixels(before), pixels(before), WIDTH * 4)
    assert is_at_rest(pixels(before), pixels(little), WIDTH * 4)
    assert not is_at_rest(pixels(before), pixels(much), WIDTH * 4)
