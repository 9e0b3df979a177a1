"""Calls that Python lacks, for pictures of megabytes: copied, compared and given memory as cheaply as can be."""

import ctypes
import os
from typing import Any

_SPLICE_F_NONBLOCK = 2
_PR_SET_THP_DISABLE = 41


class _Span(ctypes.Structure):
    """A `struct iovec`."""

    _fields_ = (("address", ctypes.c_void_p), ("size_bytes", ctypes.c_size_t))


def _load(name: str, result: type = ctypes.c_ssize_t) -> Any:
    function = getattr(ctypes.CDLL(None, use_errno=True), name)
    function.restype = result
    return function


_process_vm_readv = _load("process_vm_readv")
_vmsplice = _load("vmsplice")
_prctl = _load("prctl")
_memcmp = _load("memcmp", ctypes.c_int)


def process_vm_readv(pid: int, address: int, buffer: bytearray | memoryview) -> int:
    """Copy memory of process `pid` into `buffer`; the number of bytes copied (process_vm_readv(2)).

    Raises:
        OSError: the process is gone, may not be read, or has no memory there.
    """
    ours, theirs = _span(buffer), _Span(address, len(buffer))
    return _checked(_process_vm_readv(pid, ctypes.byref(ours), 1, ctypes.byref(theirs), 1, 0))


def vmsplice(pipe: int, data: memoryview) -> int:
    """Put the memory of `data` itself into a pipe, not a copy; the number of bytes taken (vmsplice(2)).

    It must not change until the pipe's reader has taken it. `data` is writable memory.

    Raises:
        BlockingIOError: the pipe is full.
        OSError: its reader is gone, or the kernel cannot do it.
    """
    return _checked(_vmsplice(pipe, ctypes.byref(_span(data)), 1, _SPLICE_F_NONBLOCK))


def give_up_huge_pages() -> None:
    """Let this process, and those it starts from now on, have memory in pages of 4 KB only (prctl(2)).

    A block of 2 MB is seldom one that was used before, and a virtual machine has to ask its host for new memory.
    """
    _prctl(_PR_SET_THP_DISABLE, 1, 0, 0, 0)  # where the kernel knows no huge pages there are none to give up


def are_equal(one: memoryview, other: memoryview) -> bool:
    """Whether two pieces of writable memory hold the same bytes (memcmp(3)); comparing the views takes far longer."""
    first, second = (ctypes.c_void_p(_span(view).address) for view in (one, other))
    return len(one) == len(other) and _memcmp(first, second, ctypes.c_size_t(len(one))) == 0


def _span(buffer: bytearray | memoryview) -> _Span:
    return _Span(ctypes.addressof(ctypes.c_char.from_buffer(buffer)), len(buffer))


def _checked(count: int) -> int:
    if count < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return count
