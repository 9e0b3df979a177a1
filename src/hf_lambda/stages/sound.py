"""The sound of a plan: which elements of the page are heard, how loud, mixed and encoded once, at plan time."""

from base64 import b64decode
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from hashlib import sha256
from pathlib import Path
from urllib.parse import unquote, unquote_to_bytes

from hf_lambda.capture.media_elements import MediaElement
from hf_lambda.capture.sound import AudioGroup
from hf_lambda.deadline import Deadline
from hf_lambda.errors import MEDIA_UNREADABLE
from hf_lambda.files import path_inside, temporary_beside
from hf_lambda.hashing import file_sha256
from hf_lambda.invocation import Invocation
from hf_lambda.media.automation import speed_envelope, volume_envelope
from hf_lambda.media.envelopes import SAMPLE_RATE, Envelope, clamp_gain, fades, simplify
from hf_lambda.media.mixing import LAYERS_AT_ONCE, AudioTrack, Mixer, RawSound
from hf_lambda.media.probing import MediaFacts
from hf_lambda.media.sound_encoding import encode_sound, sound_format
from hf_lambda.parallel import run_in_lanes
from hf_lambda.stages.listening import Heard, audible

AUDIO_NAME = "audio"
_URL_CHARACTERS = 200
_VOLUME_TOLERANCE = 1e-4


@dataclass(frozen=True)
class Sound:
    """A finished mix, encoded as its plan's format wants it."""

    path: Path
    sha256: str


