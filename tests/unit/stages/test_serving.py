from fractions import Fraction

import pytest

from hf_lambda.capture.shutter import PictureFormat
from hf_lambda.settings import Settings
from hf_lambda.stages.serving import page_spec


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
        "http://127.0.0.1:1",
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
