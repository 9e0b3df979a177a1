import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from hf_lambda.errors import ENCODER_FAILED
from hf_lambda.media.held_packets import hold_packets
from hf_lambda.media.vp9 import shown_again
from hf_lambda.toolchain import Toolchain
from tests.decoding import decode_rgba, decode_yuv420p

SHOWN = [1, 3, 1, 40, 2, 1, 300, 1]
FRAMES = sum(SHOWN)
REALTIME = ("-deadline", "realtime", "-cpu-used", "5", "-tune-content", "screen")
ENCODERS: dict[str, tuple[tuple[str, ...], Callable[[bytes], bytes], str]] = {
    "vp9": (("libvpx-vp9", "-pix_fmt", "yuva420p", "-b:v", "0", "-crf", "30", *REALTIME), shown_again, ".webm"),
    "vp9-good": (("libvpx-vp9", "-pix_fmt", "yuva420p", "-b:v", "0", "-crf", "30"), shown_again, ".webm"),
    "vp9-opaque": (("libvpx-vp9", "-pix_fmt", "yuv420p", "-b:v", "200k"), shown_again, ".webm"),
    "prores": (("prores_ks", "-profile:v", "4444", "-pix_fmt", "yuva444p10le", "-q:v", "4"), bytes, ".mov"),
}


def encode(toolchain: Toolchain, path: Path, encoder: tuple[str, ...]) -> Path:
    """A picture that moves and fades, of 64x48 pixels."""
    source = "testsrc2=size=64x48:rate=30,noise=alls=20:allf=t,format=rgba,fade=out:0:12:alpha=1"
    options = ["-auto-alt-ref", "0", "-lag-in-frames", "0"] if "libvpx-vp9" in encoder else []
    limit = ["-frames:v", str(len(SHOWN)), "-metadata:s:v:0", "alpha_mode=1", "-fflags", "+bitexact"]
    argv = [toolchain.ffmpeg, "-v", "error", "-f", "lavfi", "-i", source, "-c:v", *encoder, *options, *limit, path]
    subprocess.run([str(part) for part in argv], check=True)
    return path


def remux(toolchain: Toolchain, source: Path, output: Path) -> Path:
    """The packets in the container that they are for."""
    argv = [toolchain.ffmpeg, "-v", "error", "-i", source, "-c", "copy", "-metadata:s:v:0", "alpha_mode=1", output]
    subprocess.run([str(part) for part in argv], check=True)
    return output


@pytest.mark.parametrize("name", ENCODERS)
def test_each_picture_is_shown_as_long_as_it_should_be(toolchain: Toolchain, tmp_path: Path, name: str) -> None:
    """Frames that were added equal their picture, alpha too, and so do all pictures that come after them."""
    encoder, again, suffix = ENCODERS[name]
    encoded, held = encode(toolchain, tmp_path / "encoded.mkv", encoder), tmp_path / "held.mkv"
    assert hold_packets(encoded, held, SHOWN, again) == FRAMES
    pictures, frames = (
        decode_rgba(toolchain, remux(toolchain, path, path.with_suffix(suffix)), 64, 48)
        if name != "vp9-opaque"
        else decode_yuv420p(toolchain, path, 64, 48)
        for path in (encoded, held)
    )
    assert len(np.unique(pictures.reshape(len(SHOWN), -1), axis=0)) == len(SHOWN)
    assert np.array_equal(frames, np.repeat(pictures, SHOWN, axis=0))


def test_frames_of_vp9_that_are_added_take_bytes_only_for_their_place(toolchain: Toolchain, tmp_path: Path) -> None:
    """One byte shows colours again, and one alpha; the rest says where they lie."""
    encoder, again, _ = ENCODERS["vp9"]
    encoded, held = encode(toolchain, tmp_path / "encoded.mkv", encoder), tmp_path / "held.mkv"
    hold_packets(encoded, held, SHOWN, again)
    assert held.stat().st_size - encoded.stat().st_size < 110 * FRAMES
    assert remux(toolchain, held, tmp_path / "held.webm").stat().st_size - encoded.stat().st_size < 40 * FRAMES


@pytest.mark.parametrize(("name", "keys"), [("vp9", 1), ("prores", FRAMES)])
def test_only_what_stands_alone_is_a_key_frame(toolchain: Toolchain, tmp_path: Path, name: str, keys: int) -> None:
    """Of ProRes each frame is one, of VP9 the first alone."""
    encoder, again, suffix = ENCODERS[name]
    encoded, held = encode(toolchain, tmp_path / "encoded.mkv", encoder), tmp_path / "held.mkv"
    hold_packets(encoded, held, SHOWN, again)
    packets = ["-show_entries", "packet=flags", "-of", "csv=p=0"]
    for path in (held, remux(toolchain, held, tmp_path / f"held{suffix}")):
        argv = [str(toolchain.ffprobe), "-v", "error", *packets, str(path)]
        flags = subprocess.run(argv, capture_output=True, check=True, text=True).stdout.split()
        assert [flag.startswith("K") for flag in flags].count(True) == keys
        assert len(flags) == FRAMES


@pytest.mark.parametrize("shown", [[1] * 7, [1] * 9])
def test_another_number_of_pictures_is_told(toolchain: Toolchain, tmp_path: Path, shown: list[int]) -> None:
    """Neither is a picture left out, nor one made up."""
    encoder, again, _ = ENCODERS["prores"]
    encoded = encode(toolchain, tmp_path / "encoded.mkv", encoder)
    with pytest.raises(ENCODER_FAILED, match=f"ffmpeg wrote 8 of {len(shown)} pictures"):
        hold_packets(encoded, tmp_path / "held.mkv", shown, again)
