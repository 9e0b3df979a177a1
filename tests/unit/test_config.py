import json
import math
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import to_builtins
from msgspec.structs import fields

from hf_lambda.config import RenderConfig, format_fps, is_renderable_size, parse_config, parse_fps
from hf_lambda.errors import INVALID_CONFIG
from hf_lambda.hashing import json_sha256
from tests.unit.doubles import nested

FIELDS = [field.encode_name for field in fields(RenderConfig)]
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
SURROGATE = json.loads('"\\ud800"')
"""Half a character, which JSON can carry and UTF-8 cannot."""


def finding(config: object) -> str:
    """What is wrong with a configuration that is refused."""
    with pytest.raises(INVALID_CONFIG) as caught:
        parse_config(config)
    return caught.value.cause


def test_defaults_are_a_standard_mp4() -> None:
    """An empty configuration renders a 30 fps mp4."""
    config = parse_config({})
    assert (config.fps, config.format, config.quality) == (Fraction(30), "mp4", "standard")
    assert (config.width, config.height, config.codec, config.crf, config.bitrate) == (None,) * 5
    assert (config.max_parallel_chunks, config.segment_frames, config.encoder_threads) == (256, None, 2)
    assert (config.variables, config.entry_file, config.strictness) == ({}, "index.html", "strict")


def test_composition_decides_the_rate_where_the_request_does_not() -> None:
    """A declared frame rate is the default, and no more than that."""
    assert parse_config({}).with_default_fps(Fraction(24)).fps == 24
    assert parse_config({}).with_default_fps(None).fps == 30
    assert parse_config({"fps": 30}).with_default_fps(Fraction(24)).fps == 30


def test_every_wire_name_reaches_its_field() -> None:
    """camelCase names set the fields."""
    config = parse_config(
        {
            "fps": "30000/1001",
            "width": 1920,
            "height": 1080,
            "format": "mp4",
            "codec": "h265",
            "quality": "high",
            "crf": 0,
            "cfr": False,
            "outputResolution": "4K",
            "outputResolutionAspectAgnostic": True,
            "chunkSize": 100,
            "targetChunkFrames": 50,
            "maxParallelChunks": 8,
            "segmentFrames": 30,
            "cores": 16,
            "encoderThreads": 4,
            "variables": {"title": "Hi"},
            "entryFile": "scenes/main.html",
            "strictness": "best-effort",
            "runtimeCap": "lambda",
        }
    )
    assert config == RenderConfig(
        wanted_fps=Fraction(30000, 1001),
        width=1920,
        height=1080,
        format="mp4",
        codec="h265",
        quality="high",
        crf=0,
        cfr=False,
        output_resolution="4k",
        output_resolution_aspect_agnostic=True,
        chunk_size=100,
        target_chunk_frames=50,
        max_parallel_chunks=8,
        segment_frames=30,
        cores=16,
        encoder_threads=4,
        variables={"title": "Hi"},
        entry_file="scenes/main.html",
        strictness="best-effort",
        runtime_cap="lambda",
    )


def test_unknown_keys_are_ignored() -> None:
    """Configurations of newer or older clients are understood."""
    assert parse_config({"colour": "blue"}) == parse_config({})


def test_parsed_configuration_passes_through() -> None:
    """What is parsed already is not parsed again."""
    config = parse_config({"fps": 60})
    assert parse_config(config) is config


@pytest.mark.parametrize("fps", [24, 25, 30, 50, 60, "24", "60", "24000/1001", "30000/1001", "60000/1001"])
def test_known_rates_are_exact_fractions(fps: int | str) -> None:
    """Each rate of the wire is an exact fraction and can be written back."""
    assert parse_fps(fps) == Fraction(fps)
    assert str(format_fps(parse_fps(fps))) == str(fps)
    assert parse_fps(parse_fps(fps)) == parse_fps(fps)


@pytest.mark.parametrize(
    "fps",
    [
        *(29.97, 23.976, 59.94, True, False, None, "30/1", "29.97", "", " 30", "30 ", "-30", "+30", "thirty", 0, -30),
        *(1, 29, 31, 120, 30.5, math.nan, math.inf, "NaN", "30000/1000", "1001/30000", "²", "9" * 5000, [], [30], {}),
        *(Fraction(30000, 1002), Fraction(1, 30)),
    ],
)
def test_other_rates_are_refused(fps: object) -> None:
    """Anything but a listed rate in its listed form is named as wrong."""
    assert finding({"fps": fps}).startswith("Config.fps: ")


def test_refused_rate_lists_the_known_ones() -> None:
    """Who passes 29.97 learns how that rate is written."""
    message = finding({"fps": 29.97})
    assert message == "Config.fps: must be one of 24, 25, 30, 50, 60, 24000/1001, 30000/1001, 60000/1001"


