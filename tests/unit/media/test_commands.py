import subprocess
from pathlib import Path

from hf_lambda.media.commands import Input, build_command, source_graph
from hf_lambda.toolchain import Toolchain
from tests.unit.media.conftest import SIZE, png

PROGRAM = Path("/tools/ffmpeg")
OUTPUT = Path("/work/out.mp4")


def follows(argv: list[str], name: str) -> str:
    """The argument after an option that is given once."""
    assert argv.count(name) == 1
    return argv[argv.index(name) + 1]


def test_command_runs_the_given_program() -> None:
    """The toolchain's ffmpeg is run, not one on the PATH."""
    assert build_command(PROGRAM, [Input("pipe:0", "v")], OUTPUT, output_options={})[0] == "/tools/ffmpeg"


def test_options_stand_before_what_they_belong_to() -> None:
    """Options of an input come before it, those of the output between the inputs and it."""
    argv = build_command(
        PROGRAM, [Input("pipe:0", "v", {"f": "image2pipe", "framerate": "30/1"})], OUTPUT, output_options={"crf": "18"}
    )
    source, target = argv.index("pipe:0"), argv.index(str(OUTPUT))
    assert argv.index("-f") < argv.index("-i") < source < argv.index("-crf") < target
    assert (follows(argv, "-f"), follows(argv, "-framerate"), follows(argv, "-crf")) == ("image2pipe", "30/1", "18")


def test_names_with_a_stream_are_passed_on() -> None:
    """Options such as c:v keep their stream, and numbers become text."""
    argv = build_command(PROGRAM, [Input("a", "v", {"c:v": "mjpeg", "safe": 0})], OUTPUT, output_options={"b:v": "8M"})
    assert (follows(argv, "-c:v"), follows(argv, "-safe"), follows(argv, "-b:v")) == ("mjpeg", "0", "8M")
    assert all(isinstance(argument, str) for argument in argv)


def test_every_run_is_quiet_reports_and_never_asks() -> None:
    """ffmpeg overwrites, reads no terminal, and writes progress that can be read."""
    argv = build_command(PROGRAM, [Input("a", "v")], OUTPUT, output_options={})
    assert {"-y", "-nostdin", "-hide_banner"} <= set(argv)
    assert (follows(argv, "-progress"), follows(argv, "-loglevel")) == ("pipe:1", "warning")


def test_streams_are_mapped_one_by_one() -> None:
    """Of each input just the stream that was named is taken."""
    argv = build_command(PROGRAM, [Input(Path("/a.mp4"), "v"), Input(Path("/b.m4a"), "a")], OUTPUT, output_options={})
    maps = [argv[index + 1] for index, argument in enumerate(argv) if argument == "-map"]
    assert maps == ["0:v", "1:a"]


def test_filters_run_on_the_first_stream() -> None:
    """Filters follow one another, and their values are escaped for ffmpeg."""
    filters: list[tuple[str, dict[str, str | int]]] = [("scale", {"flags": "a+b"}), ("fps", {"fps": 30})]
    argv = build_command(
        PROGRAM, [Input("pipe:0", "v"), Input("/b.m4a", "a")], OUTPUT, output_options={}, filters=filters
    )
    graph = follows(argv, "-filter_complex")
    assert graph.startswith("[0:v]scale=flags=a+b")
    assert "fps=fps=30" in graph
    assert "1:a" not in graph


def test_alpha_goes_around_the_filters() -> None:
    """With alpha kept aside, the filters run on one copy of the stream and the other's alpha is merged in."""
    filters: list[tuple[str, dict[str, str | int]]] = [("scale", {"w": 2})]
    argv = build_command(
        PROGRAM, [Input("pipe:0", "v")], OUTPUT, output_options={}, filters=filters, keeps_alpha_aside=True
    )
    graph = follows(argv, "-filter_complex")
    assert [name in graph for name in ("rgba", "split=", "scale=w=2", "alphaextract", "alphamerge")] == [True] * 5


def test_paths_with_any_character_are_one_argument() -> None:
    """A path is never split or read as an option's value."""
    output = Path("/work/it's a b:c,d;e[f].mp4")
    argv = build_command(PROGRAM, [Input(Path("/in put'.mp4"), "v")], output, output_options={})
    assert "/in put'.mp4" in argv
    assert str(output) in argv


def test_a_source_may_have_any_name(toolchain: Toolchain, tmp_path: Path) -> None:
    """What filters and graphs read as signs of their own is passed on as it is."""
    path = tmp_path / "it's a:b=c,d;[e]\\f.png"
    path.write_bytes(png((1, 2, 3)))
    graph = source_graph(("movie", {"filename": str(path), "dec_threads": 1}), [("scale", {"flags": "area+bicubic"})])
    argv = [
        str(toolchain.ffmpeg),
        "-v",
        "error",
        "-f",
        "lavfi",
        "-i",
        graph,
        "-pix_fmt",
        "rgb24",
        "-f",
        "rawvideo",
        "-",
    ]
    shown = subprocess.run(argv, capture_output=True, check=True).stdout
    assert shown == bytes((1, 2, 3)) * (SIZE[0] * SIZE[1])


def test_equal_inputs_give_equal_commands() -> None:
    """A command depends on its arguments alone."""
    commands = [
        build_command(PROGRAM, [Input("a", "v", {"f": "x"})], OUTPUT, output_options={"b": "1", "a": "2"})
        for _ in range(2)
    ]
    assert commands[0] == commands[1]
