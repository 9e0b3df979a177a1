import pytest

from hf_lambda.errors import ENCODER_FAILED
from hf_lambda.media.vp9 import shown_again

SHOWN = 0b10_00_0_1_1_0


@pytest.mark.parametrize("place", range(8))
@pytest.mark.parametrize("resists_errors", [True, False])
def test_a_frame_is_shown_from_where_it_is_kept(place: int, resists_errors: bool) -> None:
    """The first of the places that the frame refreshes (6.2, `refresh_frame_flags`)."""
    flags = 1 << place | 1 << 7
    rest = flags << 8 if resists_errors else 0b11 << 14 | flags << 6
    packet = bytes((SHOWN | resists_errors,)) + (rest | 0b111111).to_bytes(2, "big") + b"\xff"
    assert shown_again(packet) == bytes((0b10_00_1_000 | place,))


def test_a_key_frame_is_kept_everywhere() -> None:
    """Its head has no flags; what stands in their place is its sync code."""
    assert shown_again(bytes((0b10_00_0_0_1_0, 0x49, 0x83, 0x42))) == b"\x88"


@pytest.mark.parametrize(
    "packet",
    [
        bytes((0b10_00_0_1_0_0, 0xFF, 0xFF)),  # hidden
        bytes((0b10_10_0_1_1_0, 0xFF, 0xFF)),  # profile 1
        bytes((0b01_00_0_1_1_0, 0xFF, 0xFF)),  # no VP9
        bytes((SHOWN, 0b11_000000, 0b00_111111)),  # kept nowhere
    ],
)
def test_other_frames_cannot_be_shown_again(packet: bytes) -> None:
    """What is shown would be another picture."""
    with pytest.raises(ENCODER_FAILED, match="shown again"):
        shown_again(packet)