@pytest.mark.parametrize("field", ["width", "height"])
@pytest.mark.parametrize("pixels", [1081, 15, 14, 0, -16, 7682, 10**30, 1080.0, 16.5, "1080", True, [], math.nan])
def test_size_that_cannot_be_encoded_is_refused(field: str, pixels: object) -> None:
    """Odd, small, large and non-integer sizes are named as wrong."""
    assert finding({field: pixels}).startswith(f"Config.{field}: ")


@pytest.mark.parametrize("pixels", [16, 18, 1080, 7680])
def test_size_that_can_be_encoded_is_kept(pixels: int) -> None:
    """Even sizes within the limits are kept."""
    assert parse_config({"width": pixels, "height": pixels}).width == pixels


@given(st.integers(-10, 8000))
def test_size_rule_is_one_rule(pixels: int) -> None:
    """The configuration and the composition are held to the same sizes."""
    try:
        parse_config({"width": pixels})
    except INVALID_CONFIG:
        assert not is_renderable_size(pixels)
    else:
        assert is_renderable_size(pixels)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("format", "avi"),
        ("format", "MP4"),
        ("format", None),
        ("codec", "av1"),
        ("quality", "best"),
        ("crf", -1),
        ("crf", 52),
        ("crf", 18.0),
        ("crf", "18"),
        ("crf", True),
        ("bitrate", ""),
        ("bitrate", "fast"),
        ("bitrate", "8 M"),
        ("bitrate", "8G"),
        ("bitrate", "-8M"),
        ("bitrate", "8M -y /etc/passwd"),
        ("bitrate", "8M\n"),
        ("bitrate", 8_000_000),
        ("cfr", "true"),
        ("cfr", 1),
        ("outputResolution", "8k"),
        ("outputResolution", "1920x1080"),
        ("outputResolution", ""),
        ("outputResolution", 1080),
        ("outputResolutionAspectAgnostic", "yes"),
        ("chunkSize", 0),
        ("chunkSize", 3601),
        ("chunkSize", 240.0),
        ("chunkSize", "240"),
        ("targetChunkFrames", 0),
        ("maxParallelChunks", 0),
        ("maxParallelChunks", 257),
        ("segmentFrames", 0),
        ("segmentFrames", True),
        ("cores", 0),
        ("cores", 2.5),
        ("encoderThreads", 0),
        ("encoderThreads", 17),
        ("variables", None),
        ("variables", []),
        ("variables", "{}"),
        ("strictness", "lax"),
        ("strictVariables", "yes"),
        ("strictVariables", 1),
        ("runtimeCap", "mainframe"),
    ],
)
def test_field_outside_its_rule_is_named(field: str, value: object) -> None:
    """Each field that breaks its rule is named in the message."""
    assert finding({field: value}).startswith(f"Config.{field}")


@pytest.mark.parametrize("bitrate", ["8M", "8m", "2500k", "2500K", "2.5M", "800000"])
def test_bitrates_of_ffmpeg_are_kept(bitrate: str) -> None:
    """Digits with an optional unit are a bit rate."""
    assert parse_config({"bitrate": bitrate}).bitrate == bitrate


def test_rate_factor_and_bitrate_exclude_each_other() -> None:
    """Two ways to set the rate contradict each other, a factor of 0 included."""
    assert finding({"crf": 0, "bitrate": "8M"}) == "Config: crf and bitrate exclude each other"


def test_lossless_h264_is_warned_of() -> None:
    """Rate factor 0 of x264 gives a file that many players refuse; that of other encoders, or 1, does not."""
    assert "High 4:4:4" in parse_config({"crf": 0}).warnings[0]
    for config in ({}, {"crf": 1}, {"crf": 0, "codec": "h265"}, {"crf": 0, "format": "webm"}):
        assert parse_config(config).warnings == []


@pytest.mark.parametrize("container", ["mov", "webm", "png-sequence"])
def test_codec_belongs_to_mp4(container: str) -> None:
    """A codec for another format is refused, not ignored."""
    assert finding({"codec": "h264", "format": container}) == f"Config: codec applies to mp4 only, not to {container}"


@pytest.mark.parametrize("container", ["mov", "png-sequence"])
@pytest.mark.parametrize("rate", [{"crf": 18}, {"bitrate": "8M"}])
def test_rate_belongs_to_formats_that_have_one(container: str, rate: dict[str, Any]) -> None:
    """A rate for a format of fixed quality is refused, not ignored."""
    assert finding({"format": container, **rate}) == (
        f"Config: crf and bitrate apply to mp4 and webm only; {container} has a rate of its own"
    )


@pytest.mark.parametrize("rate", [{"crf": 18}, {"bitrate": "8M"}])
def test_webm_has_a_rate(rate: dict[str, Any]) -> None:
    """webm takes a rate factor or a bit rate, as mp4 does."""
    config = parse_config({"format": "webm", **rate})
    assert (config.crf, config.bitrate) == (rate.get("crf"), rate.get("bitrate"))


