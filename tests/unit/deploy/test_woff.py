import struct

import pytest

from hf_lambda.deploy.woff import unwrap_woff, woff_tables
from tests.unit.deploy.woffs import wrap_woff

TABLES = {b"cmap": b"c" * 301, b"glyf": bytes(range(200)), b"head": b"h"}


def read_tables(font: bytes) -> dict[bytes, bytes]:
    """The tables of a TrueType file."""
    _, count, search_range, selector, shift = struct.unpack_from(">4sHHHH", font)
    assert (search_range, selector, shift) == (32, 1, 16 * count - 32)
    entries = [struct.unpack_from(">4sIII", font, 12 + 16 * index) for index in range(count)]
    assert all(offset % 4 == 0 for _, _, offset, _ in entries)
    return {tag: font[offset : offset + size] for tag, _, offset, size in entries}


def test_tables_come_out_as_they_went_in() -> None:
    """Compressed and plain tables are all there, aligned, with the directory that readers search."""
    assert woff_tables(wrap_woff(TABLES)) == set(TABLES)
    assert read_tables(unwrap_woff(wrap_woff(TABLES))) == TABLES
    assert read_tables(unwrap_woff(wrap_woff({**TABLES, b"SVG ": b"drawing"}))) == TABLES


@pytest.mark.parametrize(
    "data",
    [b"", b"wOF2" + bytes(60), b"wOFF", wrap_woff(TABLES)[:120], wrap_woff(TABLES)[:100] + bytes(400)],
)
def test_damaged_file_is_refused(data: bytes) -> None:
    """Other files, and those cut short, are an error."""
    with pytest.raises(ValueError, match="WOFF"):
        unwrap_woff(data)
