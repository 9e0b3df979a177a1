"""VP9's own syntax (VP9 Bitstream & Decoding Process Specification, 6.2), as much as showing a frame again takes."""

from hf_lambda.errors import ENCODER_FAILED

_SHOWN_OF_PROFILE_0 = 0b10_00_0_0_1_0
"""A frame's first byte: marker, profile, "shows one that exists", "no key frame", "is shown", "resists errors"."""
_KEY_BIT, _RESISTS_BIT = 0b100, 0b1
_AGAIN = 0b10_00_1_000
"""All of a frame that shows one that exists: marker, profile, that it does, and where of eight places it is kept."""


def shown_again(frame: bytes) -> bytes:
    """The frame that shows a shown one once more, if it comes next.

    Raises:
        ENCODER_FAILED: the frame is hidden, of another profile, or kept nowhere, as ours never are.
    """
    first = frame[0] ^ _SHOWN_OF_PROFILE_0
    is_key, resists = not first & _KEY_BIT, bool(first & _RESISTS_BIT)
    places = 0xFF if is_key else int.from_bytes(frame[1:3], "big") >> (8 if resists else 6) & 0xFF
    if first & ~(_KEY_BIT | _RESISTS_BIT) or not places:
        raise ENCODER_FAILED("libvpx wrote a frame that cannot be shown again")
    return bytes((_AGAIN | (places & -places).bit_length() - 1,))
