"""Pictures as Matroska (RFC 9559), as little of it as ffmpeg needs: a head, then each picture in a cluster of its own.

It is the simplest container that gives each picture its time and can also say that pictures are plain pixels.
"""

import math
from fractions import Fraction

_NANOSECONDS = 1_000_000_000
SEGMENT, TRACKS, CLUSTER = b"\x18\x53\x80\x67", b"\x16\x54\xae\x6b", b"\x1f\x43\xb6\x75"
TIMESTAMP, SIMPLE_BLOCK = b"\xe7", b"\xa3"
UNTIL_THE_END = b"\x01" + 7 * b"\xff"
"""The size of an element that nothing follows."""
_BLOCK_HEAD = b"\x81\x00\x00\x80"  # track 1, at the cluster's time, a key frame
_CODEC_IDS = {
    "mjpeg": b"V_MJPEG",
    "png": b"V_PNG",  # nobody's name, so the reader is told what it is
    "rawvideo": b"V_UNCOMPRESSED",
}
_PIXELS = b"BGR\0"


def file_head(codec: str, size: tuple[int, int], fps: Fraction) -> bytes:
    """What comes before the first picture; `codec` is ffmpeg's name for their kind, `size` is (width, height)."""
    width, height = size
    picture = number(b"\xb0", width) + number(b"\xba", height) + element(b"\x2e\xb5\x24", _PIXELS)
    track = [
        number(b"\xd7", 1),  # number
        number(b"\x73\xc5", 1),  # identity
        number(b"\x83", 1),  # video
        number(b"\x23\xe3\x83", round(_NANOSECONDS / fps)),  # how long a picture lasts
        element(b"\x86", _CODEC_IDS[codec]),
        element(b"\xe0", picture),
    ]
    return head(element(b"\xae", b"".join(track)))


def head(tracks: bytes) -> bytes:
    """What comes before the first cluster of such tracks; times are in nanoseconds."""
    kind = element(b"\x1a\x45\xdf\xa3", element(b"\x42\x82", b"matroska"))
    info = element(b"\x15\x49\xa9\x66", number(b"\x2a\xd7\xb1", 1))
    return kind + SEGMENT + UNTIL_THE_END + info + element(TRACKS, tracks)


def picture_head(frame: int, fps: Fraction, byte_count: int) -> bytes:
    """What comes before the picture that is shown from `frame` on."""
    # A hair late: what comes after the last picture begins after its time, rounded up to frames.
    time = number(TIMESTAMP, math.floor(frame * _NANOSECONDS / fps) + 1)
    block = SIMPLE_BLOCK + _size(len(_BLOCK_HEAD) + byte_count) + _BLOCK_HEAD
    return CLUSTER + _size(len(time) + len(block) + byte_count) + time + block


def number(identity: bytes, value: int) -> bytes:
    """An element that holds a number."""
    return element(identity, value.to_bytes(8, "big"))


def element(identity: bytes, content: bytes) -> bytes:
    """An element that holds bytes, or others."""
    return identity + _size(len(content)) + content


def _size(byte_count: int) -> bytes:
    return (1 << 56 | byte_count).to_bytes(8, "big")  # the highest bit's place says that there are eight bytes
