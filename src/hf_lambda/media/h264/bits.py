"""Bits and Exp-Golomb codes (ITU-T H.264, 7.2 and 9.1), and the bytes that keep start codes out of a unit (7.4.1)."""

import re

_ESCAPED = b"\0\0\3"
_TO_ESCAPE = re.compile(rb"\0\0(?=[\0-\3]|\Z)")


class BitReader:
    """Reads numbers from bytes, highest bit first."""

    def __init__(self, data: bytes) -> None:
        self.position = 0
        """Bits read so far."""
        self._bits = int.from_bytes(data, "big")
        self.left = 8 * len(data)
        """Bits not read so far."""

    def number(self, bit_count: int) -> int:
        """An unsigned number of so many bits: u(n).

        Raises:
            EOFError: there are not so many.
        """
        if bit_count > self.left:
            raise EOFError
        self.left -= bit_count
        self.position += bit_count
        return self._bits >> self.left & (1 << bit_count) - 1

    def flag(self) -> bool:
        """One bit: u(1)."""
        return self.number(1) == 1

    def code(self) -> int:
        """An unsigned number of its own length: ue(v)."""
        zeros = 0
        while not self.flag():
            zeros += 1
        return (1 << zeros) - 1 + self.number(zeros)

    def signed_code(self) -> int:
        """A signed number of its own length: se(v)."""
        code = self.code()
        return (code + 1) // 2 if code % 2 else -code // 2


class BitWriter:
    """Puts numbers together to bytes, highest bit first."""

    def __init__(self) -> None:
        self._bits = 0
        self._count = 0

    def number(self, value: int, bit_count: int) -> None:
        """An unsigned number of so many bits: u(n)."""
        self._bits = self._bits << bit_count | value
        self._count += bit_count

    def flag(self, *, value: bool) -> None:
        """One bit: u(1)."""
        self.number(int(value), 1)

    def code(self, value: int) -> None:
        """An unsigned number of its own length: ue(v)."""
        self.number(value + 1, 2 * (value + 1).bit_length() - 1)

    def signed_code(self, value: int) -> None:
        """A signed number of its own length: se(v)."""
        self.code(2 * value - 1 if value > 0 else -2 * value)

    def fill(self, bit: int) -> None:
        """End the last byte with such bits."""
        while self._count % 8:
            self.number(bit, 1)

    def to_bytes(self) -> bytes:
        """The whole bytes that were written."""
        assert self._count % 8 == 0, "the last byte is not full"
        return self._bits.to_bytes(self._count // 8, "big")


def escape(payload: bytes) -> bytes:
    """A unit's payload as it stands in a stream: without anything that could be a start code."""
    return _TO_ESCAPE.sub(_ESCAPED, payload)


def unescape(unit: bytes) -> bytes:
    """The opposite of `escape`."""
    return unit.replace(_ESCAPED, b"\0\0")
