"""A cut of a source video gives the frames that the whole file gives."""

from fractions import Fraction
from pathlib import Path

import pytest

from hf_lambda.deadline import Deadline
from hf_lambda.media.cutting import cut_suffix, cut_video, list_packets
from hf_lambda.media.probing import probe_media
from hf_lambda.media.source_frames import FrameRun, describe_source
from hf_lambda.toolchain import Toolchain
from tests.functional.source_videos import write_video
from tests.functional.test_source_frames import CASES, extract


@pytest.mark.parametrize("name", ["23.976", "open gop", "variable", "late start", "matroska", "vp9", "prores"])
def test_cut_has_the_frames_of_the_file(name: str, tmp_path: Path, toolchain: Toolchain) -> None:
    """The same pictures come out, byte for byte, and the cut is much smaller."""
    file, rate, encoder, filters, options = CASES[name]
    path = write_video(toolchain, tmp_path / file, 500, rate=rate, encoder=encoder, filters=filters, options=options)
    facts = probe_media(toolchain.ffprobe, path, deadline=Deadline(10))
    source = describe_source(facts)
    assert source is not None
    assert facts.video is not None
    cut = tmp_path / f"cut{cut_suffix(facts.container, facts.video.codec)}"
    tools = (toolchain.ffmpeg, toolchain.ffprobe)
    assert cut_video(*tools, path, source, (4.5, 5), cut, deadline=Deadline(10))
    run = FrameRun(source, 4.5, Fraction(30), 0, 15)
    whole, part = extract(toolchain, path, run, tmp_path / "whole"), extract(toolchain, cut, run, tmp_path / "part")
    assert [item.read_bytes() for item in part] == [item.read_bytes() for item in whole]
    assert len(list_packets(toolchain.ffprobe, cut, None, deadline=Deadline(10))) < 320


def test_file_that_cannot_be_cut_is_left_whole(tmp_path: Path, toolchain: Toolchain) -> None:
    """A cut that would not hold the very packets is none."""
    path = write_video(toolchain, tmp_path / "a.mp4", 300)
    source = describe_source(probe_media(toolchain.ffprobe, path, deadline=Deadline(10)))
    assert source is not None
    tools = (toolchain.ffmpeg, toolchain.ffprobe)
    assert not cut_video(*tools, path, source, (4.5, 5), tmp_path / "cut.unknown", deadline=Deadline(10))
    (tmp_path / "b.mp4").write_bytes(b"nothing")
    assert not cut_video(*tools, tmp_path / "b.mp4", source, (4.5, 5), tmp_path / "cut.mp4", deadline=Deadline(10))
