"""Detaches a shared library from libraries that it is linked with and never calls.

What a distribution builds for every machine is linked with window systems, editors and a newer libc, which Lambda's
image lacks. Most libraries bind a call when it happens first; where it never happens, the library only has to load
without it. So what is asked of dropped libraries goes, and whatever else is asked for may be missing.
"""

import struct
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from elftools.common.exceptions import ELFError
from elftools.elf.constants import VER_FLAGS
from elftools.elf.elffile import ELFFile
from elftools.elf.sections import StringTableSection

_CLASS_BITS = 64
_DYNAMIC = struct.Struct("<qQ")  # Elf64_Dyn
_DT_NULL, _DT_NEEDED, _DT_BIND_NOW, _DT_FLAGS = 0, 1, 24, 30
_DT_FLAGS_1, _DT_VERNEED, _DT_VERNEEDNUM = 0x6FFFFFFB, 0x6FFFFFFE, 0x6FFFFFFF
_DF_BIND_NOW, _DF_1_NOW = 8, 1
_SYMBOL = struct.Struct("<IBBHQQ")  # Elf64_Sym
_SYMBOL_INFO_AT = 4
_STB_GLOBAL, _STB_WEAK, _SHN_UNDEF = 1, 2, 0
_SYMBOL_VERSION = struct.Struct("<H")  # Elf64_Versym
_HIDDEN, _UNVERSIONED = 0x8000, 1
_REQUIREMENTS = ".gnu.version_r"
_REQUIREMENT = struct.Struct("<HHIII")  # Elf64_Verneed: what is asked of one library
_VERSION = struct.Struct("<IHHII")  # Elf64_Vernaux: one version that is asked of it
_VERSION_FLAGS_AT = 4
_SECTION_INFO = struct.Struct("<I")  # sh_info, at byte 44 of a section's header
_SECTION_INFO_AT = 44


@dataclass(frozen=True)
class _Tables:
    """Where in the file the items of the tables lie that a loader binds a library by."""

    dynamic: range
    symbols: range
    symbol_versions: range
    requirements: int
    """The first of a chain."""
    requirement_count: int
    """The length of that chain, as tools read it; the loader's lies in the dynamic table."""
    text: Callable[[int], str]
    """Names, by the number that the tables have for them."""


def detach_libraries(library: Path, dropped: Collection[str]) -> None:
    """Rewrite a library so that it loads without the `dropped` ones, and with older versions of the others.

    Raises:
        ValueError: it is no 64-bit library with such tables, or it binds its calls at load, not when they happen.
    """
    content = bytearray(library.read_bytes())
    try:
        tables = _find_tables(ELFFile(BytesIO(content)))
    except (ELFError, KeyError, ValueError) as error:
        raise ValueError(f"{library.name} is no library that could be detached: {error}") from error
    if _binds_at_load(content, tables):
        raise ValueError(f"{library.name} binds its calls when it is loaded, so each of them has to be there")
    requirements = list(_requirements(content, tables))
    kept = [place for place, name in requirements if name not in dropped]
    lost = {
        number
        for place, name in requirements
        if name in dropped
        for number in _version_numbers(content, place).values()
    }
    _loosen_symbols(content, tables, lost)
    for place in kept:
        for version in _version_numbers(content, place):
            content[version + _VERSION_FLAGS_AT] |= VER_FLAGS.VER_FLG_WEAK
    _chain(content, kept, [place for place, _ in requirements])
    _SECTION_INFO.pack_into(content, tables.requirement_count, len(kept))
    _write_dynamic(content, tables, dropped, len(kept))
    library.write_bytes(content)


