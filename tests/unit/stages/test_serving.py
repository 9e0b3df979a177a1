from fractions import Fraction
from pathlib import Path

import pytest

from hf_lambda.capture.page_scripts import FONTS_PATH
from hf_lambda.capture.server import PageServer
from hf_lambda.capture.shutter import PictureFormat
from hf_lambda.settings import Settings
from hf_lambda.stages.serving import page_spec, site_resolver
from hf_lambda.toolchain import Toolchain


@pytest.mark.parametrize(
    ("picture", "parts"),
    [
        (PictureFormat("pixels"), True),
        (PictureFormat("jpeg"), True),
        (PictureFormat("png"), False),
        (PictureFormat("png", is_transparent=True), False),
    ],
)
def test_only_what_will_be_compressed_with_loss_is_put_together_of_layers(picture: PictureFormat, parts: bool) -> None:
    """Layers round colours once more, which a lossless picture would show."""
    spec = page_spec(
        PageServer(lambda _: None),
        "index.html",
        width=320,
        height=180,
        picture=picture,
        fps=Fraction(30),
        variables={},
        settings=Settings.from_environment({}),
        capture_mode="beginframe",
        scale=1,
    )
    assert spec.settings.parts_backdrops is parts


def test_fonts_are_served_and_nothing_around_them(tmp_path: Path) -> None:
    """A page cannot read the worker's files by the address of a font."""
    toolchain = Toolchain(tmp_path, tmp_path, {}, {})
    font, outside = toolchain.fonts_dir / "a.woff2", tmp_path / "outside"
    font.parent.mkdir()
    font.touch()
    outside.touch()
    resolve = site_resolver(lambda _: None, toolchain)
    assert resolve(f"{FONTS_PATH}/a.woff2") == font
    assert [resolve(f"{FONTS_PATH}/{name}") for name in ("../outside", str(outside))] == [None, None]
