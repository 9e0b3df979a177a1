import importlib
import re
import struct
from pathlib import Path

import pytest

from hf_lambda.deploy.elf_audit import ElfFacts, audit_tree, read_elf

LIBRARY_PATH = Path(str(importlib.import_module("zstandard.backend_c").__file__))
LIBRARY = LIBRARY_PATH.read_bytes()
"""A real shared library that every installation has: an extension module of the deployed packages."""
_MACHINE_OFFSET = 18
_AARCH64 = 183


def write(folder: Path, name: str, contents: bytes) -> Path:
    """A file below a folder."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(contents)
    return path


def for_machine(number: int) -> bytes:
    """The library with another processor in its header."""
    return LIBRARY[:_MACHINE_OFFSET] + struct.pack("<H", number) + LIBRARY[_MACHINE_OFFSET + 2 :]


def elf32() -> bytes:
    """The header of a 32-bit program for i386."""
    identity = b"\x7fELF" + bytes([1, 1, 1]) + bytes(9)
    return identity + struct.pack("<HHIIIIIHHHHHH", 2, 3, 1, 0, 0, 0, 0, 52, 32, 0, 40, 0, 0)


def with_newer_glibc() -> bytes:
    """The library, asking for a GLIBC that does not exist yet."""
    patched, count = re.subn(rb"GLIBC_2\.\d\d\0", b"GLIBC_2.99\0", LIBRARY)
    assert count
    return patched


def needing(name: bytes) -> bytes:
    """The library, linked with another one in the place of libc."""
    assert len(name) == len(b"libc.so.6")
    return LIBRARY.replace(b"libc.so.6\0", name + b"\0")


def test_facts_of_a_real_library() -> None:
    """Class, machine, GLIBC and needed libraries are those that the loader sees."""
    facts = read_elf(LIBRARY_PATH)
    assert facts is not None
    assert (facts.bits, facts.machine) == (64, "EM_X86_64")
    assert (2, 0) < facts.glibc <= (2, 34)
    assert "libc.so.6" in facts.needed


@pytest.mark.parametrize("contents", [b"", b"\x7fEL", b"#!/bin/sh\n", b"PK\x03\x04"])
def test_other_files_have_no_facts(tmp_path: Path, contents: bytes) -> None:
    """What does not begin as an ELF file is none, and is no finding."""
    assert read_elf(write(tmp_path, "file", contents)) is None
    assert audit_tree(tmp_path) == []


def test_loadable_tree_has_no_findings(tmp_path: Path) -> None:
    """A library that Lambda can load passes, at any depth."""
    write(tmp_path, "a/b/native.so", LIBRARY)
    assert audit_tree(tmp_path) == []


def test_program_for_another_processor_is_found(tmp_path: Path) -> None:
    """An ARM library is named with its machine."""
    write(tmp_path, "a/native.so", for_machine(_AARCH64))
    write(tmp_path, "a/right.so", LIBRARY)
    (finding,) = audit_tree(tmp_path)
    assert finding.startswith("a/native.so: built for EM_AARCH64 (64 bits)")


def test_program_for_another_class_is_found(tmp_path: Path) -> None:
    """A 32-bit program is named with its class."""
    write(tmp_path, "old", elf32())
    (finding,) = audit_tree(tmp_path)
    assert finding.startswith("old: built for EM_386 (32 bits)")


@pytest.mark.parametrize("size", [4, 16, 40, 64, 100, len(LIBRARY) // 2])
def test_truncated_file_is_found(tmp_path: Path, size: int) -> None:
    """A library that was cut off anywhere is a finding by its name, not a crash."""
    write(tmp_path, "native.so", LIBRARY[:size])
    (finding,) = audit_tree(tmp_path)
    assert finding.startswith("native.so: a damaged ELF file")


def test_newer_glibc_is_found(tmp_path: Path) -> None:
    """A library that needs a newer GLIBC than Lambda's is named with both."""
    write(tmp_path, "native.so", with_newer_glibc())
    assert audit_tree(tmp_path) == ["native.so: needs GLIBC 2.99, the runtime has 2.34"]


def test_missing_library_is_found_by_name(tmp_path: Path) -> None:
    """A needed library that neither the tree nor the runtime has is named; beside its user it is found."""
    write(tmp_path, "native.so", needing(b"libq.so.6"))
    assert audit_tree(tmp_path) == ["native.so: needs libq.so.6, which neither the zip nor the runtime has"]
    write(tmp_path, "lib/libq.so.6", LIBRARY)
    assert audit_tree(tmp_path) == []


def test_library_finds_what_its_host_has(tmp_path: Path) -> None:
    """What lies with the program that loads a library is found, and is no matter of the audit itself."""
    write(tmp_path, "plug/native.so", needing(b"libq.so.6"))
    write(tmp_path, "program/lib/libq.so.6", for_machine(_AARCH64))
    assert len(audit_tree(tmp_path / "plug")) == 1
    assert audit_tree(tmp_path / "plug", host=tmp_path / "program") == []


def test_every_finding_is_listed(tmp_path: Path) -> None:
    """One bad file does not hide another."""
    write(tmp_path, "one.so", needing(b"libq.so.6"))
    write(tmp_path, "other.so", for_machine(_AARCH64))
    write(tmp_path, "third.so", LIBRARY[:50])
    assert [finding.split(":")[0] for finding in audit_tree(tmp_path)] == ["one.so", "other.so", "third.so"]


def test_static_program_needs_nothing(tmp_path: Path) -> None:
    """A program without a dynamic section asks for no library and no GLIBC."""
    facts = read_elf(write(tmp_path, "static", elf32()))
    assert facts == ElfFacts(32, "EM_386", (0, 0), ())
