from typing import Any

import pytest

from hf_lambda.quality.probe import find_failures

SEEN = {
    "glRenderer": "ANGLE (Google, Vulkan 1.3.0 (SwiftShader Device))",
    "webglRenderer": "ANGLE (Google, SwiftShader driver)",
    "isPng": True,
    "isRepeatable": True,
    "drawsText": True,
    "drawsLetters": True,
}


def test_good_browser_has_no_failures() -> None:
    """Everything seen, nothing to say."""
    assert find_failures(SEEN) == []


@pytest.mark.parametrize(
    ("change", "failure"),
    [
        ({"glRenderer": "ANGLE (NVIDIA)"}, "it does not draw in software"),
        ({"webglRenderer": "no WebGL"}, "it does not draw in software"),
        ({"isPng": False}, "BeginFrame gives no picture"),
        ({"isRepeatable": False}, "two BeginFrames of a page that stands still give different pictures"),
        ({"drawsText": False}, "it draws no text"),
        ({"drawsLetters": False}, "all letters look the same"),
    ],
)
def test_every_fault_has_its_words(change: dict[str, Any], failure: str) -> None:
    """One finding for each thing that must not be."""
    (found,) = find_failures({**SEEN, **change})
    assert found.startswith(failure)
