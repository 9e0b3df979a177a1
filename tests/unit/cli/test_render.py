import argparse
from pathlib import Path
from typing import Any

import pytest

from hf_lambda.cli.main import build_parser, main
from hf_lambda.cli.render import config_from
from hf_lambda.config import RenderConfig, parse_config
from hf_lambda.errors import INVALID_CONFIG


def parse(*argv: str) -> argparse.Namespace:
    """The parsed command line of a render to a.mp4, unless another output is given."""
    output = [] if "-o" in argv else ["-o", "a.mp4"]
    return build_parser().parse_args(["render", "project", *output, *argv])


def config(*argv: str) -> dict[str, Any]:
    """The configuration that a command line means."""
    return config_from(parse(*argv))


def finding(*argv: str) -> str:
    """Why a command line is refused."""
    with pytest.raises(INVALID_CONFIG) as caught:
        config(*argv)
    return caught.value.cause


def test_plain_command_is_the_default_configuration() -> None:
    """Without options a render is what an empty configuration is, but that missing fonts are a warning."""
    assert config() == {"format": "mp4", "quality": "standard", "failClosedFontFetch": False}
    assert parse_config(config()) == RenderConfig(fail_closed_font_fetch=False)


def test_every_option_reaches_the_configuration() -> None:
    """Options become the wire names of the configuration, and are valid there."""
    wanted = config(
        *("--fps", "60", "--format", "mp4", "--codec", "h265", "--quality", "high", "--crf", "0"),
        *("--entry-file", "a.html", "--variables", '{"a": 1}', "--best-effort"),
        *("--strict-fonts", "--strict-variables"),
        *("--chunk-size", "100", "--segment-frames", "10"),
        *("--cfr", "--resolution", "4k"),
    )
    assert wanted == {
        "fps": "60",
        "format": "mp4",
        "codec": "h265",
        "quality": "high",
        "crf": 0,
        "entryFile": "a.html",
        "variables": {"a": 1},
        "strictness": "best-effort",
        "failClosedFontFetch": True,
        "strictVariables": True,
        "chunkSize": 100,
        "segmentFrames": 10,
        "cfr": True,
        "outputResolution": "4k",
    }
    assert parse_config({**wanted, "codec": "h264"}).crf == 0


def test_bitrate_reaches_the_configuration() -> None:
    """A bit rate is passed on as text."""
    assert config("--bitrate", "8M")["bitrate"] == "8M"


@pytest.mark.parametrize(
    ("typed", "fps"),
    [
        ("23.976", "24000/1001"),
        ("29.97", "30000/1001"),
        ("59.94", "60000/1001"),
        ("24", "24"),
        ("30000/1001", "30000/1001"),
        ("31", "31"),
    ],
)
def test_rates_may_be_typed_as_people_say_them(typed: str, fps: str) -> None:
    """The decimal names of the NTSC rates mean the exact ones; the rest is checked later."""
    assert config("--fps", typed)["fps"] == fps


@pytest.mark.parametrize(
    ("output", "container"),
    [("a.mp4", "mp4"), ("A.MP4", "mp4"), ("deep/a.b.mov", "mov"), ("a.webm", "webm"), ("a.tar", "png-sequence")],
)
def test_container_follows_the_output(output: str, container: str) -> None:
    """The suffix of the output names the container."""
    assert config("-o", output)["format"] == container


@pytest.mark.parametrize("output", ["a", "a.avi", "a.mp4.txt", ".mp4"])
def test_output_without_a_known_suffix_is_refused(output: str) -> None:
    """An output that says no container is refused, with the suffixes that do."""
    message = finding("-o", output)
    assert message.startswith(f"{output} has none of the suffixes .mp4, .mov, .webm, .tar")


def test_container_may_be_given_instead() -> None:
    """--format wins over the suffix."""
    assert config("-o", "a.avi", "--format", "mov")["format"] == "mov"


def test_suffix_and_container_must_agree() -> None:
    """An output that says one container and an option that says another contradict each other."""
    assert finding("-o", "a.webm", "--format", "mov") == "a.webm is the name of webm, but --format is mov"
    assert config("-o", "a.tar", "--format", "png-sequence")["format"] == "png-sequence"


def test_variables_may_come_from_a_file(tmp_path: Path) -> None:
    """A file of variables is read as JSON in UTF-8."""
    (tmp_path / "v.json").write_text('{"title": "ü"}', "utf-8")
    assert config("--variables-file", str(tmp_path / "v.json"))["variables"] == {"title": "ü"}


@pytest.mark.parametrize(
    "contents", [b"", b"{", b"[1]", b"\xff\xfe{}", b"caf\xe9", b'{"a": "caf\xe9"}', b"[" * 100_000]
)
def test_file_that_holds_no_variables_is_refused(tmp_path: Path, contents: bytes) -> None:
    """A file that is no JSON object in UTF-8 is an error of the table."""
    (tmp_path / "v.json").write_bytes(contents)
    assert "variables" in finding("--variables-file", str(tmp_path / "v.json"))


@pytest.mark.parametrize("name", ["none.json", "."])
def test_file_that_cannot_be_read_is_refused(tmp_path: Path, name: str) -> None:
    """A file that is missing, or a folder, is named by the option."""
    assert finding("--variables-file", str(tmp_path / name)).startswith("--variables-file cannot be read")


@pytest.mark.parametrize("text", ["", "{", "hunter2", "[]", "null", "3", '"text"', '{"a": hunter2}'])
def test_text_that_is_no_object_is_refused(text: str) -> None:
    """Variables are a JSON object; what was typed is not repeated."""
    message = finding("--variables", text)
    assert "the variables are not" in message
    assert "hunter2" not in message


def test_variables_come_from_one_place(tmp_path: Path) -> None:
    """Two sources of variables contradict each other."""
    assert finding("--variables", "{}", "--variables-file", "v.json") == (
        "--variables and --variables-file exclude each other"
    )


def test_empty_variables_are_variables() -> None:
    """An empty object is passed on, not dropped."""
    assert config("--variables", "{}")["variables"] == {}


@pytest.mark.parametrize("jobs", ["0", "-1"])
def test_jobs_are_at_least_one(jobs: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A render needs a browser."""
    assert main(["render", "project", "-o", "a.mp4", "--jobs", jobs]) == 1
    assert "INVALID_CONFIG: --jobs must be at least 1" in capsys.readouterr().err


@pytest.mark.parametrize("option", ["--crf", "--chunk-size", "--segment-frames", "--jobs", "--timeout"])
def test_numbers_are_numbers(option: str, capsys: pytest.CaptureFixture[str]) -> None:
    """An option that takes a number refuses a word."""
    with pytest.raises(SystemExit) as caught:
        parse(option, "many")
    assert caught.value.code == 2
    assert option in capsys.readouterr().err
