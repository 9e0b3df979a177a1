"""The sound of a plan, as far as no sound is decoded for it."""

from base64 import b64encode
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from hf_lambda.deadline import Deadline
from hf_lambda.invocation import Invocation
from hf_lambda.settings import Settings
from hf_lambda.stages.listening import Heard
from hf_lambda.stages.sound import SoundMaker
from hf_lambda.toolchain import Toolchain
from tests.unit.stages.test_listening import SOUND


@pytest.mark.parametrize("url", ["data:,sound", f"data:audio/wav;base64,{b64encode(b'sound').decode()}"])
def test_sound_of_the_page_is_written_once(settings: Settings, toolchain: Toolchain, tmp_path: Path, url: str) -> None:
    """Of two elements with one data URL, neither writes the file that the other reads."""
    seen = []

    def probe(path: Path) -> None:
        seen.append(path.read_bytes())
        path.write_bytes(b"read by another lane")

    invocation = Invocation(replace(settings, lanes=1), toolchain, Deadline(60), tmp_path)
    elements = [replace(SOUND, source=url, key=key) for key in "ab"]
    maker = SoundMaker(tmp_path, probe, invocation, is_strict=False)
    assert maker.make(Heard(elements, [], {}), "mp4", Fraction(1)) is None
    assert seen == [b"sound", b"read by another lane"]
    assert len(maker.warnings) == 2