def _find_tables(elf: ELFFile) -> _Tables:
    if elf.elfclass != _CLASS_BITS:
        raise ELFError(f"it has {elf.elfclass} bits")
    sections = {section.name: section for section in elf.iter_sections()}

    strings = sections[".dynstr"]
    if not isinstance(strings, StringTableSection):
        raise ELFError("its names are no table of text")

    def places(name: str, size: int) -> range:
        start: int = sections[name]["sh_offset"]
        return range(start, start + sections[name]["sh_size"], size)

    header = elf["e_shoff"] + elf["e_shentsize"] * list(sections).index(_REQUIREMENTS)
    return _Tables(
        dynamic=places(".dynamic", _DYNAMIC.size),
        symbols=places(".dynsym", _SYMBOL.size),
        symbol_versions=places(".gnu.version", _SYMBOL_VERSION.size),
        requirements=places(_REQUIREMENTS, _REQUIREMENT.size).start,
        requirement_count=header + _SECTION_INFO_AT,
        text=strings.get_string,
    )


def _binds_at_load(content: bytearray, tables: _Tables) -> bool:
    tags = dict(_DYNAMIC.unpack_from(content, place) for place in tables.dynamic)
    flags, flags_1 = tags.get(_DT_FLAGS, 0), tags.get(_DT_FLAGS_1, 0)
    return _DT_BIND_NOW in tags or bool(flags & _DF_BIND_NOW or flags_1 & _DF_1_NOW)


def _requirements(content: bytearray, tables: _Tables) -> Iterator[tuple[int, str]]:
    """Place and library of each item of the chain."""
    place = tables.requirements
    while True:
        _, _, name, _, step = _REQUIREMENT.unpack_from(content, place)
        yield place, tables.text(name)
        if not step:
            return
        place += step


def _version_numbers(content: bytearray, requirement: int) -> dict[int, int]:
    """What the symbol table calls the versions that are asked of one library, by their places."""
    _, count, _, step, _ = _REQUIREMENT.unpack_from(content, requirement)
    place, numbers = requirement, {}
    for _ in range(count):
        place += step
        _, _, numbers[place], _, step = _VERSION.unpack_from(content, place)
    return numbers


def _loosen_symbols(content: bytearray, tables: _Tables, lost: Collection[int]) -> None:
    """No symbol of another library has to be there, and none is of a version that is no longer asked for."""
    for place, version_place in zip(tables.symbols, tables.symbol_versions, strict=True):
        _, info, _, section, _, _ = _SYMBOL.unpack_from(content, place)
        binding, kind = divmod(info, 16)
        if binding == _STB_GLOBAL and section == _SHN_UNDEF:
            content[place + _SYMBOL_INFO_AT] = _STB_WEAK * 16 + kind
        (version,) = _SYMBOL_VERSION.unpack_from(content, version_place)
        if version & ~_HIDDEN in lost:
            _SYMBOL_VERSION.pack_into(content, version_place, _UNVERSIONED)


def _chain(content: bytearray, kept: Sequence[int], places: Sequence[int]) -> None:
    """Write what is kept of a chain to its first places, where it begins as before and leads to the same versions."""
    items = [_REQUIREMENT.unpack_from(content, place) for place in kept]
    for index, (form, count, name, versions, _) in enumerate(items):
        new, is_last = places[index], index == len(items) - 1
        step = 0 if is_last else places[index + 1] - new
        _REQUIREMENT.pack_into(content, new, form, count, name, versions + kept[index] - new, step)


def _write_dynamic(content: bytearray, tables: _Tables, dropped: Collection[str], requirement_count: int) -> None:
    items = []
    for place in tables.dynamic:
        tag, value = _DYNAMIC.unpack_from(content, place)
        if tag == _DT_NEEDED and tables.text(value) in dropped:
            continue
        if tag in (_DT_VERNEED, _DT_VERNEEDNUM) and not requirement_count:
            continue
        items.append((tag, requirement_count if tag == _DT_VERNEEDNUM else value))
    items += [(_DT_NULL, 0)] * (len(tables.dynamic) - len(items))
    for place, item in zip(tables.dynamic, items, strict=True):
        _DYNAMIC.pack_into(content, place, *item)
