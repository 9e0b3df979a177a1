import math
import struct
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hf_lambda.capture.cbor import ENVELOPE_HEADER_BYTES, decode, encode, message_length

_EXACT_IN_DOUBLES = 2**53
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-_EXACT_IN_DOUBLES, _EXACT_IN_DOUBLES)
    | st.floats(allow_nan=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
MESSAGES = st.dictionaries(st.text(), VALUES, max_size=5)


def envelope(body: bytes) -> bytes:
    """A message as Chromium writes it, around a body of our own."""
    return b"\xd8\x18\x5a" + struct.pack(">I", len(body)) + body


@given(MESSAGES)
def test_decoding_gives_back_what_was_encoded(message: dict[str, Any]) -> None:
    """Every message that JSON could carry survives the way there and back."""
    assert decode(encode(message)) == message


@given(MESSAGES)
def test_length_is_known_from_the_header(message: dict[str, Any]) -> None:
    """The header alone tells where a message ends, whatever follows it."""
    raw = encode(message)
    assert message_length(raw) == len(raw)
    assert message_length(raw[:ENVELOPE_HEADER_BYTES] + b"next") == len(raw)


@given(MESSAGES, st.integers(0, ENVELOPE_HEADER_BYTES - 1))
def test_length_is_unknown_before_the_header_is_whole(message: dict[str, Any], received: int) -> None:
    """With less than a header there is nothing to say yet."""
    assert message_length(encode(message)[:received]) is None


@pytest.mark.parametrize("buffer", [b"GET / HTTP/1.1", b'{"id":1,"result":{}}', b"\xd8\x18\x5b\0\0\0\0\0\0\0\1"])
def test_bytes_of_another_protocol_are_refused(buffer: bytes) -> None:
    """What does not start with an envelope is no DevTools message."""
    with pytest.raises(ValueError, match="not a DevTools CBOR envelope"):
        message_length(buffer)


def test_encoding_is_the_dialect_of_chromium() -> None:
    """A small message has exactly the bytes that crdtp writes."""
    assert encode({"id": 1, "a": [True]}) == bytes.fromhex(
        "d8185a00000012"  # an envelope of 18 bytes
        "bf"  # a map
        "626964 01"  # "id": 1
        "6161 d8185a00000003 9f f5 ff"  # "a": [true], in an envelope of its own
        "ff"
    )


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("bf ff", {}),
        ("9f ff", []),
        ("bf 6161 f4 6162 f5 6163 f6 ff", {"a": False, "b": True, "c": None}),
        ("9f 00 17 1818 190100 1a00010000 ff", [0, 23, 24, 256, 65536]),
        ("9f 20 37 3818 390100 3a7fffffff ff", [-1, -24, -25, -257, -(2**31)]),
        ("9f fb3ff8000000000000 ff", [1.5]),
        ("9f 44 6100fc00 ff", ["aü"]),  # UTF-16, little endian
        ("9f 62 c3bc ff", ["ü"]),
        ("9f d6 44 00ff8001 ff", [b"\x00\xff\x80\x01"]),  # binary
        ("9f d6 5a 00000002 6869 ff", [b"hi"]),
        ("bf 6161 d8185a00000002 9fff ff", {"a": []}),
    ],
)
def test_what_chromium_writes_is_understood(body: str, expected: object) -> None:
    """Each kind of value is read as its Python counterpart; strings come in two encodings."""
    assert decode(envelope(bytes.fromhex(body))) == expected


@pytest.mark.parametrize("picture", [b"", b"\xff\xd8\xff\xd9", b"\xff" * 70_000])
def test_pictures_come_out_as_raw_bytes(picture: bytes) -> None:
    """Binary is neither decoded nor mistaken for text, and may hold the byte that ends a map."""
    body = b"\xbf\x64data\xd6\x5a" + struct.pack(">I", len(picture)) + picture + b"\xff"
    assert decode(memoryview(envelope(body))) == {"data": picture}


@pytest.mark.parametrize("number", [2**31 - 1, -(2**31)])
def test_32_bit_integers_stay_integers(number: int) -> None:
    """What crdtp can hold as an integer is sent as one."""
    assert type(decode(encode({"n": number}))["n"]) is int


@pytest.mark.parametrize("number", [2**31, -(2**31) - 1, 2**53, 10**300])
def test_larger_integers_travel_as_doubles(number: int) -> None:
    """crdtp knows 32 bits only, so larger numbers are doubles."""
    value = decode(encode({"n": number}))["n"]
    assert type(value) is float
    assert value == float(number)


@pytest.mark.parametrize("number", [math.inf, -math.inf, -0.0, 5e-324])
def test_doubles_keep_every_bit(number: float) -> None:
    """Extreme doubles arrive as they were sent."""
    value = decode(encode({"n": number}))["n"]
    assert struct.pack(">d", value) == struct.pack(">d", number)


def test_nan_stays_nan() -> None:
    """Not a number arrives as such."""
    assert math.isnan(decode(encode({"n": math.nan}))["n"])


@pytest.mark.parametrize("value", [b"raw", (1, 2), {1}, object()])
def test_values_without_a_wire_form_are_refused(value: object) -> None:
    """A value that DevTools cannot hold is the caller's mistake."""
    with pytest.raises(TypeError, match="cannot hold"):
        encode({"a": value})


def test_half_a_character_is_replaced() -> None:
    """A lone surrogate cannot be sent, and does not stop the message."""
    assert decode(encode({"a": "x\ud800y"})) == {"a": "x?y"}


def test_unknown_tag_is_refused() -> None:
    """A kind of value that the dialect does not have is an error."""
    with pytest.raises(ValueError, match="unknown CBOR tag 1"):
        decode(envelope(bytes.fromhex("9f c1 00 ff")))
