import os
import struct
import subprocess
import sys
from pathlib import Path
from typing import Any

import PIL
import pytest
from elftools.elf.elffile import ELFFile

from hf_lambda.deploy.detaching import detach_libraries
from hf_lambda.deploy.elf_audit import audit_tree, read_elf
from hf_lambda.toolchain import Toolchain
from tests.unit.deploy.test_elf_audit import elf32

NEWER = b"GLIBC_2.99"
"""A version of libc that does not exist yet."""
_WHEEL = Path(PIL.__file__).parents[1] / "pillow.libs"
_DT_BIND_NOW, _DT_FLAGS, _DT_FLAGS_1 = 24, 30, 0x6FFFFFFB
_SAY_VERSION = (
    "import ctypes, sys; tiff = ctypes.CDLL(sys.argv[1]); "
    "tiff.TIFFGetVersion.restype = ctypes.c_char_p; print(tiff.TIFFGetVersion().split()[0].decode())"
)


@pytest.fixture
def library(tmp_path: Path) -> Path:
    """A library of a wheel, away from the three of that wheel that it needs, of which two have versions."""
    (source,) = _WHEEL.glob("libtiff-*")
    path = tmp_path / "libtiff.so"
    path.write_bytes(source.read_bytes())
    return path


def strangers(library: Path) -> set[str]:
    """The libraries that it needs and that only its wheel has."""
    facts = read_elf(library)
    assert facts is not None
    return {name for name in facts.needed if name.startswith(("libzstd-", "liblzma-", "libjpeg-"))}


def load(library: Path, *, beside: Path | None = None) -> str:
    """What a process of its own says when it has loaded the library, perhaps with a folder of others, and called it."""
    argv = [sys.executable, "-c", _SAY_VERSION, str(library)]
    environment = {} if beside is None else {"LD_LIBRARY_PATH": str(beside)}
    done = subprocess.run(argv, capture_output=True, text=True, check=False, env={**os.environ, **environment})
    return done.stdout.strip() or done.stderr


def ask_for_newer_libc(library: Path) -> None:
    """Rewrite the library so that it asks for a libc that no machine has."""
    content = library.read_bytes()
    old = b"GLIBC_2.14"
    assert content.count(old + b"\0") == content.count(struct.pack("<I", elf_hash(old))) == 1
    content = content.replace(old + b"\0", NEWER + b"\0")
    library.write_bytes(content.replace(struct.pack("<I", elf_hash(old)), struct.pack("<I", elf_hash(NEWER))))


def elf_hash(name: bytes) -> int:
    """The number that loaders compare before they compare names."""
    value = 0
    for letter in name:
        value = (value << 4) + letter
        value = (value ^ (value >> 24 & 0xF0)) & 0x0FFFFFFF
    return value


def read_versions(library: Path) -> tuple[dict[str, set[int]], set[int], list[int]]:
    """Versions by number: those asked of each library, those of symbols; and of how many libraries tables speak."""
    with library.open("rb") as file:
        elf: Any = ELFFile(file)
        section = elf.get_section_by_name(".gnu.version_r")
        asked = {item.name: {version["vna_other"] for version in items} for item, items in section.iter_versions()}
        symbols = elf.get_section_by_name(".gnu.version").iter_symbols()
        used = {symbol["ndx"] for symbol in symbols if isinstance(symbol["ndx"], int)}
        (count,) = elf.get_section_by_name(".dynamic").iter_tags("DT_VERNEEDNUM")
        return asked, used, [section["sh_info"], count["d_val"]]


def with_tag(content: bytes, old: tuple[int, int], new: tuple[int, int]) -> bytes:
    """An ELF file with another item in the place of one of its dynamic table."""
    before, after = struct.pack("<qQ", *old), struct.pack("<qQ", *new)
    assert content.count(before) == 1
    return content.replace(before, after)


def test_library_loads_without_those_that_it_was_linked_with(library: Path) -> None:
    """Untouched it misses them, detached it loads and answers."""
    dropped = strangers(library)
    assert len(dropped) == 3
    assert "cannot open shared object file" in load(library)
    detach_libraries(library, dropped)
    assert load(library) == "LIBTIFF,"


