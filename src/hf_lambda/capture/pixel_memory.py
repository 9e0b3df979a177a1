"""Finds and reads pixels in the memory of a process that we started.

Linux lets a parent read its descendants (ptrace(2), "Ptrace access mode checking"); where a sandbox forbids it,
process_vm_readv(2) fails and nothing else happens. Reading /proc/<pid>/mem would take twice as long.
"""

from collections.abc import Iterator
from pathlib import Path

from hf_lambda.system_calls import process_vm_readv

PIXEL_BYTES = 4
_SAMPLE_PIXELS = 16
_STRIDES = (1 << 18, 1 << 12, 1 << 6, PIXEL_BYTES)
"""Bytes compared at a time where the end of a run is looked for, ever smaller; each is many of the next."""


class PixelMemory:
    """The memory of process `pid`, seen as runs of pixels of four bytes."""

    def __init__(self, pid: int) -> None:
        self._pid = pid

    def read_into(self, buffer: bytearray | memoryview, address: int) -> None:
        """Fill `buffer` from `address` on.

        Raises:
            OSError: the process is gone, may not be read, or has no such memory.
        """
        count = process_vm_readv(self._pid, address, buffer)
        if count < len(buffer):
            raise OSError(f"only {count} of {len(buffer)} bytes can be read")

    def is_filled(self, address: int, pixel: bytes, count: int) -> bool:
        """Whether `count` pixels from `address` on are all `pixel`."""
        stop = address + PIXEL_BYTES * count
        run = pixel * (_STRIDES[0] // PIXEL_BYTES)
        while stop - address >= len(run):
            if self._read(address, len(run)) != run:
                return False
            address += len(run)
        return self._read(address, stop - address) == run[: stop - address]

    def find_filled(self, pixel: bytes, count: int) -> list[int]:
        """The addresses from which on `count` pixels or more are all `pixel`.

        Raises:
            OSError: the process is gone, or may not be read.
        """
        found: list[int] = []
        run_bytes = PIXEL_BYTES * count
        for start, stop in self._regions(run_bytes):
            while (sample := self._next_sample(start, stop, pixel, run_bytes)) is not None:
                first = self._first_of_run(sample, start, pixel)
                if self.is_filled(first, pixel, count):
                    found.append(first)
                start = self._stop_of_run(sample, pixel)
        return found

    def _regions(self, smallest_bytes: int) -> Iterator[tuple[int, int]]:
        """The process's own readable and writable memory, in pieces that could hold that much."""
        for line in Path(f"/proc/{self._pid}/maps").read_text("ascii", "replace").splitlines():
            span, access, _, _, inode = line.split()[:5]
            start, stop = (int(address, 16) for address in span.split("-"))
            if access == "rw-p" and inode == "0" and stop - start >= smallest_bytes:
                yield start, stop

    def _next_sample(self, start: int, stop: int, pixel: bytes, run_bytes: int) -> int | None:
        """An address at which a few pixels are right, looking so often that no run of that length is missed."""
        sample = pixel * _SAMPLE_PIXELS
        step = max(PIXEL_BYTES, (run_bytes - len(sample)) // PIXEL_BYTES * PIXEL_BYTES)
        for address in range(start, stop, step):
            if self._read(address, len(sample)) == sample:
                return address
        return None

    def _first_of_run(self, address: int, start: int, pixel: bytes) -> int:
        """Where the run of `pixel` begins that goes through `address`."""
        for stride in _STRIDES:
            run = pixel * (stride // PIXEL_BYTES)
            while address - stride >= start and self._read(address - stride, stride) == run:
                address -= stride
        return address

    def _stop_of_run(self, address: int, pixel: bytes) -> int:
        """Where the run of `pixel` ends that goes through `address`."""
        for stride in _STRIDES:
            run = pixel * (stride // PIXEL_BYTES)
            while self._read(address, stride) == run:
                address += stride
        return address

    def _read(self, address: int, count: int) -> bytearray:
        """Bytes from `address` on; none where they cannot be had, as in a guard page.

        Raises:
            PermissionError, ProcessLookupError: none of the memory can be.
        """
        found = bytearray(count)
        try:
            self.read_into(found, address)
        except (PermissionError, ProcessLookupError):
            raise
        except OSError:
            return bytearray()
        return found