@dataclass
class SoundMaker:
    """Makes the sound of one plan. Warnings gather in `warnings`, sorted."""

    site: Path
    probe: Callable[[Path], MediaFacts | None]
    invocation: Invocation
    is_strict: bool
    warnings: list[str] = field(default_factory=list)

    def make(self, heard: Heard, video_format: str, duration: Fraction) -> Sound | None:
        """The sound of a composition of `duration` seconds, or None where nothing is to be heard.

        Raises:
            MEDIA_UNREADABLE: a source is missing or cannot be decoded, and the render is strict.
            ENCODER_FAILED: ffmpeg failed.
        """
        elements = audible(heard)
        if not elements:
            return None
        invocation = self.invocation
        invocation.observer.stage_started("sound")
        folder = invocation.scratch / "sound"
        folder.mkdir()
        mixer = Mixer(invocation.toolchain.ffmpeg, folder, round(duration * SAMPLE_RATE), deadline=invocation.deadline)

        def cut(element: MediaElement, deadline: Deadline) -> RawSound | None:
            return self._cut(mixer, element, heard.samples.get(element.key, ()), float(duration), deadline)

        def add(group: AudioGroup | None) -> RawSound | None:
            members = [one for one in elements if known.get(one.group or "") is group]
            return mixer.add(self._cut_all(cut, members), () if group is None else self._group_envelopes(group))

        known = {group.id: group for group in heard.groups}
        parts = [part for part in (add(None), *map(add, heard.groups)) if part is not None]
        mix = mixer.add(parts)
        self.warnings.sort()  # lanes end in any order
        if mix is None:
            return None
        kind = sound_format(video_format)
        output = folder / f"{AUDIO_NAME}{kind.suffix}"
        lowered_db = encode_sound(invocation.toolchain.ffmpeg, mix.path, output, kind, deadline=invocation.deadline)
        if lowered_db:
            self.warnings.append(f"the sound is lowered by {lowered_db:.1f} dB: its peak would be above -1 dBTP")
        mix.path.unlink()
        return Sound(output, file_sha256(output))

    def _cut_all(
        self, cut: Callable[[MediaElement, Deadline], RawSound | None], elements: Sequence[MediaElement]
    ) -> Iterator[RawSound]:
        """Cuts a few elements at a time, and no more than those that are added next: raw files are large."""
        lanes, deadline = self.invocation.settings.lanes, self.invocation.deadline
        for first in range(0, len(elements), LAYERS_AT_ONCE):
            some = elements[first : first + LAYERS_AT_ONCE]
            yield from (raw for raw in run_in_lanes(some, cut, lanes=lanes, deadline=deadline) if raw is not None)

    def _cut(
        self,
        mixer: Mixer,
        element: MediaElement,
        samples: Sequence[tuple[float, float]],
        duration: float,
        deadline: Deadline,
    ) -> RawSound | None:
        try:
            track = self._track(element, samples, duration)
            return None if track is None else mixer.cut(track, deadline=deadline)
        except MEDIA_UNREADABLE as error:
            cause = f"{element.kind} {element.key} cannot be heard: {error.cause}"
            if self.is_strict:
                raise MEDIA_UNREADABLE(cause) from error
            self.warnings.append(cause)
            return None

    def _track(
        self, element: MediaElement, samples: Sequence[tuple[float, float]], duration: float
    ) -> AudioTrack | None:
        source, facts = self._source(element)
        if facts.audio is None:
            if element.kind == "video":
                return None
            raise MEDIA_UNREADABLE(f"{element.source} has no sound")
        stop = self._stop(element, facts, duration)
        if stop <= element.start:
            return None
        return AudioTrack(
            source,
            facts,
            origin=element.origin,
            start=element.start,
            stop=stop,
            media_start=element.media_start,
            rate=element.rate,
            loop=element.loop,
            pass_seconds=_pass_seconds(element, facts),
            speed=self._speed(element),
            envelopes=self._envelopes(element, samples, stop),
        )

    def _source(self, element: MediaElement) -> tuple[Path, MediaFacts]:
        assert element.source is not None
        path = self._file(element.source)
        facts = None if path is None else self.probe(path)
        if path is None or facts is None:
            raise MEDIA_UNREADABLE(f"{element.source[:_URL_CHARACTERS]} is not a media file of the project")
        return path, facts

    def _file(self, source: str) -> Path | None:
        """Where a source lies; one that is written in the page itself is written to the scratch folder."""
        if not source.startswith("data:"):
            return path_inside(self.site, source)
        path = self.invocation.scratch / "sound" / f"data-{sha256(source.encode()).hexdigest()}"
        if not path.exists():
            head, _, data = source.partition(",")
            try:
                contents = b64decode(unquote(data)) if head.endswith(";base64") else unquote_to_bytes(data)
            except ValueError:
                return None
            temporary = temporary_beside(path)  # another lane may read, or write, the same sound
            temporary.write_bytes(contents)
            temporary.replace(path)
        return path

    @staticmethod
    def _stop(element: MediaElement, facts: MediaFacts, duration: float) -> float:
        if element.stop is not None or facts.audio_seconds is None or element.loop:
            return duration if element.stop is None else min(element.stop, duration)
        natural = (facts.audio_seconds - element.media_start) / element.rate
        return min(element.origin + natural, duration)

    def _envelopes(
        self, element: MediaElement, samples: Sequence[tuple[float, float]], stop: float
    ) -> tuple[Envelope, ...]:
        lane = self._lane(f"{element.kind} {element.key}", element.automation)
        level = lane or _sampled(samples, element.origin) or Envelope(((0.0, clamp_gain(element.volume)),))
        return (level, *fades(stop - element.origin, element.fade_in, element.fade_out))

    def _group_envelopes(self, group: AudioGroup) -> tuple[Envelope, ...]:
        lane = self._lane(f"audio group {group.id}", group.automation)
        return (lane or Envelope(((0.0, clamp_gain(group.volume)),)),)

    def _speed(self, element: MediaElement) -> Envelope | None:
        name = f"{element.kind} {element.key}"
        speed = self._read_lane(name, element.automation, speed_envelope)
        if speed is not None and element.kind == "video":
            self.warnings.append(f"{name}: the rate lane of data-automation is not rendered")
            return None
        return speed

    def _lane(self, name: str, automation: str | None) -> Envelope | None:
        return self._read_lane(name, automation, volume_envelope)

    def _read_lane(self, name: str, automation: str | None, read: Callable[[str], Envelope | None]) -> Envelope | None:
        if automation is None:
            return None
        try:
            return read(automation)
        except ValueError as error:
            warning = f"{name}: data-automation is ignored: {error}"
            if warning not in self.warnings:
                self.warnings.append(warning)
            return None


def _pass_seconds(element: MediaElement, facts: MediaFacts) -> float | None:
    """How long a video takes from its trim point to the end of its pictures: its sound begins again with them."""
    if element.kind == "audio" or facts.video_seconds is None or facts.video_seconds <= element.media_start:
        return None
    return (facts.video_seconds - element.media_start) / element.rate


def _sampled(samples: Sequence[tuple[float, float]], origin: float) -> Envelope | None:
    if not samples:
        return None
    points = [(seconds - origin, clamp_gain(volume)) for seconds, volume in samples]
    return Envelope(simplify(points, _VOLUME_TOLERANCE))
