"""Every frame of the output is the right frame, at every rate, over every seam."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from hf_lambda.deadline import Deadline
from hf_lambda.media.probing import probe_video
from hf_lambda.settings import Settings
from hf_lambda.toolchain import Toolchain
from tests.functional.projects import NUMBER_BITS, NUMBER_CELL, write_numbered_project
from tests.functional.renders import decoded_frames, render

pytestmark = pytest.mark.browser


def _read_number(picture: npt.NDArray[np.uint8]) -> int:
    centres = [20 + NUMBER_CELL * bit + NUMBER_CELL // 2 for bit in range(NUMBER_BITS)]
    bits = [int(picture[48 - 2 : 48 + 2, x - 2 : x + 2].mean() > 127) for x in centres]
    return int("".join(map(str, bits)), 2)


@pytest.mark.parametrize("fps", [24, 25, 30, 50, 60, "24000/1001", "30000/1001", "60000/1001"])
def test_each_frame_shows_its_own_number(
    fps: int | str, tmp_path: Path, session_settings: Settings, toolchain: Toolchain
) -> None:
    """The numbers read back from the decoded output are 0, 1, 2, … to the last frame, at the exact rate."""
    rate = Fraction(fps)
    project = write_numbered_project(tmp_path / "project", fps=float(rate), duration=2)
    summary = render(project, tmp_path, session_settings, fps=fps, chunkSize=21, segmentFrames=6).summary
    expected = list(range(-(-2 * rate.numerator // rate.denominator)))
    numbers = [_read_number(picture) for picture in decoded_frames(toolchain, summary.output, 320, 180)]
    assert numbers == expected
    facts = probe_video(toolchain.ffprobe, summary.output, deadline=Deadline(60))
    assert (facts.fps, facts.frame_count) == (rate, len(expected))
    assert abs(facts.duration_seconds - len(expected) / rate) < 1e-3
