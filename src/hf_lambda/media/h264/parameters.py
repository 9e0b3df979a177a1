"""What a stream's parameter sets say of its slices (ITU-T H.264, 7.3.2.1 and 7.3.2.2)."""

from dataclasses import dataclass

from hf_lambda.errors import ENCODER_FAILED
from hf_lambda.media.h264.bits import BitReader, BitWriter, escape, unescape

_PROFILES_WITH_CHROMA = (100, 110, 122, 244)
_LEAST_FRAME_NUMBER_BITS = 4
_OUTPUT_IN_DECODING_ORDER = 2


@dataclass(frozen=True)
class SequenceParameters:
    """Of a sequence of progressive pictures that come out in the order in which they are decoded."""

    macroblocks: int
    """Of a picture; each is 16x16 pixels."""
    frame_number_bits: int
    """Of `frame_num`, which begins anew when they are used up."""


@dataclass(frozen=True)
class PictureParameters:
    """Of each picture."""

    is_arithmetic: bool
    """CABAC; else CAVLC."""
    is_weighted: bool
    """P slices carry weights."""
    quantizer: int
    """What slices count their own from."""
    has_deblocking_control: bool
    """Slices say how their edges are smoothed."""


def read_sequence_parameters(unit: bytes) -> SequenceParameters:
    """The fields of a sequence parameter set.

    Raises:
        ENCODER_FAILED: its pictures are interlaced or reordered, as ours never are.
    """
    bits = _before_frame_number_bits(unit)
    frame_number_bits = bits.code() + _LEAST_FRAME_NUMBER_BITS
    order = bits.code()
    bits.code()  # references
    bits.flag()  # whether numbers may be missing
    width, height = bits.code() + 1, bits.code() + 1
    is_progressive = bits.flag()
    if order != _OUTPUT_IN_DECODING_ORDER or not is_progressive:
        raise ENCODER_FAILED("x264 wrote reordered or interlaced pictures, to which no frames can be added")
    return SequenceParameters(macroblocks=width * height, frame_number_bits=frame_number_bits)


def with_frame_number_bits(unit: bytes, bit_count: int) -> bytes:
    """The sequence parameter set with another size of `frame_num`."""
    bits, copy = _before_frame_number_bits(unit), BitWriter()
    copy.number(int.from_bytes(unescape(unit), "big") >> bits.left, bits.position)
    bits.code()
    copy.code(bit_count - _LEAST_FRAME_NUMBER_BITS)
    left = bits.left
    copy.number(bits.number(left), left)
    copy.fill(0)
    return escape(copy.to_bytes().rstrip(b"\0"))  # the last bit that is set ends a unit


def _before_frame_number_bits(unit: bytes) -> BitReader:
    bits = BitReader(unescape(unit))
    bits.number(8)  # kind of unit
    profile = bits.number(8)
    bits.number(16)  # constraints and level
    bits.code()  # its own number
    if profile in _PROFILES_WITH_CHROMA:
        for _ in range(3):
            bits.code()  # chroma format, bit depths
        bits.number(2)  # lossless transform, scaling matrices, which x264 has in its picture parameters
    return bits


def read_picture_parameters(unit: bytes) -> PictureParameters:
    """The fields of a picture parameter set."""
    bits = BitReader(unescape(unit[1:]))
    for _ in range(2):
        bits.code()  # its own number, the sequence's
    is_arithmetic = bits.flag()
    bits.flag()  # order of fields
    for _ in range(3):
        bits.code()  # slice groups, references
    is_weighted = bits.flag()
    bits.number(2)  # weights of B slices
    quantizer = 26 + bits.signed_code()
    for _ in range(2):
        bits.signed_code()  # of switching pictures, of chroma
    return PictureParameters(
        is_arithmetic=is_arithmetic,
        is_weighted=is_weighted,
        quantizer=quantizer,
        has_deblocking_control=bits.flag(),
    )
