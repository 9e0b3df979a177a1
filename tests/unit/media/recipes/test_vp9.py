from typing import Any

import pytest

from hf_lambda.config import parse_config
from hf_lambda.media.picture_content import Content
from hf_lambda.media.recipes.vp9 import vp9_recipe


def options(content: Content = "drawn", **config: Any) -> dict[str, str]:
    """The encoder options of a webm."""
    return vp9_recipe(parse_config({"format": "webm", **config}), content).options


@pytest.mark.parametrize(
    ("config", "crf"),
    [
        ({"quality": "draft"}, "28"),
        ({}, "18"),
        ({"quality": "high"}, "15"),
        ({"crf": 0}, "0"),
        ({"quality": "draft", "crf": 51}, "51"),
    ],
)
def test_quality_decides_the_rate(config: dict[str, Any], crf: str) -> None:
    """A given rate factor wins, and no bit rate holds it down."""
    made = options(**config)
    assert (made["crf"], made["b:v"]) == (crf, "0")


@pytest.mark.parametrize(
    ("quality", "content", "deadline", "tuning"),
    [
        ("draft", "drawn", "realtime", "screen"),
        ("draft", "natural", "realtime", None),
        ("standard", "drawn", "realtime", "screen"),
        ("standard", "natural", "good", None),
        ("high", "drawn", "good", None),
        ("high", "natural", "good", None),
    ],
)
def test_quality_and_content_decide_the_search(
    quality: str, content: Content, deadline: str, tuning: str | None
) -> None:
    """What is drawn is searched as a screen is, but for the best; natural pictures would suffer by it."""
    made = options(content, quality=quality)
    assert (made["deadline"], made.get("tune-content")) == (deadline, tuning)


def test_bitrate_replaces_the_rate_factor() -> None:
    """With a bit rate there is no rate factor."""
    made = options(bitrate="2M")
    assert made["b:v"] == "2M"
    assert "crf" not in made


def test_threads_are_pinned() -> None:
    """The number of threads is the plan's, not the machine's."""
    assert options(encoderThreads=3)["threads"] == "3"


@pytest.mark.parametrize("quality", ["draft", "standard", "high"])
def test_colours_and_alpha_stay_together(quality: str) -> None:
    """No frame is hidden, every player is told of the alpha, and the group is the segment."""
    made = options(quality=quality)
    assert (made["auto-alt-ref"], made["pix_fmt"]) == ("0", "yuva420p")
    assert made["metadata:s:v:0"] == "alpha_mode=1"
    assert vp9_recipe(parse_config({"format": "webm"}), "drawn").length_options == ["g", "keyint_min"]