@pytest.mark.parametrize(
    ("config", "output"),
    [({"codec": "h265"}, "h265 in mp4"), *(({"format": name}, name) for name in ("mov", "webm", "png-sequence"))],
)
def test_constant_rate_is_asked_of_h264_only(config: dict[str, Any], output: str) -> None:
    """cfr for anything but h264 in mp4 is refused with the reason."""
    assert finding({"cfr": True, **config}) == (
        f"Config: cfr applies to h264 in mp4 only; the frame rate of {output} is constant without it"
    )


def test_constant_rate_may_be_asked_of_h264() -> None:
    """cfr is accepted for the default output and for h264 by name."""
    assert parse_config({"cfr": True}).cfr
    assert parse_config({"cfr": True, "codec": "h264"}).cfr


@pytest.mark.parametrize("entry", ["", "/etc/passwd", "../a.html", "a/../b.html", "a//b.html", "a\\b", "a\0b", "a/"])
def test_entry_file_stays_inside_the_project(entry: str) -> None:
    """An entry file that leaves the project, or is no file, is refused."""
    assert finding({"entryFile": entry}).startswith("Config.entryFile: must be a relative path")


@pytest.mark.parametrize("entry", ["a.html", "a/b.html", "..a.html", "a..b/c.html", "with space/ü.html"])
def test_entry_file_inside_the_project_is_kept(entry: str) -> None:
    """Odd names are names."""
    assert parse_config({"entryFile": entry}).entry_file == entry


@pytest.mark.parametrize("config", [None, [], "", "{}", 1, True, [{}]])
def test_configuration_is_an_object(config: object) -> None:
    """Anything but an object is refused as a whole."""
    assert finding(config).startswith("Config: ")


def test_all_findings_come_at_once() -> None:
    """Two wrong fields are both named."""
    message = finding({"width": 17, "quality": "best"})
    assert "Config.width: " in message
    assert "Config.quality: " in message


@pytest.mark.parametrize(
    ("variables", "place"),
    [
        ({"a": math.nan}, "variables.a"),
        ({"a": [1, math.inf]}, "variables.a[1]"),
        ({"a": {"b": [{"c": -math.inf}]}}, "variables.a.b[0].c"),
        ({"a": b"bytes"}, "variables.a"),
        ({"a": {1: 2}}, "variables.a"),
    ],
)
def test_variables_are_json_and_finite(variables: dict[str, Any], place: str) -> None:
    """A value that JSON lacks is refused, with the place where it is."""
    message = finding({"variables": variables})
    assert message.startswith("Config.variables: ")
    assert place in message


@pytest.mark.parametrize("variables", [{"a": SURROGATE}, {SURROGATE: 1}, {"a": [{"b": f"x{SURROGATE}"}]}])
def test_variables_are_valid_unicode(variables: dict[str, Any]) -> None:
    """Half a character is refused at the door, because a plan with it could not be hashed."""
    assert finding({"variables": variables}).startswith("Config.variables: ")


def test_variables_have_a_depth_limit() -> None:
    """Variables that are nested without end are refused, and do not overflow the stack."""
    assert finding({"variables": nested(3000)}).startswith("Config.variables: ")


@pytest.mark.parametrize(
    "config",
    [
        {"variables": {"password": "hunter2", "limit": math.nan}},
        {"variables": ["hunter2"]},
        {"variables": "hunter2"},
        {"variables": {"a": b"hunter2"}},
        {"variables": {"a": "hunter2"}, "fps": 29.97, "crf": 1, "bitrate": "8M"},
        {"bitrate": "hunter2", "codec": "hunter2", "entryFile": "/hunter2", "crf": "hunter2", "fps": "hunter2"},
    ],
)
def test_messages_never_hold_values(config: dict[str, Any]) -> None:
    """A refused configuration is described without the values in it."""
    with pytest.raises(INVALID_CONFIG) as caught:
        parse_config(config)
    assert "hunter2" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


def test_parsed_configuration_is_frozen() -> None:
    """A configuration does not change on its way through the stages."""
    with pytest.raises(AttributeError, match="immutable"):
        parse_config({}).crf = 1  # type: ignore[misc]  # that it is read-only is the point


@given(JSON_VALUES | st.dictionaries(st.sampled_from(FIELDS), JSON_VALUES, max_size=4))
def test_any_json_is_a_configuration_or_an_invalid_one(config: object) -> None:
    """Whatever comes in, the outcome is a configuration that can be hashed, or INVALID_CONFIG."""
    try:
        parsed = parse_config(config)
    except INVALID_CONFIG:
        return
    assert len(json_sha256(to_builtins(parsed, enc_hook=str))) == 64
