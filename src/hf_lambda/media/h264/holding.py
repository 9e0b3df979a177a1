"""Shows pictures of an H.264 stream for longer, without encoding anything.

x264 takes 20 ms of CPU for a frame of 1080p in which nothing moves, only to say so in fifty bytes. So it is given each
picture once, and the frames that show it again are written here. Each takes the place of its picture among the
references, so what x264 wrote refers to what it always did; only the numbers of its frames go up.

References are told apart by these numbers, of which x264 counts sixteen, enough for its own. Here they get a byte more.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from hf_lambda.errors import ENCODER_FAILED
from hf_lambda.media.h264.bits import BitReader, escape, unescape
from hf_lambda.media.h264.parameters import (
    PictureParameters,
    SequenceParameters,
    read_picture_parameters,
    read_sequence_parameters,
    with_frame_number_bits,
)
from hf_lambda.media.h264.skipping import skipped_picture

_START_CODE = b"\0\0\1"
_P_SLICE, _KEY_SLICE, _SEQUENCE_PARAMETERS, _PICTURE_PARAMETERS = 1, 5, 7, 8
_HEAD_BYTES = 16
"""More than there is of a slice up to what is read of it."""
_ADDED_BITS = 8
"""A whole byte: what comes after it keeps its bits."""


def hold_pictures(source: Path, output: Path, shown: Sequence[int]) -> int:
    """Copy the stream at `source` (Annex B), each of its pictures for as many frames as `shown` says, to 4096 in all.

    Gives the number of frames that were written. Only the first picture is a key frame, all others are P pictures;
    each is one slice and a reference.

    Raises:
        ENCODER_FAILED: it is another stream, or has not as many pictures.
    """
    stream = _HeldStream(shown)
    with output.open("wb") as file:
        try:
            for unit in stream.units(source.read_bytes()):
                file.write(b"\0" + _START_CODE + unit)
        except EOFError:
            raise ENCODER_FAILED(f"picture {stream.pictures} that x264 wrote is cut off") from None
    if stream.pictures != len(shown):
        raise ENCODER_FAILED(f"x264 wrote {stream.pictures} of {len(shown)} pictures")
    return stream.frames


class _HeldStream:
    """Goes through one stream; frames are numbered from its key frame on."""

    def __init__(self, shown: Sequence[int]) -> None:
        self.pictures = 0
        self.frames = 0
        self._shown = shown
        self._sequence: SequenceParameters | None = None
        self._picture: PictureParameters | None = None

    def units(self, stream: bytes) -> Iterator[bytes]:
        """The stream's units and those that are added to them, without their start codes."""
        for unit in _split(stream):
            kind = unit[0] & 0x1F
            if kind == _SEQUENCE_PARAMETERS:
                found = read_sequence_parameters(unit)
                self._sequence = replace(found, frame_number_bits=found.frame_number_bits + _ADDED_BITS)
                yield with_frame_number_bits(unit, self._sequence.frame_number_bits)
            elif kind in (_P_SLICE, _KEY_SLICE):
                yield from self._held(unit, is_key=kind == _KEY_SLICE)
            else:
                if kind == _PICTURE_PARAMETERS:
                    self._picture = read_picture_parameters(unit)
                yield unit

    def _held(self, unit: bytes, *, is_key: bool) -> Iterator[bytes]:
        if self._sequence is None or self._picture is None or is_key != (self.pictures == 0):
            raise ENCODER_FAILED("x264 wrote a stream that does not begin with its only key frame")
        if self.pictures == len(self._shown):
            raise ENCODER_FAILED(f"x264 wrote more than {len(self._shown)} pictures")
        yield self._renumbered(unit, self._sequence.frame_number_bits, is_key=is_key)
        times = self._shown[self.pictures]
        self.pictures += 1
        self.frames += 1
        for _ in range(times - 1):
            yield skipped_picture(self.frames, self._sequence, self._picture)
            self.frames += 1

    def _renumbered(self, unit: bytes, number_bits: int, *, is_key: bool) -> bytes:
        """The slice with the number that its frame has now, of so many bits."""
        payload = unescape(unit)
        bits = BitReader(payload[:_HEAD_BYTES])
        bits.number(8)  # kind of unit
        is_whole = bits.code() == 0  # the first macroblock
        for _ in range(2):
            bits.code()  # kind of slice, picture parameters
        start = bits.position
        bits.number(number_bits - _ADDED_BITS)
        stop = bits.position
        if not is_whole or (not is_key and _is_reordered(bits)):
            raise ENCODER_FAILED(f"x264 wrote picture {self.pictures} in a way to which no frames can be added")
        return escape(_with_number(payload, self.frames, number_bits, start, stop))


def _is_reordered(bits: BitReader) -> bool:
    """Whether a P slice has its references in an order of its own; by number, so each would need another."""
    if bits.flag():
        bits.code()  # how many they are
    return bits.flag()


def _with_number(payload: bytes, number: int, number_bits: int, start: int, stop: int) -> bytes:
    """The payload with a number, `_ADDED_BITS` longer, in place of the bits from `start` to `stop`."""
    size = -(-stop // 8)
    head, rest = int.from_bytes(payload[:size], "big"), 8 * size - stop
    before, after = head >> 8 * size - start, head & (1 << rest) - 1
    longer = (before << number_bits | number) << rest | after
    return longer.to_bytes(size + _ADDED_BITS // 8, "big") + payload[size:]


def _split(stream: bytes) -> Iterator[bytes]:
    start = stream.find(_START_CODE)
    while start >= 0:
        stop = stream.find(_START_CODE, start + len(_START_CODE))
        # One zero more may stand before a start code; a unit ends with none.
        yield stream[start + len(_START_CODE) : stop if stop >= 0 else None].rstrip(b"\0")
        start = stop
