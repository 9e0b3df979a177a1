"""Extraction gives, from anywhere in a file, the very frames that the whole file has there."""

import json
import math
import subprocess
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from hf_lambda.deadline import Deadline
from hf_lambda.media.extraction import Extraction
from hf_lambda.media.probing import probe_media
from hf_lambda.media.source_frames import FrameRun, FrameSource, describe_source
from hf_lambda.toolchain import Toolchain
from tests.functional.source_videos import add_silence, read_number, write_video

UNLIMITED = Deadline(math.inf)
VARIABLE = "settb=1/90000,setpts='(N*3003+if(eq(mod(N\\,7)\\,3)\\,1400\\,0)+gt(N\\,60)*45000)'"
CASES = {
    "23.976": ("a.mp4", "24000/1001", "h264-b", "null", ()),
    "24": ("a.mp4", "24", "h264-b", "null", ()),
    "25": ("a.mp4", "25", "h264-b", "null", ()),
    "29.97": ("a.mov", "30000/1001", "h264-b", "null", ()),
    "50": ("a.mp4", "50", "h264", "null", ()),
    "60": ("a.mp4", "60", "hevc", "null", ()),
    "open gop": ("a.mp4", "25", "open-gop", "null", ()),
    "open gop in ts": ("a.ts", "25", "open-gop", "null", ()),
    "variable": ("a.mp4", "30", "h264-b", VARIABLE, ("-video_track_timescale", "90000")),
    "late start": ("a.mp4", "30", "h264-b", "setpts=PTS+0.4/TB", ()),
    "mpegts": ("a.ts", "30", "h264-b", "null", ("-muxdelay", "1.4")),
    "mpeg2": ("a.ts", "25", "mpeg2", "null", ()),
    "matroska": ("a.mkv", "60", "h264-b", "null", ()),
    "vp8": ("a.webm", "30", "vp8", "null", ()),
    "vp9": ("a.webm", "30", "vp9", "null", ()),
    "prores": ("a.mov", "25", "prores", "null", ()),
}


def frame_times(toolchain: Toolchain, path: Path) -> list[Fraction]:
    """When each frame of a file is shown, on the file's own clock."""
    argv = [
        *("env", "GCONV_PATH=/nonexistent"),  # or it crashes on transport streams
        *(str(toolchain.ffprobe), "-v", "error", "-of", "json", "-select_streams", "v:0"),
        *("-show_entries", "packet=pts:stream=time_base", str(path)),
    ]
    found = json.loads(subprocess.run(argv, capture_output=True, check=True).stdout)
    time_base = Fraction(found["streams"][0]["time_base"])
    return sorted(packet["pts"] * time_base for packet in found["packets"])


def describe(toolchain: Toolchain, path: Path) -> FrameSource:
    """The source that a file is."""
    source = describe_source(probe_media(toolchain.ffprobe, path, deadline=Deadline(10)))
    assert source is not None
    return source


def extract(toolchain: Toolchain, path: Path, run: FrameRun, folder: Path) -> list[Path]:
    """The files of the frames of a run."""
    extraction = Extraction(toolchain.ffmpeg, lambda: path, run, folder, deadline=UNLIMITED)
    extraction.work()
    assert extraction.damage is None
    return [extraction.frame(number, UNLIMITED) for number in range(run.start, run.stop)]


def numbers(files: list[Path]) -> list[int]:
    """The numbers that frames carry."""
    return [read_number(np.asarray(Image.open(file).convert("RGB"))) for file in files]


@pytest.mark.parametrize("name", CASES)
def test_frames_are_those_of_the_whole_file(name: str, tmp_path: Path, toolchain: Toolchain) -> None:
    """Frame k is the one that is on k / fps after the trim point, wherever the extraction begins."""
    file, rate, encoder, filters, options = CASES[name]
    path = write_video(toolchain, tmp_path / file, 100, rate=rate, encoder=encoder, filters=filters, options=options)
    source = describe(toolchain, path)
    times = frame_times(toolchain, path)
    for fps, media_start, start in ((Fraction(30), 0.0, 0), (Fraction(30000, 1001), 0.37, 41), (Fraction(24), 1.0, 55)):
        run = FrameRun(source, media_start, fps, start, start + 9)
        trim = source.zero + Fraction(round(media_start * 1000), 1000)
        # The last frame is the one that the last slot shows; it is held.
        rounding = source.time_base / 2
        slots = math.ceil((Fraction(source.length) - (trim - source.zero) - rounding) * fps)
        moments = [trim + min(k, slots - 1) / fps + rounding for k in range(run.start, run.stop)]
        expected = [max(0, sum(time <= moment for time in times) - 1) for moment in moments]
        assert numbers(extract(toolchain, path, run, tmp_path / f"{start}")) == expected, (fps, media_start, start)


