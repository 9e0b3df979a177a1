"""Shows the packets of a Matroska file (RFC 9559) for longer, without encoding anything.

What ffmpeg writes is read: one track, and with it the alpha that lies beside the colours of each packet.
"""

import mmap
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from hf_lambda.errors import ENCODER_FAILED
from hf_lambda.media.matroska import (
    CLUSTER,
    SEGMENT,
    SIMPLE_BLOCK,
    TIMESTAMP,
    TRACKS,
    UNTIL_THE_END,
    element,
    head,
    number,
)

Again = Callable[[bytes], bytes]
"""Makes the packet that shows a packet's picture once more."""

_BLOCK_GROUP, _BLOCK, _REFERENCE = b"\xa0", b"\xa1", b"\xfb"
_ADDITIONS, _ADDITION, _ADDITION_KIND, _ADDED = b"\x75\xa1", b"\xa6", b"\xee", b"\xa5"
_BLOCK_HEAD = b"\x81\x00\x00\x00"
"""The track's number, the time within the cluster, and flags."""
_KEY_FLAG = 0x80
_OPENED = (SEGMENT, CLUSTER, _ADDITIONS, _ADDITION)


def hold_packets(source: Path, output: Path, shown: Sequence[int], again: Again) -> int:
    """Copy the video at `source`, each of its packets for as many frames as `shown` says; gives the frames.

    Their times say no more than their order.

    Raises:
        ENCODER_FAILED: it has not as many packets.
    """
    frames = packets = 0
    with (
        source.open("rb") as file,
        mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data,
        output.open("wb") as copy,
    ):
        for identity, content in _leaves(data, 0, len(data)):
            if identity == TRACKS:
                copy.write(head(content))
            elif identity in (SIMPLE_BLOCK, _BLOCK_GROUP):
                packet = _read(identity, content)
                for time in range(shown[packets] if packets < len(shown) else 0):
                    copy.write((packet.again(again) if time else packet).written(frames))
                    frames += 1
                packets += 1
    if packets != len(shown):
        raise ENCODER_FAILED(f"ffmpeg wrote {packets} of {len(shown)} pictures")
    return frames


@dataclass(frozen=True)
class _Packet:
    picture: bytes
    alpha: bytes | None
    is_key: bool

    def again(self, again: Again) -> "_Packet":
        """The packet that shows the same once more."""
        picture, alpha = again(self.picture), None if self.alpha is None else again(self.alpha)
        return _Packet(picture, alpha, is_key=self.is_key and picture == self.picture)

    def written(self, frame: int) -> bytes:
        """A cluster with nothing else in it."""
        parts = [element(_BLOCK, _BLOCK_HEAD + self.picture)]
        if self.alpha is not None:
            added = number(_ADDITION_KIND, 1) + element(_ADDED, self.alpha)
            parts.append(element(_ADDITIONS, element(_ADDITION, added)))
        if not self.is_key:
            parts.append(element(_REFERENCE, b"\xff"))  # the frame before
        return element(CLUSTER, number(TIMESTAMP, frame) + element(_BLOCK_GROUP, b"".join(parts)))


def _read(identity: bytes, content: bytes) -> _Packet:
    if identity == SIMPLE_BLOCK:
        return _Packet(content[len(_BLOCK_HEAD) :], None, is_key=bool(content[3] & _KEY_FLAG))
    parts = dict(_leaves(content, 0, len(content)))
    return _Packet(parts[_BLOCK][len(_BLOCK_HEAD) :], parts.get(_ADDED), is_key=_REFERENCE not in parts)


def _leaves(data: bytes | mmap.mmap, start: int, stop: int) -> Iterator[tuple[bytes, bytes]]:
    """The elements that are not looked into any further, and what is in them."""
    while start < stop:
        identity, start = _prefixed(data, start)
        size, start = _prefixed(data, start)
        meant, most = int.from_bytes(size, "big"), 1 << 7 * len(size)
        end = stop if size == UNTIL_THE_END else start + meant % most
        if identity in _OPENED:
            yield from _leaves(data, start, end)
        else:
            yield identity, data[start:end]
        start = end


def _prefixed(data: bytes | mmap.mmap, start: int) -> tuple[bytes, int]:
    """A number as it is written, whose first byte says how long it is; and where it ends."""
    end = start + 9 - data[start].bit_length()
    return data[start:end], end
