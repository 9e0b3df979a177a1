"""Writes small WOFF files for tests."""

import struct
import zlib


def wrap_woff(tables: dict[bytes, bytes]) -> bytes:
    """A WOFF file with these tables; those that shrink are compressed."""
    position = 44 + 20 * len(tables)
    directory, bodies = b"", b""
    for tag, contents in sorted(tables.items()):
        packed = min(zlib.compress(contents), contents, key=len)
        directory += struct.pack(">4sIIII", tag, position, len(packed), len(contents), 7)
        body = packed + bytes(-len(packed) % 4)
        bodies += body
        position += len(body)
    header = struct.pack(">4s4sIHHIHHIIIII", b"wOFF", b"\0\1\0\0", position, len(tables), 0, 0, 1, 0, 0, 0, 0, 0, 0)
    return header + directory + bodies
