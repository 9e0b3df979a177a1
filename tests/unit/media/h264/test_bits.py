import pytest
from hypothesis import given
from hypothesis import strategies as st

from hf_lambda.media.h264.bits import BitReader, BitWriter, escape, unescape


@given(st.lists(st.integers(0, 1 << 20)), st.lists(st.integers(-(1 << 20), 1 << 20)), st.integers(0, 1))
def test_codes_come_back(numbers: list[int], signed: list[int], bit: int) -> None:
    """Whatever is written is read, number by number."""
    writer = BitWriter()
    for number in numbers:
        writer.code(number)
        writer.number(number % 8, 3)
    for number in signed:
        writer.signed_code(number)
        writer.flag(value=number > 0)
    writer.fill(bit)
    reader = BitReader(writer.to_bytes())
    for number in numbers:
        assert (reader.code(), reader.number(3)) == (number, number % 8)
    for number in signed:
        assert (reader.signed_code(), reader.flag()) == (number, number > 0)
    left = reader.left
    assert left < 8
    assert reader.number(left) == bit * ((1 << left) - 1)


@pytest.mark.parametrize(
    ("number", "bits"), [(0, "1"), (1, "010"), (2, "011"), (3, "00100"), (6, "00111"), (7, "0001000")]
)
def test_codes_are_those_of_the_standard(number: int, bits: str) -> None:
    """As table 9-2 has them."""
    writer = BitWriter()
    writer.code(number)
    writer.fill(0)
    assert writer.to_bytes() == int(bits.ljust(8, "0"), 2).to_bytes(1, "big")


@pytest.mark.parametrize(("number", "code"), [(0, 0), (1, 1), (-1, 2), (2, 3), (-2, 4)])
def test_signs_take_turns(number: int, code: int) -> None:
    """As table 9-3 has them."""
    signed, unsigned = BitWriter(), BitWriter()
    signed.signed_code(number)
    unsigned.code(code)
    for writer in (signed, unsigned):
        writer.fill(0)
    assert signed.to_bytes() == unsigned.to_bytes()


def test_the_end_is_told() -> None:
    """A number that is cut off is no number."""
    with pytest.raises(EOFError):
        BitReader(b"\0").code()
    with pytest.raises(EOFError):
        BitReader(b"\xff").number(9)


@given(st.lists(st.sampled_from([0, 0, 0, 1, 2, 3, 4, 255])).map(bytes))
def test_escaped_bytes_hold_no_start_code(payload: bytes) -> None:
    """Nothing that could begin or end a unit is left, and what was meant comes back."""
    escaped = escape(payload)
    assert not any(code in escaped for code in (b"\0\0\0", b"\0\0\1", b"\0\0\2"))
    assert not escaped.endswith(b"\0\0")
    assert unescape(escaped) == payload
