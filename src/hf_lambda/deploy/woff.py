"""Turns WOFF files into the TrueType files that fontconfig and Chromium accept as fonts of the system."""

import struct
import zlib

_HEADER = struct.Struct(">4s4sIHHIHHIIIII")
_TABLE = struct.Struct(">4sIIII")
_OFFSETS = struct.Struct(">4sHHHH")
_ENTRY = struct.Struct(">4sIII")


def unwrap_woff(data: bytes) -> bytes:
    """The font inside a WOFF (version 1) file.

    Raises:
        ValueError: it is none, or it is damaged.
    """
    try:
        signature, flavor, _, count, *_ = _HEADER.unpack_from(data)
        if signature != b"wOFF":
            raise ValueError("not a WOFF file")
        tables = [_TABLE.unpack_from(data, _HEADER.size + index * _TABLE.size) for index in range(count)]
        bodies = [_unpack_table(data, *table[1:4]) for table in tables]
    except (struct.error, zlib.error) as error:
        raise ValueError(f"a damaged WOFF file: {error}") from error
    power = 1 << (count.bit_length() - 1)
    header = _OFFSETS.pack(flavor, count, power * 16, count.bit_length() - 1, (count - power) * 16)
    position = _OFFSETS.size + count * _ENTRY.size
    entries, contents = [], []
    for table, body in zip(tables, bodies, strict=True):
        entries.append(_ENTRY.pack(table[0], table[4], position, len(body)))
        padded = body + bytes(-len(body) % 4)
        contents.append(padded)
        position += len(padded)
    return b"".join([header, *entries, *contents])


def _unpack_table(data: bytes, offset: int, packed_size: int, size: int) -> bytes:
    packed = data[offset : offset + packed_size]
    body = zlib.decompress(packed) if packed_size < size else packed
    if len(body) != size:
        raise ValueError("a damaged WOFF file: a table has another size than it says")
    return body
