"""A picture that equals the one before it: a P slice whose macroblocks are all skipped (ITU-T H.264, 7.3.3 and 7.3.4).

It says as often as there are macroblocks that one more is skipped, whatever the picture shows.
"""

from functools import cache

from hf_lambda.media.h264.bits import BitWriter, escape
from hf_lambda.media.h264.parameters import PictureParameters, SequenceParameters

_REFERENCE_SLICE = 0x41
_P_SLICES_ONLY = 5
_NO_SMOOTHING = 1
_FORGET_PICTURE, _END = 1, 0
_QUANTIZER = 51
"""Nothing is quantized; but what a decoder expects at first depends on it, and at 51 that is mostly skipping."""
_RANGES = (
    *((16, 20, 23, 27), (15, 19, 22, 25), (14, 18, 21, 24), (14, 17, 20, 23), (13, 16, 19, 22), (12, 15, 18, 21)),
    *((12, 14, 17, 20), (11, 14, 16, 19), (11, 13, 15, 18), (10, 12, 15, 17), (10, 12, 14, 16), (9, 11, 13, 15)),
    *((9, 11, 12, 14), (8, 10, 12, 14), (8, 9, 11, 13), (7, 9, 11, 12), (7, 9, 10, 12), (7, 8, 10, 11)),
    *((6, 8, 9, 11), (6, 7, 9, 10), (6, 7, 8, 9)),
)
"""What the unexpected keeps of each quarter of the range (table 9-44), in states 42 to 62. `mb_skip_flag` begins with
42 at that quantizer and `cabac_init_idc` 0 (9.3.1.1, context 11)."""
_WHOLE_RANGE, _HALF_RANGE, _END_OF_SLICE = 510, 256, 2


def skipped_picture(frame_number: int, sequence: SequenceParameters, picture: PictureParameters) -> bytes:
    """The unit that shows the last picture for one more frame, and takes its place as a reference."""
    bits = BitWriter()
    bits.code(0)  # begins with the first macroblock
    bits.code(_P_SLICES_ONLY)
    bits.code(0)  # picture parameters
    bits.number(frame_number, sequence.frame_number_bits)
    bits.flag(value=True)  # its own number of references:
    bits.code(0)  # one, the last picture
    bits.flag(value=False)  # in their usual order
    if picture.is_weighted:
        for _ in range(2):
            bits.code(0)  # how fine weights are, of brightness and colour
        for _ in range(2):
            bits.flag(value=False)  # neither has one
    bits.flag(value=True)  # manages the references: the last picture is none any more, or an older one would be lost
    for code in (_FORGET_PICTURE, 0, _END):
        bits.code(code)
    if picture.is_arithmetic:
        bits.code(0)  # cabac_init_idc
    bits.signed_code(_QUANTIZER - picture.quantizer)
    if picture.has_deblocking_control:
        bits.code(_NO_SMOOTHING)
    if picture.is_arithmetic:
        bits.fill(1)
        data = _skips(sequence.macroblocks)
    else:
        bits.code(sequence.macroblocks)
        bits.flag(value=True)
        bits.fill(0)
        data = b""
    return bytes((_REFERENCE_SLICE,)) + escape(bits.to_bytes() + data)


@cache
def _skips(count: int) -> bytes:
    """So many macroblocks that are skipped, in arithmetic code (9.3.4): "skipped", "not the last", "skipped", …

    Everything is as expected until the last one, so the range shrinks from above, and nothing but zeros is written.
    """
    width, shifts = _WHOLE_RANGE, 0
    for decision in range(2 * count - 1):
        state = min(decision // 2, len(_RANGES) - 1)
        width -= _RANGES[state][width >> 6 & 3] if decision % 2 == 0 else _END_OF_SLICE
        if width < _HALF_RANGE:
            width *= 2
            shifts += 1
    bits = BitWriter()
    bits.number((width - _END_OF_SLICE) | 1, shifts + 9)
    bits.fill(0)
    return bits.to_bytes()
