from dataclasses import replace

import pytest

from hf_lambda.media.h264.bits import BitReader, unescape
from hf_lambda.media.h264.parameters import PictureParameters, SequenceParameters
from hf_lambda.media.h264.skipping import skipped_picture

HD = SequenceParameters(macroblocks=8160, frame_number_bits=12)
USUAL = PictureParameters(is_arithmetic=True, is_weighted=True, quantizer=23, has_deblocking_control=True)
OTHERS = [
    replace(USUAL, is_weighted=False),
    replace(USUAL, is_arithmetic=False),
    replace(USUAL, quantizer=51),
    replace(USUAL, has_deblocking_control=False),
]


@pytest.mark.parametrize("frame", [1, 15, 16, 4095])
@pytest.mark.parametrize("picture", [USUAL, *OTHERS])
def test_its_head_is_that_of_a_whole_reference(frame: int, picture: PictureParameters) -> None:
    """A P slice from the first macroblock on, with its number, that replaces its only reference (7.3.3)."""
    unit = skipped_picture(frame, HD, picture)
    assert unit[0] == 0b0_10_00001
    bits = BitReader(unescape(unit[1:]))
    assert [bits.code(), bits.code(), bits.code(), bits.number(12)] == [0, 5, 0, frame]
    assert [bits.flag(), bits.code(), bits.flag()] == [True, 0, False]
    if picture.is_weighted:
        assert [bits.code(), bits.code(), bits.flag(), bits.flag()] == [0, 0, False, False]
    assert [bits.flag(), bits.code(), bits.code(), bits.code()] == [True, 1, 0, 0]
    if picture.is_arithmetic:
        assert bits.code() == 0
    assert bits.signed_code() + picture.quantizer == 51
    if picture.has_deblocking_control:
        assert bits.code() == 1
    if not picture.is_arithmetic:
        assert bits.code() == 8160
        assert bits.flag()  # the end of the unit
        left = bits.left
        assert left < 8
        assert bits.number(left) == 0


@pytest.mark.parametrize("macroblocks", [1, 2, 21, 22, 99, 8160, 32_400])
def test_it_takes_some_dozen_bytes(macroblocks: int) -> None:
    """Whatever its size; and nothing in it looks like a start code, or like the end of a unit."""
    for picture in (USUAL, *OTHERS):
        unit = skipped_picture(1, replace(HD, macroblocks=macroblocks), picture)
        assert len(unit) < 24 + macroblocks // 128
        assert not any(code in unit for code in (b"\0\0\0", b"\0\0\1", b"\0\0\2"))
        assert unit[-1] != 0
