import ctypes
import mmap
import os
import subprocess
import sys

import pytest

from hf_lambda.system_calls import are_equal, give_up_huge_pages, process_vm_readv, vmsplice

_CHILD = """
import ctypes, mmap, sys
memory = mmap.mmap(-1, 8192)
memory.write(b"abcdefgh" * 1024)
print(ctypes.addressof(ctypes.c_char.from_buffer(memory)), flush=True)
sys.stdin.read()
"""


def test_memory_of_a_child_is_copied() -> None:
    """A parent reads what its child wrote, from any address; what is not there is an error."""
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, "-c", _CHILD], stdin=pipe, stdout=pipe, text=True) as child:
        assert child.stdout is not None
        address = int(child.stdout.readline())
        buffer = bytearray(8)
        assert process_vm_readv(child.pid, address + 3, buffer) == 8
        assert buffer == b"defghabc"
        with pytest.raises(OSError, match="Bad address"):
            process_vm_readv(child.pid, 4096, buffer)
    with pytest.raises(ProcessLookupError):
        process_vm_readv(child.pid, address, buffer)


def test_memory_goes_into_a_pipe_as_it_is() -> None:
    """What the reader gets is the memory itself: a change before it reads is seen."""
    reading, writing = os.pipe()
    memory = mmap.mmap(-1, mmap.PAGESIZE)
    memory[:4] = b"then"
    assert vmsplice(writing, memoryview(memory)) == mmap.PAGESIZE
    memory[:4] = b"now!"
    assert os.read(reading, 4) == b"now!"
    os.close(reading)
    with pytest.raises(BrokenPipeError):
        vmsplice(writing, memoryview(memory))
    os.close(writing)


def test_a_full_pipe_does_not_block() -> None:
    """It says so instead, and takes as much as there is room for before."""
    reading, writing = os.pipe()
    data = memoryview(bytearray(1 << 20))
    taken = vmsplice(writing, data)
    assert 0 < taken < len(data)
    with pytest.raises(BlockingIOError):
        vmsplice(writing, data)
    os.close(reading)
    os.close(writing)


def test_what_is_read_lands_where_it_was_wanted() -> None:
    """A part of a buffer can be filled."""
    source = (ctypes.c_char * 4).from_buffer_copy(b"data")
    buffer = bytearray(b"........")
    assert process_vm_readv(os.getpid(), ctypes.addressof(source), memoryview(buffer)[2:6]) == 4
    assert buffer == b"..data.."


def test_children_have_no_huge_pages() -> None:
    """Those that are started afterwards ask for them in vain."""
    give_up_huge_pages()
    status = subprocess.run(["cat", "/proc/self/status"], capture_output=True, text=True, check=True).stdout
    assert "THP_enabled:\t0" in status


@pytest.mark.parametrize("size", [2, 4096, 1 << 23])
def test_memory_is_compared_to_its_last_byte(size: int) -> None:
    """Equal bytes in different places are equal; one that differs, or is missing, is enough."""
    one, other = (memoryview(bytearray(b"\x80" * size)) for _ in range(2))
    assert are_equal(one, other)
    assert not are_equal(one, other[:-1])
    other[-1] = 0x7F
    assert not are_equal(one, other)
    assert not are_equal(other, one)