def test_nothing_else_is_dropped(library: Path) -> None:
    """It asks for the other libraries in the order of before, and keeps its size."""
    before, size, dropped = read_elf(library), library.stat().st_size, strangers(library)
    detach_libraries(library, dropped)
    after = read_elf(library)
    assert before is not None
    assert after is not None
    assert after.needed == tuple(name for name in before.needed if name not in dropped)
    assert library.stat().st_size == size


def test_no_symbol_is_of_a_version_that_went(library: Path) -> None:
    """The versions of the dropped libraries are neither asked for, nor counted, nor used; all others are as before."""
    dropped = strangers(library)
    asked, used, _ = read_versions(library)
    lost = set().union(*(numbers for name, numbers in asked.items() if name in dropped))
    assert len(lost & used) == 2
    detach_libraries(library, dropped)
    kept = {name: numbers for name, numbers in asked.items() if name not in dropped}
    assert read_versions(library) == (kept, used - lost, [len(kept)] * 2)


def test_library_loads_with_an_older_libc_than_it_asks_for(library: Path) -> None:
    """A version that this machine's libc lacks keeps it from loading until it is detached."""
    assert load(library, beside=_WHEEL) == "LIBTIFF,"
    ask_for_newer_libc(library)
    assert "version `GLIBC_2.99' not found" in load(library, beside=_WHEEL)
    detach_libraries(library, ())
    assert load(library, beside=_WHEEL) == "LIBTIFF,"


def test_audit_passes_what_may_be_missing(library: Path) -> None:
    """A detached library is no finding for the libc that it could use more of, nor for what it was linked with."""
    ask_for_newer_libc(library)
    dropped = strangers(library)
    assert len(audit_tree(library.parent)) == 4
    detach_libraries(library, dropped)
    assert audit_tree(library.parent) == []


def test_detaching_twice_is_detaching_once(library: Path) -> None:
    """The second time nothing changes, byte for byte."""
    dropped = strangers(library)
    detach_libraries(library, dropped)
    once = library.read_bytes()
    detach_libraries(library, dropped)
    assert library.read_bytes() == once


def test_library_may_lose_all_others(library: Path) -> None:
    """Where nothing is asked of any library, no table of it is left that a loader would follow."""
    facts = read_elf(library)
    assert facts is not None
    detach_libraries(library, facts.needed)
    left = read_elf(library)
    assert left is not None
    assert left.needed == ()
    assert load(library) == "LIBTIFF,"


@pytest.mark.parametrize(
    ("flags", "flags_1"),
    [((_DT_FLAGS, 8), (_DT_FLAGS_1, 0)), ((_DT_FLAGS, 0), (_DT_FLAGS_1, 1)), ((_DT_FLAGS, 0), (_DT_BIND_NOW, 0))],
    ids=["DF_BIND_NOW", "DF_1_NOW", "DT_BIND_NOW"],
)
def test_library_that_binds_at_load_is_refused(
    toolchain: Toolchain, tmp_path: Path, flags: tuple[int, int], flags_1: tuple[int, int]
) -> None:
    """Whichever way it says so, a library of which every call has to be there is named, and stays as it is."""
    hardened = (toolchain.chromium_dir / "lib" / "libnss3.so").read_bytes()
    content = with_tag(with_tag(hardened, (_DT_FLAGS, 8), flags), (_DT_FLAGS_1, 1), flags_1)
    (tmp_path / "any.so").write_bytes(content)
    with pytest.raises(ValueError, match=r"any\.so binds its calls when it is loaded"):
        detach_libraries(tmp_path / "any.so", {"libnspr4.so"})
    assert (tmp_path / "any.so").read_bytes() == content


@pytest.mark.parametrize("contents", [b"", b"#!/bin/sh\n", elf32()], ids=["empty", "script", "32 bits"])
def test_other_files_are_refused(tmp_path: Path, contents: bytes) -> None:
    """What is no 64-bit library is named."""
    (tmp_path / "any.so").write_bytes(contents)
    with pytest.raises(ValueError, match=r"any\.so is no library that could be detached"):
        detach_libraries(tmp_path / "any.so", ())


def test_static_program_is_refused(toolchain: Toolchain) -> None:
    """A program that is linked with nothing has nothing to detach."""
    with pytest.raises(ValueError, match="ffprobe is no library"):
        detach_libraries(toolchain.ffprobe, ())