def test_clock_that_ticks_in_frames_rounds_nothing(tmp_path: Path, toolchain: Toolchain) -> None:
    """An AVI's times are numbers of frames: each is on until its end, not until its middle."""
    path = write_video(toolchain, tmp_path / "a.avi", 20, encoder="mjpeg")
    run = FrameRun(describe(toolchain, path), 0.0, Fraction(60), 0, 20)
    assert numbers(extract(toolchain, path, run, tmp_path / "frames")) == [number // 2 for number in range(20)]


def test_pause_that_ends_in_a_key_frame_is_shown(tmp_path: Path, toolchain: Toolchain) -> None:
    """x264 stores that frame with a time from before the pause: who seeks into the pause ends behind it."""
    pause = "settb=1/90000,setpts='N*3000+gt(N\\,60)*900000'"
    options = ("-video_track_timescale", "90000", "-force_key_frames", "expr:eq(n,61)")
    path = write_video(toolchain, tmp_path / "a.mp4", 100, encoder="h264-b", filters=pause, options=options)
    source = describe(toolchain, path)
    for start, expected in ((240, [60] * 9), (356, [*[60] * 5, 61, 62, 63, 64])):
        run = FrameRun(source, 0.0, Fraction(30), start, start + 9)
        assert numbers(extract(toolchain, path, run, tmp_path / str(start))) == expected


@pytest.mark.parametrize("file", ["a.mp4", "a.mkv", "a.ts"])
def test_pictures_that_begin_late_are_where_they_belong(file: str, tmp_path: Path, toolchain: Toolchain) -> None:
    """Until then the first of them is on, also in a run that begins seconds before it."""
    pictures = write_video(toolchain, tmp_path / "pictures.mp4", 40, options=("-g", "10"))
    path = add_silence(toolchain, pictures, tmp_path / file, 5, delay=3)
    source = describe(toolchain, path)
    assert source.begin == pytest.approx(3, abs=0.03)
    assert source.length == pytest.approx(3 + 40 / 30, abs=0.03)
    times = frame_times(toolchain, path)
    for start in (0, 25, 35, 62):
        run = FrameRun(source, 2.0, Fraction(30), start, start + 8)
        moments = [source.zero + 2 + Fraction(k, 30) + source.time_base / 2 for k in range(start, start + 8)]
        expected = [max(0, sum(time <= moment for time in times) - 1) for moment in moments]
        assert numbers(extract(toolchain, path, run, tmp_path / str(start))) == expected


def test_sound_before_zero_does_not_delay_pictures(tmp_path: Path, toolchain: Toolchain) -> None:
    """A WebM's Opus begins 7 ms early, to get its decoder ready; its pictures begin with what is heard."""
    pictures = write_video(toolchain, tmp_path / "pictures.webm", 10, encoder="vp8")
    path = add_silence(toolchain, pictures, tmp_path / "a.webm", 0.3, codec="libopus")
    run = FrameRun(describe(toolchain, path), 0.0, Fraction(30), 0, 10)
    assert numbers(extract(toolchain, path, run, tmp_path / "frames")) == list(range(10))


@pytest.mark.parametrize("is_whole", [True, False], ids=["overwritten", "cut"])
@pytest.mark.parametrize(
    ("file", "encoder"),
    [("a.mp4", "h264-b"), ("a.mp4", "hevc"), ("a.mkv", "h264-b"), ("a.webm", "vp9"), ("a.ts", "mpeg2")],
)
def test_damage_is_told(file: str, encoder: str, is_whole: bool, tmp_path: Path, toolchain: Toolchain) -> None:
    """A file of which a part is wrong or missing gives all frames, and says that some are not its own."""
    noise, options = "noise=alls=50:allf=t", ("-movflags", "+faststart")
    path = write_video(toolchain, tmp_path / file, 100, encoder=encoder, filters=noise, options=options)
    source, contents = describe(toolchain, path), path.read_bytes()
    half = len(contents) // 2
    path.write_bytes(contents[:half] + (bytes(range(1, 200)) * 20 + contents[half + 3980 :] if is_whole else b""))
    run = FrameRun(source, 0.0, Fraction(30), 0, 100)
    extraction = Extraction(toolchain.ffmpeg, lambda: path, run, tmp_path / "f", deadline=UNLIMITED)
    extraction.work()
    assert extraction.frame(99, UNLIMITED).is_file()
    assert extraction.damage is not None


def write_colours(toolchain: Toolchain, path: Path, filters: str, *options: str, size: str = "96x64") -> Path:
    """A short clip of three bars: orange, azure and grey, with alpha falling from left to right where there is any."""
    bars = (
        f"color=c=0xC87828:s={size}:r=25:d=0.4,format=gbrap,"
        "geq=r='if(lt(X,32),200,if(lt(X,64),40,128))':g='if(lt(X,32),120,if(lt(X,64),140,128))'"
        ":b='if(lt(X,32),40,if(lt(X,64),220,128))':a='if(lt(X,48),255,128)'"
    )
    argv = [str(toolchain.ffmpeg), "-v", "error", "-f", "lavfi", "-i", bars, "-vf", filters, *options, str(path)]
    subprocess.run(argv, check=True)
    return path


TAGS = ("-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709")
X264 = ("-c:v", "libx264", "-qp", "4")
COLOURS = {
    "bt709": ("a.mp4", "scale=out_color_matrix=bt709,format=yuv420p", (*X264, *TAGS, "-color_range", "tv")),
    "full range": (
        "a.mp4",
        "scale=out_color_matrix=bt709:out_range=pc,format=yuv420p",
        (*X264, *TAGS, "-color_range", "pc"),
    ),
    "full range bt601": (
        "a.mp4",
        "scale=out_color_matrix=bt601:out_range=pc,format=yuvj420p",
        (*X264, "-colorspace", "bt470bg"),
    ),
    "jpeg": ("a.avi", "null", ("-c:v", "mjpeg", "-q:v", "1", "-pix_fmt", "yuvj422p")),
    "bt601": ("a.mp4", "scale=out_color_matrix=bt601,format=yuv420p", (*X264, "-colorspace", "smpte170m")),
    "bt2020": (
        "a.mp4",
        "scale=out_color_matrix=bt709,format=yuv444p,colorspace=iall=bt709:all=bt2020:format=yuv420p10",
        (
            *("-c:v", "libx265", "-x265-params", "log-level=error", "-crf", "4", "-color_range", "tv"),
            *("-colorspace", "bt2020nc", "-color_primaries", "bt2020", "-color_trc", "bt2020-10"),
        ),
    ),
    "a matrix of its own": (
        "a.mp4",
        "scale=out_color_matrix=bt601,format=yuv420p",
        (*X264, "-x264-params", "colormatrix=chroma-derived-nc"),
    ),
    "no tags": ("a.mp4", "scale=out_color_matrix=bt601,format=yuv420p", X264),
    "4:4:4": ("a.mp4", "scale=out_color_matrix=bt709,format=yuv444p", (*X264, *TAGS)),
    "rgb": ("a.mkv", "format=gbrp", ("-c:v", "libx264rgb", "-qp", "4")),
    "10 bit": ("a.mov", "scale=out_color_matrix=bt709,format=yuv422p10le", ("-c:v", "prores_ks", *TAGS)),
}


@pytest.mark.parametrize("name", COLOURS)
def test_colours_are_those_of_the_source(name: str, tmp_path: Path, toolchain: Toolchain) -> None:
    """Read as a JPEG is read, the frames have the colours that the source's tags say."""
    file, filters, options = COLOURS[name]
    path = write_colours(toolchain, tmp_path / file, filters, *options)
    run = FrameRun(describe(toolchain, path), 0, Fraction(30), 3, 4)
    picture = np.asarray(Image.open(extract(toolchain, path, run, tmp_path / "f")[0]).convert("RGB")).astype(int)
    for middle, colour in ((16, (200, 120, 40)), (48, (40, 140, 220)), (80, (128, 128, 128))):
        assert abs(picture[32, middle] - colour).max() <= 4, (middle, picture[32, middle])


@pytest.mark.parametrize(
    ("file", "options"),
    [
        ("a.webm", ("-c:v", "libvpx", "-b:v", "2M", "-auto-alt-ref", "0", "-pix_fmt", "yuva420p")),
        ("a.webm", ("-c:v", "libvpx-vp9", "-b:v", "2M", "-pix_fmt", "yuva420p")),
        ("a.mov", ("-c:v", "prores_ks", "-profile:v", "4444", "-pix_fmt", "yuva444p10le")),
    ],
)
def test_alpha_is_kept(file: str, options: tuple[str, ...], tmp_path: Path, toolchain: Toolchain) -> None:
    """Transparent sources give transparent frames, with straight colours."""
    path = write_colours(toolchain, tmp_path / file, "null", *options)
    run = FrameRun(describe(toolchain, path), 0, Fraction(30), 2, 3)
    picture = np.asarray(Image.open(extract(toolchain, path, run, tmp_path / "f")[0])).astype(int)
    assert abs(picture[32, 16] - (200, 120, 40, 255)).max() <= 6
    assert abs(picture[32, 80] - (128, 128, 128, 128)).max() <= 6


@pytest.mark.parametrize("transfer", ["smpte2084", "arib-std-b67"])
def test_hdr_becomes_sdr(transfer: str, tmp_path: Path, toolchain: Toolchain) -> None:
    """PQ and HLG are tone-mapped: what was white in SDR stays light, grey stays grey and no colour is washed out."""
    light = f"zscale=tin=bt709:pin=bt709:min=gbr:t={transfer}:p=bt2020:m=bt2020nc:npl=203,format=yuv420p10le"
    tags = ("-colorspace", "bt2020nc", "-color_primaries", "bt2020", "-color_trc", transfer, "-color_range", "tv")
    path = write_colours(
        toolchain,
        tmp_path / "a.mp4",
        f"format=gbrp,setparams=color_primaries=bt709:color_trc=bt709:colorspace=gbr:range=pc,format=gbrpf32le,{light}",
        *("-c:v", "libx265", "-x265-params", "log-level=error", "-crf", "8", *tags),
    )
    source = describe(toolchain, path)
    assert source.colours == "hdr"
    run = FrameRun(source, 0, Fraction(30), 2, 3)
    picture = np.asarray(Image.open(extract(toolchain, path, run, tmp_path / "f")[0]).convert("RGB")).astype(int)
    orange, azure, grey = (picture[32, middle] for middle in (16, 48, 80))
    assert orange[0] > orange[1] + 40 > orange[2] + 80
    assert azure[2] > azure[1] + 40 > azure[0] + 80
    assert np.ptp(grey) <= 6
    assert 70 <= grey.mean() <= 160


def test_upright_clip_is_upright(tmp_path: Path, toolchain: Toolchain) -> None:
    """A clip with a rotation in its metadata gives frames that are turned."""
    path = write_video(toolchain, tmp_path / "a.mp4", 10)
    upright = tmp_path / "b.mp4"
    turn = ["-display_rotation", "90", "-i", str(path), "-c", "copy", str(upright)]
    subprocess.run([str(toolchain.ffmpeg), "-v", "error", *turn], check=True)
    source = describe(toolchain, upright)
    (file,) = extract(toolchain, upright, FrameRun(source, 0, Fraction(30), 5, 6), tmp_path / "f")
    picture = np.asarray(Image.open(file).convert("RGB"))
    assert picture.shape == (source.height, source.width, 3) == (160, 32, 3)
    assert read_number(np.rot90(picture, -1)) == 5


def test_odd_sizes_are_kept(tmp_path: Path, toolchain: Toolchain) -> None:
    """A picture of odd size keeps every pixel."""
    path = write_colours(toolchain, tmp_path / "a.webm", "format=yuv420p", "-c:v", "libvpx-vp9", size="97x65")
    source = describe(toolchain, path)
    (file,) = extract(toolchain, path, FrameRun(source, 0, Fraction(30), 2, 3), tmp_path / "f")
    assert Image.open(file).size == (97, 65)
    assert not source.has_alpha
