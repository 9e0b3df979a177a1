"""Takes debugging information out of libraries: some wheels ship ten times as much of it as code.

What a loader reads lies in the sections that are *allocated*; everything else is for debuggers and linkers. Done here,
not by binutils' `strip`, so that a zip is the same wherever it is built.
"""

import struct
from pathlib import Path

from elftools.elf.constants import SH_FLAGS
from elftools.elf.elffile import ELFFile

_HEADER_TABLE = struct.Struct("<Q")  # e_shoff, at byte 40
_HEADER_TABLE_AT = 40
_HEADER_COUNT = struct.Struct("<HH")  # e_shnum and e_shstrndx, at byte 60
_HEADER_COUNT_AT = 60
_SECTION = struct.Struct("<IIQQQQIIQQ")  # Elf64_Shdr
_NAMES = ".shstrtab"


def strip_debug_info(library: Path) -> None:
    """Rewrite a 64-bit ELF file without the sections that no loader reads; one that has none stays as it is."""
    content = bytearray(library.read_bytes())
    with library.open("rb") as file:
        elf = ELFFile(file)
        sections = list(elf.iter_sections())
        kept = [
            index
            for index, section in enumerate(sections)
            if index == 0 or section["sh_flags"] & SH_FLAGS.SHF_ALLOC or section.name == _NAMES
        ]
        if len(kept) == len(sections):
            return
        table = content[elf["e_shoff"] : elf["e_shoff"] + _SECTION.size * len(sections)]
        names = sections[elf["e_shstrndx"]].data()
        del content[_loaded_bytes(elf) :]
    places = {old: new for new, old in enumerate(kept)}
    names_at = len(content)
    content += names
    content += bytes(-len(content) % 8)
    _HEADER_TABLE.pack_into(content, _HEADER_TABLE_AT, len(content))
    shstrndx = next(places[index] for index in kept if sections[index].name == _NAMES)
    _HEADER_COUNT.pack_into(content, _HEADER_COUNT_AT, len(kept), shstrndx)
    for index in kept:
        name, kind, flags, address, offset, size, link, info, align, entry = _SECTION.unpack_from(
            table, _SECTION.size * index
        )
        if sections[index].name == _NAMES:
            offset = names_at
        content += _SECTION.pack(
            name, kind, flags, address, offset, size, places.get(link, 0), places.get(info, info), align, entry
        )
    library.write_bytes(content)


def _loaded_bytes(elf: ELFFile) -> int:
    """Where in the file the last byte that is loaded ends, by its sections and by its segments."""
    stops = [
        section["sh_offset"] + section["sh_size"]
        for section in elf.iter_sections()
        if section["sh_flags"] & SH_FLAGS.SHF_ALLOC and section["sh_type"] != "SHT_NOBITS"
    ]
    stops += [segment["p_offset"] + segment["p_filesz"] for segment in elf.iter_segments()]
    return int(max(stops))
