from typing import Any

import pytest

from hf_lambda.config import parse_config
from hf_lambda.media.recipes.vp9 import vp9_recipe


def options(**config: Any) -> dict[str, str]:
    """The encoder options of a webm."""
    return vp9_recipe(parse_config({"format": "webm", **config})).options


@pytest.mark.parametrize(
    ("config", "deadline", "crf"),
    [
        ({"quality": "draft"}, "realtime", "28"),
        ({}, "good", "18"),
        ({"quality": "high"}, "good", "15"),
        ({"crf": 0}, "good", "0"),
        ({"quality": "draft", "crf": 51}, "realtime", "51"),
    ],
)
def test_quality_decides_effort_and_rate(config: dict[str, Any], deadline: str, crf: str) -> None:
    """Draft is encoded in real time; a given rate factor wins, and no bit rate holds it down."""
    made = options(**config)
    assert (made["deadline"], made["crf"], made["b:v"]) == (deadline, crf, "0")


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
    assert vp9_recipe(parse_config({"format": "webm"})).length_options == ["g", "keyint_min"]
