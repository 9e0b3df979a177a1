from typing import Any

import pytest

from hf_lambda.capture.media_elements import parse_media_elements

VALUE: dict[str, Any] = {
    "kind": "video",
    "key": "v",
    "source": "http://127.0.0.1:1/m/%C3%BC.mp4?x#t=1",
    "origin": 1.0,
    "start": 1.0,
    "stop": 3.0,
    "mediaStart": 0.0,
    "rate": 1.0,
    "loop": False,
    "volume": 1.0,
    "muted": False,
    "hasAudio": True,
    "hidden": False,
    "group": None,
    "automation": None,
    "fadeIn": 0.0,
    "fadeOut": 0.0,
    "fxChain": None,
    "order": 0,
}


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://127.0.0.1:1/m/%C3%BC.mp4?x#t=1", "m/ü.mp4"),
        ("http://127.0.0.1:1/m//a.mp4", "m/a.mp4"),
        ("https://example.com/a.mp4", "https://example.com/a.mp4"),
        ("http://127.0.0.1:12/a.mp4", "http://127.0.0.1:12/a.mp4"),
        ("data:video/mp4;base64,AA", "data:video/mp4;base64,AA"),
        (None, None),
    ],
)
def test_own_files_are_paths(url: str | None, expected: str | None) -> None:
    """A file that our server serves is a path in the project; any other keeps its URL."""
    (element,) = parse_media_elements([{**VALUE, "source": url}], "http://127.0.0.1:1", 10)
    assert element.source == expected


@pytest.mark.parametrize(("stop", "expected"), [(3.0, 2.5), (2.0, 2.0), (None, None)])
def test_everything_stops_with_the_composition(stop: float | None, expected: float | None) -> None:
    """A window ends no later than the composition; an unknown end stays unknown."""
    (element,) = parse_media_elements([{**VALUE, "stop": stop}], "http://127.0.0.1:1", 2.5)
    assert element.stop == expected
