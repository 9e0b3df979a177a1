"""Turns WOFF files into the TrueType files that fontconfig and Chromium accept as fonts of the system."""

import struct
import zlib

_DRAWINGS = b"SVG "
"""Colour glyphs in a form that Chromium does not draw; fonts have them beside COLR, many times as large."""
_HEADER = struct.Struct(">4sIIHHIHHIIIII")
_TABLE = struct.Struct(">4sIIII")
_OFFSETS = struct.Struct(">IHHHH")
_ENTRY = struct.Struct(">4sIII")


def woff_tables(data: bytes) -> set[bytes]:
    """The tags of the tables of a WOFF (version 1) file.

    Raises:
        ValueError: it is none.
    """
    return {table[0] for table in _read_directory(data)[1]}


def unwrap_woff(data: bytes) -> bytes:
    """The font inside a WOFF (version 1) file, without its SVG drawings.

    Raises:
        ValueError: it is none, or it is damaged.
    """
    flavor, tables = _read_directory(data)
    tables = [table for table in tables if table[0] != _DRAWINGS]
    try:
        bodies = [_unpack_table(data, *table[1:4]) for table in tables]
    except zlib.error as error:
        raise ValueError(f"a damaged WOFF file: {error}") from error
    count = len(tables)
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


def _read_directory(data: bytes) -> tuple[int, list[tuple[bytes, int, int, int, int]]]:
    """The kind of font, and for each table its tag, place, packed size, size and checksum."""
    try:
        signature, flavor, _, count, *_ = _HEADER.unpack_from(data)
        if signature != b"wOFF":
            raise ValueError("not a WOFF file")
        return flavor, [_TABLE.unpack_from(data, _HEADER.size + index * _TABLE.size) for index in range(count)]
    except struct.error as error:
        raise ValueError(f"a damaged WOFF file: {error}") from error


def _unpack_table(data: bytes, offset: int, packed_size: int, size: int) -> bytes:
    packed = data[offset : offset + packed_size]
    body = zlib.decompress(packed) if packed_size < size else packed
    if len(body) != size:
        raise ValueError("a damaged WOFF file: a table has another size than it says")
    return body
