from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from hf_lambda.config import parse_config
from hf_lambda.deadline import Deadline
from hf_lambda.media.containers import open_container
from hf_lambda.media.encoding import encoder_recipe
from hf_lambda.media.probing import probe_video
from hf_lambda.toolchain import Toolchain
from tests.unit.media.conftest import PICTURES, SIZE, decode

LEVELS = (40, 40, 200, 90, 90, 90, 160, 160)
FPS = Fraction(30000, 1001)


@pytest.mark.parametrize("pictures", ["pixels", "jpeg"])
def test_a_picture_is_sent_once_and_shown_until_the_next(toolchain: Toolchain, tmp_path: Path, pictures: Any) -> None:
    """Frames that repeat a picture are the same as frames that bring it again, at the start, within and at the end."""
    recipe = encoder_recipe(parse_config({"codec": "h265", "crf": 1}), pictures)
    container = open_container(recipe, SIZE, FPS, ffmpeg=toolchain.ffmpeg, ffprobe=toolchain.ffprobe)
    paths = [tmp_path / f"{name}{recipe.suffix}" for name in ("once", "again")]
    for path in paths:
        with container.write_segment(path, range(len(LEVELS)), deadline=Deadline(60)) as writer:
            last = None
            for level in LEVELS:
                if level == last and path is paths[0]:
                    writer.repeat()
                else:
                    writer.write(memoryview(PICTURES[recipe.picture_codec]((level,) * 3)))
                last = level
            writer.end()
            writer.finish()
            assert writer.frames == len(LEVELS)
    assert paths[0].read_bytes() == paths[1].read_bytes()
    assert probe_video(toolchain.ffprobe, paths[0], deadline=Deadline(60)).average_fps == FPS
    shown = decode(toolchain, paths[0])
    assert [round(red / 10) * 10 for red, _, _ in shown] == list(LEVELS)
