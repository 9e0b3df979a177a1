"""Cuts a clip's sound out of its source file: raw 48 kHz stereo floats, right to the sample.

Only what sounds is decoded. A decoder that starts in the middle needs some packets before its first sample is right
(bit reservoirs, overlapping windows), so it starts 1 to 2 s early, at a whole second, where the sample grids of all
rates meet; the surplus is cut off after resampling. What comes out equals a decoding from the start of the file.
"""

import math
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from hf_lambda.deadline import Deadline
from hf_lambda.errors import ENCODER_FAILED, MEDIA_UNREADABLE
from hf_lambda.media.commands import Filter, Input, Options, build_command
from hf_lambda.media.envelopes import SAMPLE_RATE
from hf_lambda.media.probing import MediaFacts
from hf_lambda.media.runner import FfmpegProcess

FRAME_BYTES = 8
"""Of one sample of both channels in the raw files."""
RAW_OPTIONS: Options = {"f": "f32le", "ar": SAMPLE_RATE, "ac": 2}
"""How ffmpeg reads the raw files."""
_PREROLL_SECONDS = 1
_SURPLUS_SECONDS = 1.0
_CODEC_DELAY_SECONDS = 0.01
_COARSE_CLOCKS = ("matroska", "webm", "flv", "asf", "live_flv")
"""Containers that count milliseconds: too coarse to find a sample by its time, so they are decoded from their start."""


@dataclass(frozen=True)
class SoundCut:
    """What to take from a source: `sample_count` samples of 48 kHz, from `media_start` seconds, at `rate` times speed.

    With `loop`, the source begins again at `media_start` when it ends: its sound does, or what `pass_samples` says
    is one pass. Otherwise silence follows.
    """

    source: Path
    facts: MediaFacts
    media_start: float
    sample_count: int
    rate: float = 1.0
    loop: bool = False
    pass_samples: int | None = None

    @property
    def decoded_samples(self) -> int:
        """How many samples of 48 kHz are taken from the source, at most."""
        return min(self.sample_count, self.pass_samples) if self.loop and self.pass_samples else self.sample_count


def cut_sound(ffmpeg: Path, cut: SoundCut, output: Path, *, deadline: Deadline) -> int:
    """Write the cut to `output` and give the number of samples that are there, `sample_count` or fewer.

    Raises:
        MEDIA_UNREADABLE: the source cannot be decoded.
        ENCODER_FAILED, SCRATCH_UNAVAILABLE: that is not the source's fault.
    """
    argv = build_command(
        ffmpeg,
        [Input(cut.source, "a:0", _input_options(cut))],
        output,
        filters=_filters(cut),
        output_options={"f": "f32le"},
        stops_at_damage=False,
    )
    with FfmpegProcess(argv, deadline=deadline) as process:
        try:
            process.finish()
        except ENCODER_FAILED as error:
            if process.was_killed:
                raise
            raise MEDIA_UNREADABLE(f"the sound of {cut.source.name} cannot be decoded: {error.cause}") from error
    count = output.stat().st_size // FRAME_BYTES
    if cut.loop and 0 < count < cut.sample_count:
        _repeat(output, cut.pass_samples or count, cut.sample_count)
        return cut.sample_count
    return count


def tempo_steps(rate: float) -> list[float]:
    """`rate` as a product of factors that the tempo filter takes without loss, 0.5 to 2 each."""
    steps = []
    while rate < 0.5:
        steps.append(0.5)
        rate /= 0.5
    while rate > 2:
        steps.append(2.0)
        rate /= 2
    return steps if math.isclose(rate, 1) else [*steps, rate]


def _input_options(cut: SoundCut) -> Options:
    first = _first_second(cut)
    source_seconds = cut.decoded_samples / SAMPLE_RATE * cut.rate
    limit = cut.media_start - first + source_seconds + _SURPLUS_SECONDS
    return {"t": f"{limit:.6f}", **({"ss": first} if first else {})}


def _first_second(cut: SoundCut) -> int:
    if any(name in _COARSE_CLOCKS for name in cut.facts.container.split(",")):
        return 0
    return max(0, math.floor(cut.media_start) - _PREROLL_SECONDS)


def _filters(cut: SoundCut) -> list[Filter]:
    audio = cut.facts.audio
    assert audio is not None
    timing: dict[str, str | int] = {"async": 1}  # gaps of more than 0.1 s in the source stay gaps
    if cut.facts.begin_of(audio) > _CODEC_DELAY_SECONDS:
        timing["first_pts"] = 0  # silence until the sound begins, later than the pictures
    elif audio.start_seconds is not None and audio.start_seconds < 0:
        timing["first_pts"] = round(-audio.start_seconds * audio.sample_rate)  # what lies before 0 is not heard
    mapping: dict[str, str | int] = {
        "sample_rate": SAMPLE_RATE,
        "out_chlayout": "stereo",
        "out_sample_fmt": "flt",
        "rematrix_maxval": 1,  # a downmix never gets louder than its loudest channel can be
    }
    # Full level on both sides: the standard matrix would take 3 dB off.
    filters: list[Filter] = [("pan", {"args": "stereo|c0=c0|c1=c0"})] if audio.channels == 1 else []
    if tempo := tempo_steps(cut.rate):
        # The source's own channels and samples are stretched, as the original does: its result depends on them.
        filters += [("aresample", timing), _without_head(cut, audio.sample_rate)]
        filters += [("atempo", {"tempo": f"{step:.9f}"}) for step in tempo]
        filters.append(("aresample", mapping))
    else:
        filters += [("aresample", {**mapping, **timing}), _without_head(cut, SAMPLE_RATE)]
    filters.append(("asetpts", {"expr": "N/SR/TB"}))
    filters.append(("atrim", {"end_sample": cut.decoded_samples}))
    return filters


def _without_head(cut: SoundCut, rate: int) -> Filter:
    """Drops what was decoded before the trim point, from samples of a rate."""
    return ("atrim", {"start_sample": round((cut.media_start - _first_second(cut)) * rate)})


def _repeat(path: Path, count: int, wanted: int) -> None:
    """Lengthen a raw file to `wanted` samples by repeating its first `count`; missing ones are silence."""
    once = path.with_suffix(".once")
    path.rename(once)
    os.truncate(once, count * FRAME_BYTES)
    with path.open("wb") as output:
        for _ in range(math.ceil(wanted / count)):
            with once.open("rb") as source:
                shutil.copyfileobj(source, output, 1 << 20)
        output.truncate(wanted * FRAME_BYTES)
    once.unlink()
