"""Picture sequences: an uncompressed tar of `frame_000001.png`, `frame_000002.png`, … and `audio.m4a` with sound.

Segments and chunks are such archives too, with the numbers that their frames have in the whole.
"""

import io
import struct
import tarfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from hf_lambda.deadline import Deadline
from hf_lambda.errors import MEDIA_UNREADABLE
from hf_lambda.media.probing import VideoFacts

AUDIO_NAME = "audio.m4a"
_HEAD = struct.Struct(">16sIIBB")  # signature and the name of the first part, width, height, bits, colour type
_HEAD_BEGINS = b"\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR"
_TAIL = b"\x00\x00\x00\x00IEND\xaeB\x60\x82"
_COLOUR_TYPES_WITH_ALPHA = (4, 6)


class PictureArchive:
    """Writes the pictures of `frames`, in order, to a new archive; complete after `finish`."""

    def __init__(self, output: Path, frames: range) -> None:
        self.frames = 0
        """Pictures written so far."""
        self._first_number = frames.start + 1
        self._last: bytes | memoryview = b""
        self._archive = _create(output)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.finish()

    def write(self, data: bytes | memoryview) -> None:
        """Add one picture."""
        self._last = data
        self.repeat()

    def repeat(self) -> None:
        """Add the last picture again."""
        name, data = frame_name(self._first_number + self.frames), self._last
        _add(self._archive, name, io.BytesIO(data), len(data))
        self.frames += 1

    def end(self) -> None:
        """No more pictures come."""
        self._archive.close()

    def finish(self) -> None:
        """End and complete the file."""
        self.end()


def frame_name(number: int) -> str:
    """The name of a frame; the first one's number is 1."""
    return f"frame_{number:06d}.png"


def join_archives(parts: Sequence[Path], output: Path, *, audio: Path | None = None, deadline: Deadline) -> None:
    """Copy the members of `parts`, one after the other, and the `audio` into `output`.

    Raises:
        MEDIA_UNREADABLE: a part is damaged.
    """
    with _create(output) as joined:
        for part in parts:
            with _translated(part):
                for member, contents in _members(part):
                    deadline.check("joining pictures")
                    _add(joined, member.name, contents, member.size)
        if audio is not None:
            with audio.open("rb") as sound:
                _add(joined, AUDIO_NAME, sound, audio.stat().st_size)


def inspect_archive(path: Path, *, fps: Fraction, deadline: Deadline) -> VideoFacts:
    """What an archive holds, picture by picture, as if it were a video of `fps`; it starts where its numbers do.

    Raises:
        MEDIA_UNREADABLE: it is damaged, holds something else, or its numbers or sizes do not follow one another.
    """
    pictures, has_audio = _read_members(path, deadline)
    if not pictures:
        raise MEDIA_UNREADABLE(f"{path.name} has no pictures")
    first = pictures[0]
    for number, picture in enumerate(pictures, first.number):
        if (picture.number, picture.size) != (number, first.size):
            raise MEDIA_UNREADABLE(
                f"{path.name} has frame {picture.number} of {picture.size} where {number} of {first.size} belongs"
            )
    return VideoFacts(
        codec="png",
        width=first.size[0],
        height=first.size[1],
        fps=fps,
        average_fps=fps,
        frame_count=len(pictures),
        duration_seconds=float(len(pictures) / fps),
        start_seconds=float((first.number - 1) / fps),
        has_alpha=any(picture.has_alpha for picture in pictures),
        has_audio=has_audio,
    )


@dataclass(frozen=True)
class _Picture:
    number: int
    size: tuple[int, int]
    has_alpha: bool


def _read_members(path: Path, deadline: Deadline) -> tuple[list[_Picture], bool]:
    """The pictures of an archive, and whether sound comes after them."""
    pictures = []
    has_audio = False
    with _translated(path):
        for member, contents in _members(path):
            deadline.check("counting pictures")
            if has_audio:
                raise MEDIA_UNREADABLE(f"{path.name} has {member.name} after its sound")
            has_audio = member.name == AUDIO_NAME
            if not has_audio:
                pictures.append(_read_picture(member, contents))
    return pictures, has_audio


def _read_picture(member: tarfile.TarInfo, contents: IO[bytes]) -> _Picture:
    head = contents.read(_HEAD.size)
    contents.seek(max(0, member.size - len(_TAIL)))
    if len(head) < _HEAD.size or not head.startswith(_HEAD_BEGINS) or contents.read() != _TAIL:
        raise MEDIA_UNREADABLE(f"{member.name} is no complete PNG")
    _, width, height, _, colour_type = _HEAD.unpack(head)
    digits = member.name.removeprefix("frame_").removesuffix(".png")
    number = int(digits) if digits.isdecimal() else 0
    if member.name != frame_name(number):
        raise MEDIA_UNREADABLE(f"{member.name} is not the name of a frame")
    return _Picture(number, (width, height), colour_type in _COLOUR_TYPES_WITH_ALPHA)


def _create(output: Path) -> tarfile.TarFile:
    return tarfile.open(output, "w", format=tarfile.USTAR_FORMAT)


def _add(archive: tarfile.TarFile, name: str, contents: IO[bytes], size_bytes: int) -> None:
    member = tarfile.TarInfo(name)  # its time, owner and mode are the same always
    member.size = size_bytes
    archive.addfile(member, contents)


def _members(path: Path) -> Iterator[tuple[tarfile.TarInfo, IO[bytes]]]:
    """Every member with its contents, which can be read until the next one is asked for."""
    if path.stat().st_size % tarfile.RECORDSIZE:  # tarfile takes a header that was cut off for the end
        raise MEDIA_UNREADABLE(f"{path.name} is no complete archive: it was cut off")
    with tarfile.open(path, "r:") as archive:
        for member in archive:
            contents = archive.extractfile(member)
            if contents is None:
                raise MEDIA_UNREADABLE(f"{member.name} in {path.name} is no file")
            yield member, contents


@contextmanager
def _translated(path: Path) -> Iterator[None]:
    try:
        yield
    except tarfile.TarError as error:
        raise MEDIA_UNREADABLE(f"{path.name} is no complete archive: {error}") from error
