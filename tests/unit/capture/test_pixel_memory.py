import ctypes
import itertools
import mmap
import os
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from hf_lambda.capture.pixel_memory import PIXEL_BYTES, PixelMemory
from tests.unit.doubles import open_descriptors

PAGE = mmap.PAGESIZE
NO_ACCESS = 0
SMALL, MIDDLING, LARGE = 16 * 16, 320 * 180, 1920 * 1080
"""Pixels: the smallest picture that there can be, a middling one, the usual one."""


class Region:
    """Private memory of this process, all zeros, between two pages that nobody may read."""

    def __init__(self, size_bytes: int) -> None:
        size_bytes += -size_bytes % PAGE
        self._map = mmap.mmap(-1, size_bytes + 2 * PAGE, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
        base = ctypes.addressof(ctypes.c_char.from_buffer(self._map))
        self.start, self.stop = base + PAGE, base + PAGE + size_bytes
        for guard in (base, self.stop):
            assert ctypes.CDLL(None).mprotect(ctypes.c_void_p(guard), ctypes.c_size_t(PAGE), NO_ACCESS) == 0

    def close(self) -> None:
        """Give the memory back."""
        self._map.close()

    def fill(self, address: int, pixel: bytes, count: int) -> int:
        """Write a run of pixels; returns its address."""
        offset = address - self.start + PAGE
        self._map[offset : offset + PIXEL_BYTES * count] = pixel * count
        return address

    def found(self, pixel: bytes, count: int) -> list[int]:
        """The runs that are found in here: those in Python's own copies of the pixels do not count."""
        places = PixelMemory(os.getpid()).find_filled(pixel, count)
        return [place for place in places if self.start <= place < self.stop]


@dataclass(frozen=True)
class Paints:
    """Two pixels that differ."""

    red: bytes
    green: bytes


MakeRegion = Callable[[int], Region]


@pytest.fixture
def make_region() -> Iterator[MakeRegion]:
    """Makes regions, which go when the test ends."""
    regions: list[Region] = []

    def make(size_bytes: int) -> Region:
        regions.append(Region(size_bytes))
        return regions[-1]

    yield make
    for region in regions:
        region.close()


_LEVELS = itertools.count(1)


@pytest.fixture
def paints() -> Paints:
    """Pixels that no other test uses: Python keeps long copies of those it has compared."""
    level = next(_LEVELS)
    return Paints(bytes((13, 57, 128 + level, 255)), bytes((21, 203, 128 + level, 255)))


@pytest.fixture
def memory() -> PixelMemory:
    """The memory of this very process."""
    return PixelMemory(os.getpid())


@pytest.fixture
def half_a_file(tmp_path: Path, paints: Paints) -> Iterator[int]:
    """The address of two pages, the first full of red, the second of nothing that could be read."""
    with (tmp_path / "pixels").open("w+b") as file:
        file.write(paints.red * (2 * PAGE // PIXEL_BYTES))
        file.flush()
        mapped = mmap.mmap(file.fileno(), 2 * PAGE)
        file.truncate(PAGE)
    yield ctypes.addressof(ctypes.c_char.from_buffer(mapped))
    mapped.close()


@pytest.mark.parametrize("count", [SMALL, MIDDLING, LARGE])
@pytest.mark.parametrize("offset", [0, 4, 52, 960, PAGE - 4, PAGE, 2 * PAGE + 16])
def test_a_run_is_found_wherever_it_begins(make_region: MakeRegion, count: int, offset: int, paints: Paints) -> None:
    """At the start of a region or within, on the edge of a page or not."""
    region = make_region(PIXEL_BYTES * count + 3 * PAGE)
    place = region.fill(region.start + offset, paints.red, count)
    assert region.found(paints.red, count) == [place]


@pytest.mark.parametrize("count", [SMALL, LARGE])
def test_a_run_is_found_at_the_end_of_a_region(make_region: MakeRegion, count: int, paints: Paints) -> None:
    """Its last pixel may be the last one that can be read."""
    region = make_region(PIXEL_BYTES * count + 3 * PAGE)
    place = region.fill(region.stop - PIXEL_BYTES * count, paints.red, count)
    assert region.found(paints.red, count) == [place]


@pytest.mark.parametrize("count", [SMALL, LARGE])
def test_a_region_may_be_nothing_but_the_run(make_region: MakeRegion, count: int, paints: Paints) -> None:
    """Guard pages on either side end the search for its first pixel, not the process."""
    region = make_region(PIXEL_BYTES * count)
    size = (region.stop - region.start) // PIXEL_BYTES
    region.fill(region.start, paints.red, size)
    assert region.found(paints.red, size) == [region.start]


@pytest.mark.parametrize("count", [SMALL, LARGE])
@pytest.mark.parametrize("offset", [0, 4, PAGE])
def test_a_run_that_is_one_pixel_short_is_not_found(
    make_region: MakeRegion, count: int, offset: int, paints: Paints
) -> None:
    """Almost the whole picture is not the picture."""
    region = make_region(PIXEL_BYTES * count + 3 * PAGE)
    region.fill(region.start + offset, paints.red, count - 1)
    assert region.found(paints.red, count) == []


def test_a_run_with_a_flaw_is_not_found(make_region: MakeRegion, paints: Paints) -> None:
    """One other pixel in the midst of it is enough."""
    region = make_region(PIXEL_BYTES * LARGE)
    region.fill(region.start, paints.red, LARGE)
    region.fill(region.start + PIXEL_BYTES * (LARGE // 2), paints.green, 1)
    assert region.found(paints.red, LARGE) == []


@pytest.mark.parametrize("count", [SMALL, LARGE])
def test_two_runs_are_both_found(make_region: MakeRegion, count: int, paints: Paints) -> None:
    """Even where only one other pixel lies between them, and each in its own colour only."""
    region = make_region(PIXEL_BYTES * (3 * count + 2))
    first = region.fill(region.start + 4, paints.red, count)
    second = region.fill(first + PIXEL_BYTES * (count + 1), paints.red, count)
    third = region.fill(second + PIXEL_BYTES * count, paints.green, count)
    assert region.found(paints.red, count) == [first, second]
    assert region.found(paints.green, count) == [third]


def test_a_longer_run_is_found_once_by_its_beginning(make_region: MakeRegion, paints: Paints) -> None:
    """However many pictures would fit into it."""
    region = make_region(PIXEL_BYTES * MIDDLING + PAGE)
    place = region.fill(region.start + 8, paints.red, MIDDLING)
    assert region.found(paints.red, SMALL) == [place]


def test_runs_in_two_regions_are_both_found(make_region: MakeRegion, paints: Paints) -> None:
    """Regions lie wherever the kernel put them."""
    regions = make_region(PIXEL_BYTES * SMALL), make_region(PIXEL_BYTES * SMALL)
    for region in regions:
        region.fill(region.start, paints.red, SMALL)
    assert [region.found(paints.red, SMALL) for region in regions] == [[region.start] for region in regions]


def test_filled_means_every_pixel(make_region: MakeRegion, memory: PixelMemory, paints: Paints) -> None:
    """One pixel more, one pixel further or another colour is not filled."""
    region = make_region(PIXEL_BYTES * SMALL + PAGE)
    place = region.fill(region.start + 4, paints.red, SMALL)
    assert memory.is_filled(place, paints.red, SMALL)
    assert not memory.is_filled(place, paints.red, SMALL + 1)
    assert not memory.is_filled(place + PIXEL_BYTES, paints.red, SMALL)
    assert not memory.is_filled(place - PIXEL_BYTES, paints.red, SMALL)
    assert not memory.is_filled(place, paints.green, SMALL)


def test_what_cannot_be_read_is_not_filled(memory: PixelMemory, half_a_file: int, paints: Paints) -> None:
    """Nor is what can be read in part only."""
    assert not memory.is_filled(0, paints.red, SMALL)
    assert memory.is_filled(half_a_file, paints.red, PAGE // PIXEL_BYTES)
    assert not memory.is_filled(half_a_file, paints.red, PAGE // PIXEL_BYTES + 1)
    assert not memory.is_filled(half_a_file + PAGE, paints.red, 1)


def test_reading_fills_the_buffer(make_region: MakeRegion, memory: PixelMemory, paints: Paints) -> None:
    """With the very bytes that lie there, anew each time."""
    region = make_region(PIXEL_BYTES * SMALL)
    buffer = bytearray(PIXEL_BYTES * 2)
    place = region.fill(region.start + 4, paints.red, 1)
    memory.read_into(buffer, place)
    assert buffer == paints.red + bytes(PIXEL_BYTES)
    region.fill(place, paints.green, 2)
    memory.read_into(buffer, place)
    assert buffer == paints.green * 2


def test_reading_what_is_not_there_is_an_error(make_region: MakeRegion, memory: PixelMemory, half_a_file: int) -> None:
    """No byte is made up, not even at the end of what can be read."""
    region = make_region(PAGE)
    for address in (0, half_a_file + PAGE, region.start - PIXEL_BYTES, region.stop):
        with pytest.raises(OSError, match="Bad address"):
            memory.read_into(bytearray(PIXEL_BYTES), address)
    with pytest.raises(OSError, match="only 4 of 8 bytes"):
        memory.read_into(bytearray(2 * PIXEL_BYTES), half_a_file + PAGE - PIXEL_BYTES)


def test_a_process_that_is_gone_cannot_be_read(paints: Paints) -> None:
    """Whether it is to be searched, compared or read: to say that nothing is filled would be a guess."""
    process = subprocess.Popen(["/bin/true"])
    process.wait()
    memory = PixelMemory(process.pid)
    with pytest.raises(ProcessLookupError):
        memory.read_into(bytearray(PIXEL_BYTES), 4096)
    with pytest.raises(OSError, match="No such"):
        memory.find_filled(paints.red, SMALL)
    with pytest.raises(ProcessLookupError):
        memory.is_filled(4096, paints.red, SMALL)


def test_no_descriptor_stays_open(make_region: MakeRegion, memory: PixelMemory, paints: Paints) -> None:
    """Whether reading succeeds or fails."""
    region = make_region(PIXEL_BYTES * SMALL)
    before = open_descriptors()
    for address in (region.start, 0):
        memory.is_filled(address, paints.red, SMALL)
    memory.find_filled(paints.red, SMALL)
    assert open_descriptors() == before
