"""Adds the sounds of a composition up, sample by sample, in floats; docs/audio.md says what sounds and how loud.

Each track is cut from its source into a raw file of its own. Then tracks are multiplied with their gains and added,
a few at a time, into one raw file of the composition's length. Groups are added up first, and are tracks then.
"""

import os
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import count, islice
from pathlib import Path

from hf_lambda.deadline import Deadline
from hf_lambda.media.commands import Filter, Input, Layer, build_sum_command
from hf_lambda.media.envelopes import SAMPLE_RATE, Envelope, write_gains
from hf_lambda.media.probing import MediaFacts
from hf_lambda.media.runner import run_ffmpeg
from hf_lambda.media.sound_sources import FRAME_BYTES, RAW_OPTIONS, SoundCut, cut_sound
from hf_lambda.media.speed import stretches

LAYERS_AT_ONCE = 16
"""How many sounds are added in one run of ffmpeg."""
_COPY_BYTES = 1 << 20


@dataclass(frozen=True)
class AudioTrack:
    """One sound, heard from `start` to `stop` seconds of the composition.

    At `origin`, `start` or earlier, the source is at `media_start` seconds; times of `envelopes` count from there.
    With `loop` it begins again after `pass_seconds` of the composition, or where its sound ends.
    """

    source: Path
    facts: MediaFacts
    origin: float
    start: float
    stop: float
    media_start: float = 0.0
    rate: float = 1.0
    loop: bool = False
    pass_seconds: float | None = None
    speed: Envelope | None = None
    """The logarithm of the rate along time, in place of `rate`; then there is no loop."""
    envelopes: tuple[Envelope, ...] = ()


@dataclass(frozen=True)
class RawSound:
    """A raw file of `sample_count` samples, of which those from `head` on are heard from sample `first` on."""

    path: Path
    sample_count: int
    head: int = 0
    first: int = 0
    envelopes: tuple[Envelope, ...] = ()

    def is_sum(self, total_samples: int) -> bool:
        """Whether nothing needs to be done to it to be the only sound of a composition of `total_samples` samples."""
        return (self.sample_count, self.head, self.first, self.envelopes) == (total_samples, 0, 0, ())


class Mixer:
    """Cuts and adds sounds in `folder`, for a composition of `total_samples` samples."""

    def __init__(self, ffmpeg: Path, folder: Path, total_samples: int, *, deadline: Deadline) -> None:
        self._ffmpeg = ffmpeg
        self._folder = folder
        self._total = total_samples
        self._deadline = deadline
        self._numbers = count()

    def cut(self, track: AudioTrack, *, deadline: Deadline | None = None) -> RawSound | None:
        """The samples of a track, or None where it has none within the composition. Several threads may cut.

        Raises:
            MEDIA_UNREADABLE: its source cannot be decoded.
        """
        first = max(0, round(track.start * SAMPLE_RATE))
        stop = min(self._total, round(track.stop * SAMPLE_RATE))
        if stop <= first:
            return None
        head = first - round(track.origin * SAMPLE_RATE)
        path = self._new_path()
        if track.speed is None:
            found = self._cut_evenly(track, head + stop - first, path, deadline or self._deadline)
        else:
            found = self._cut_ramp(track, track.speed, head + stop - first, path, deadline or self._deadline)
        return RawSound(path, found, head, first, track.envelopes) if found > head else None

    def _cut_evenly(self, track: AudioTrack, sample_count: int, path: Path, deadline: Deadline) -> int:
        cut = SoundCut(
            track.source,
            track.facts,
            media_start=track.media_start,
            sample_count=sample_count,
            rate=track.rate,
            loop=track.loop,
            pass_samples=None if track.pass_seconds is None else round(track.pass_seconds * SAMPLE_RATE),
        )
        return cut_sound(self._ffmpeg, cut, path, deadline=deadline)

    def _cut_ramp(self, track: AudioTrack, speed: Envelope, sample_count: int, path: Path, deadline: Deadline) -> int:
        part = self._new_path()
        with path.open("wb") as output:
            for stretch in stretches(speed, sample_count):
                start = track.media_start + stretch.source_seconds
                cut = SoundCut(track.source, track.facts, start, stretch.sample_count, rate=stretch.rate)
                cut_sound(self._ffmpeg, cut, part, deadline=deadline)
                os.truncate(part, stretch.sample_count * FRAME_BYTES)  # where it ended early, silence follows
                with part.open("rb") as source:
                    shutil.copyfileobj(source, output, _COPY_BYTES)
        part.unlink()
        return sample_count

    def add(self, sounds: Iterable[RawSound], envelopes: tuple[Envelope, ...] = ()) -> RawSound | None:
        """The sum of `sounds` (their files go) as long as the composition, to be heard with `envelopes`.

        They are taken as they are needed. None where there are none.

        Raises:
            ENCODER_FAILED: ffmpeg failed.
        """
        coming, total = iter(sounds), None
        while some := list(islice(coming, LAYERS_AT_ONCE)):
            is_sum = total is None and len(some) == 1 and some[0].is_sum(self._total)
            total = some[0].path if is_sum else self._add_to(total or self._silence(), some)
        return None if total is None else RawSound(total, self._total, envelopes=envelopes)

    def _add_to(self, base: Path, sounds: Sequence[RawSound]) -> Path:
        gains = [self._gains(sound) for sound in sounds]
        layers = [_layer(sound, gain) for sound, gain in zip(sounds, gains, strict=True)]
        output = self._new_path()
        argv = build_sum_command(
            self._ffmpeg, Input(base, "a:0", RAW_OPTIONS), layers, output, output_options={"f": "f32le"}
        )
        run_ffmpeg(argv, deadline=self._deadline)
        for used in (base, *(sound.path for sound in sounds), *gains):
            if isinstance(used, Path):
                used.unlink()
        return output

    def _gains(self, sound: RawSound) -> Path | float:
        """The one gain of a sound, or a file with the gain of each sample."""
        if all(envelope.is_constant() for envelope in sound.envelopes):
            level = 1.0
            for envelope in sound.envelopes:
                level *= envelope.points[0][1]
            return level
        path = self._new_path()
        write_gains(sound.envelopes, sound.sample_count, path)
        return path

    def _silence(self) -> Path:
        path = self._new_path()
        with path.open("wb") as file:
            file.truncate(self._total * FRAME_BYTES)
        return path

    def _new_path(self) -> Path:
        return self._folder / f"sound-{next(self._numbers):04d}.f32"


def _layer(sound: RawSound, gains: Path | float) -> Layer:
    filters: list[Filter] = []
    if isinstance(gains, float) and gains != 1:
        filters.append(("volume", {"volume": f"{gains:.9g}", "precision": "float"}))
    if sound.head:
        filters += [("atrim", {"start_sample": sound.head}), ("asetpts", {"expr": "N/SR/TB"})]
    if sound.first:
        filters.append(("adelay", {"delays": f"{sound.first}S", "all": 1}))
    return Layer(
        Input(sound.path, "a:0", RAW_OPTIONS),
        Input(gains, "a:0", {**RAW_OPTIONS, "ac": 1}) if isinstance(gains, Path) else None,
        filters,
    )
