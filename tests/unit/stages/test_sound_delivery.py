from dataclasses import replace

import pytest

from hf_lambda.media.probing import AudioStream, MediaFacts
from hf_lambda.stages.sound_delivery import sound_findings

MP4 = MediaFacts("mov,mp4,m4a,3gp,3g2,mj2", 0.0, 2.0, None, AudioStream("aac", 2, 48_000, 0.0, 2.0))
WEBM = MediaFacts("matroska,webm", -0.007, 2.01, None, AudioStream("opus", 2, 48_000, -0.007, 2.01))


def with_sound(facts: MediaFacts, start: float, length: float) -> MediaFacts:
    """Facts of a file whose sound begins and ends elsewhere."""
    return replace(facts, audio=AudioStream("any", 2, 48_000, start, length))


@pytest.mark.parametrize("facts", [MP4, WEBM])
def test_sound_that_fits_is_fine(facts: MediaFacts) -> None:
    """Sound as our own encoders write it is as long as its video."""
    assert sound_findings(facts, 2.0) == []


@pytest.mark.parametrize(
    ("facts", "finding"),
    [
        (with_sound(MP4, 0.0, 2.0011), "2.001100 s of sound instead of 2.000000 s"),
        (with_sound(MP4, 0.0, 1.9), "1.900000 s of sound instead of 2.000000 s"),
        (with_sound(MP4, 0.021, 2.0), "sound that begins at 0.021000 s"),
        (with_sound(MP4, -0.021, 2.0), "sound that begins at -0.021000 s"),
        (with_sound(WEBM, 0.013, 2.0), "sound that begins at 0.013000 s"),
        (with_sound(WEBM, -0.007, 2.1), "2.100000 s of sound instead of 2.000000 s"),
        (replace(MP4, audio=None), "no sound"),
    ],
)
def test_sound_that_does_not_fit_is_found(facts: MediaFacts, finding: str) -> None:
    """Sound that is a packet late, or longer or shorter than its video, is named with its figures."""
    assert sound_findings(facts, 2.0) == [finding]
