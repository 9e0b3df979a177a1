"""Checks that every program and library of a deployment can be loaded by the Lambda runtime it is meant for."""

from collections.abc import Container, Iterator
from dataclasses import dataclass
from pathlib import Path

from elftools.common.exceptions import ELFError
from elftools.elf.constants import VER_FLAGS
from elftools.elf.dynamic import DynamicSegment
from elftools.elf.elffile import ELFFile
from elftools.elf.gnuversions import GNUVerNeedSection

_MAGIC = b"\x7fELF"
_MACHINE = "EM_X86_64"
_CLASS_BITS = 64
NEWEST_GLIBC = (2, 34)
"""What Amazon Linux 2023, the base of Lambda's python3.13, has."""
BASE_LIBRARIES = frozenset(
    {
        *("ld-linux-x86-64.so.2", "libc.so.6", "libm.so.6", "libdl.so.2", "libpthread.so.0", "librt.so.1"),
        *("libutil.so.1", "libresolv.so.2", "libgcc_s.so.1", "libstdc++.so.6", "libz.so.1", "libcrypt.so.2"),
        "libsqlite3.so.0",  # rpm, which the base image is made with, needs it
    }
)
"""Libraries that Lambda's base image brings; everything else must come with us."""


@dataclass(frozen=True)
class ElfFacts:
    """What one ELF file asks of the machine that loads it. `glibc` is (0, 0) where it asks for none."""

    bits: int
    machine: str
    glibc: tuple[int, int]
    needed: tuple[str, ...]


def audit_tree(folder: Path, *, host: Path | None = None) -> list[str]:
    """What in `folder` the Lambda runtime could not load, one line for each finding; empty where all is well.

    `host` is the folder of the program that the libraries are loaded into; what that has, they find too.
    """
    facts = dict(_read_tree(folder))
    places = [folder] if host is None else [folder, host]
    available = BASE_LIBRARIES.union(path.name for place in places for path in place.rglob("*") if path.is_file())
    return [
        f"{path.relative_to(folder)}: {finding}"
        for path, fact in facts.items()
        for finding in _findings(fact, available)
    ]


def read_elf(path: Path) -> ElfFacts | None:
    """The facts of an ELF file, or None for any other file.

    Raises:
        ValueError: it begins as an ELF file and is none.
    """
    with path.open("rb") as file:
        if file.read(len(_MAGIC)) != _MAGIC:
            return None
        try:
            elf = ELFFile(file)
            return ElfFacts(elf.elfclass, elf["e_machine"], max(_glibc_versions(elf), default=(0, 0)), _needed(elf))
        except (ELFError, KeyError, ValueError, UnicodeError) as error:
            raise ValueError(f"a damaged ELF file: {error}") from error


def _read_tree(folder: Path) -> Iterator[tuple[Path, ElfFacts | str]]:
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            try:
                facts = read_elf(path)
            except ValueError as error:
                yield path, str(error)
                continue
            if facts is not None:
                yield path, facts


def _findings(fact: ElfFacts | str, available: Container[str]) -> Iterator[str]:
    if isinstance(fact, str):
        yield fact
        return
    if (fact.bits, fact.machine) != (_CLASS_BITS, _MACHINE):
        yield f"built for {fact.machine} ({fact.bits} bits), Lambda's x86_64 needs {_MACHINE} ({_CLASS_BITS} bits)"
    if fact.glibc > NEWEST_GLIBC:
        yield f"needs GLIBC {fact.glibc[0]}.{fact.glibc[1]}, the runtime has {NEWEST_GLIBC[0]}.{NEWEST_GLIBC[1]}"
    for library in fact.needed:
        if library not in available:
            yield f"needs {library}, which neither the zip nor the runtime has"


def _needed(elf: ELFFile) -> tuple[str, ...]:
    """From the segment, which the loader reads too; a stripped file may have no sections."""
    return tuple(
        str(getattr(tag, "needed", ""))
        for segment in elf.iter_segments("PT_DYNAMIC")
        if isinstance(segment, DynamicSegment)
        for tag in segment.iter_tags("DT_NEEDED")
    )


def _glibc_versions(elf: ELFFile) -> Iterator[tuple[int, int]]:
    """Without the weak ones, which may be missing."""
    section = elf.get_section_by_name(".gnu.version_r")
    if not isinstance(section, GNUVerNeedSection):
        return
    for _, versions in section.iter_versions():
        for version in versions:
            library, _, number = version.name.partition("_")
            parts = number.split(".")
            if version["vna_flags"] & VER_FLAGS.VER_FLG_WEAK:
                continue
            if library == "GLIBC" and len(parts) >= 2 and all(part.isdigit() for part in parts):  # not GLIBC_PRIVATE
                yield int(parts[0]), int(parts[1])
