import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hf_lambda.media.probing import in_whole_frames
from hf_lambda.media.source_frames import FrameSource
from hf_lambda.plan.split import FrameRange
from hf_lambda.plan.video import VideoClip, needed_runs, needed_seconds, shown_frames

RATES = [Fraction(24), Fraction(25), Fraction(30), Fraction(60), Fraction(24000, 1001), Fraction(30000, 1001)]


def make_source(length: float) -> FrameSource:
    """A source that lasts so many seconds."""
    return FrameSource(
        zero=Fraction(7, 5),
        time_base=Fraction(1, 90000),
        begin=0.0,
        length=length,
        width=64,
        height=48,
        decoder=None,
        has_alpha=False,
        colours="yuv",
        matrix="bt709",
        primaries="bt709",
        transfer="bt709",
        colour_range="tv",
        chroma="yuv420p",
        lead=1.0,
    )


def make_clip(
    *,
    length: float = 10,
    start: int = 0,
    stop: int = 100,
    trim: float = 0,
    rate: float = 1,
    loop: bool = False,
    origin: float = 0,
) -> VideoClip:
    """A clip; `start` and `stop` count frames."""
    return VideoClip("v", make_source(length), ("a.mp4",), FrameRange(start, stop), origin, trim, rate, loop)


@given(
    fps=st.sampled_from(RATES),
    start=st.integers(0, 500),
    frame=st.integers(0, 2000),
    trim=st.integers(0, 40),
    rate=st.sampled_from([Fraction(1, 10), Fraction(1, 2), Fraction(1), Fraction(3, 2), Fraction(2), Fraction(5)]),
    tenths=st.integers(41, 300),
    loop=st.booleans(),
)
def test_frame_is_where_exact_arithmetic_puts_it(
    fps: Fraction, start: int, frame: int, trim: int, rate: Fraction, tenths: int, loop: bool
) -> None:
    """For every start, trim, rate and loop the number is the floor of the source's own time, in frames."""
    clip = make_clip(
        length=tenths / 10,
        start=start,
        stop=5000,
        trim=trim / 10,
        rate=float(rate),
        loop=loop,
        origin=float(start / fps),
    )
    found = clip.source_frame(frame, fps)
    if frame < start:
        assert found is None
        return
    playable = Fraction(tenths - trim, 10)
    seconds = (frame - start) / fps
    cycle = playable / rate
    if loop and seconds >= cycle:
        seconds %= cycle
    exact = seconds * rate * fps
    last = math.ceil(playable * fps)
    assert found == min(math.floor(exact), last)


def test_frames_outside_of_the_window_show_nothing() -> None:
    """Ranges are half-open."""
    clip = make_clip(start=3, stop=6, origin=0.1)
    assert [clip.source_frame(n, Fraction(30)) for n in range(2, 7)] == [None, 0, 1, 2, None]


def test_last_frame_is_held() -> None:
    """Behind the end of the source the number does not grow."""
    clip = make_clip(length=1)
    assert {clip.source_frame(n, Fraction(30)) for n in range(30, 90)} == {30}


@given(
    count=st.integers(1, 400),
    source_fps=st.sampled_from([Fraction(12), Fraction(15), Fraction(50), Fraction(60000, 1001), *RATES]),
    fps=st.sampled_from(RATES),
    digits=st.sampled_from([3, 6]),
    passes=st.integers(0, 50),
    data=st.data(),
)
def test_loop_has_no_seam(
    count: int, source_fps: Fraction, fps: Fraction, digits: int, passes: int, data: st.DataObject
) -> None:
    """In every pass a loop shows what exact arithmetic shows, though lengths are stated in 3 or 6 decimals."""
    exact = count / source_fps
    length = in_whole_frames(float(f"{float(exact):.{digits}f}"), source_fps)
    clip = make_clip(length=length, stop=10**9, loop=True)
    frame = math.ceil(passes * exact * fps) + data.draw(st.integers(0, math.ceil(exact * fps)))
    assert clip.source_frame(frame, fps) == math.floor(frame % (exact * fps))


@pytest.mark.parametrize("seconds", [1 / 30, 1 / 60, 0.001])
def test_loop_shorter_than_a_frame_stands_still(seconds: float) -> None:
    """A source of one frame, or of less, shows that one for good."""
    clip = make_clip(length=seconds, loop=True)
    assert {clip.source_frame(n, Fraction(30)) for n in range(100)} == {0}


@pytest.mark.parametrize(
    ("start", "stop", "expected"),
    [
        (0, 1, (0, 30)),
        (0.5, 1, (15, 30)),
        (0.51, 0.52, (16, 16)),
        (1 / 3, 2 / 3, (10, 20)),
        (0.0333333, 0.0666667, (1, 2)),
        (-1, 0.5, (0, 15)),
        (0, None, (0, 61)),
        (0, 2.01, (0, 61)),
        (1, 2.0099999, (30, 61)),
        (2.5, 3, (61, 61)),
    ],
)
def test_window_in_frames(start: float, stop: float | None, expected: tuple[int, int]) -> None:
    """Edges snap to frames, and a clip that lasts as long as the composition is seen on its very last frame."""
    shown = shown_frames(start, stop, duration=2.01, fps=Fraction(30), total_frames=61)
    assert (shown.start, shown.stop) == expected


def test_runs_cover_what_is_shown_and_little_else() -> None:
    """A loop's seam splits a run, a faster rate does not; what a chunk does not show is not in it."""
    fps = Fraction(30)
    loop = make_clip(length=2, loop=True)
    assert needed_runs(loop, FrameRange(50, 70), fps) == [FrameRange(0, 10), FrameRange(50, 60)]
    assert needed_runs(make_clip(rate=5), FrameRange(10, 13), fps) == [FrameRange(50, 61)]
    assert needed_runs(make_clip(length=99, rate=10), FrameRange(10, 90), fps) == [FrameRange(100, 891)]
    assert needed_runs(make_clip(start=5), FrameRange(0, 5), fps) == []
    assert needed_runs(make_clip(length=1), FrameRange(80, 90), fps) == [FrameRange(30, 31)]


def test_part_of_the_file_is_named_in_seconds() -> None:
    """From the trim point on, one frame more than is shown."""
    clip = make_clip(trim=4)
    assert needed_seconds(clip, [FrameRange(30, 59), FrameRange(0, 3)], Fraction(30)) == (4, 6)


def test_clip_survives_the_plan_document() -> None:
    """What is written is what is read."""
    clip = make_clip(trim=1.5, loop=True)
    assert VideoClip.from_json(clip.to_json()) == clip
