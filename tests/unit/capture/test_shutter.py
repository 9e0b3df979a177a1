from typing import Any

import pytest

from hf_lambda.capture.shutter import BeginFrameShutter, FrameClock, PictureFormat, ScreenshotShutter

JPEG = PictureFormat("jpeg", 90)


class Chromium:
    """Answers frames with the pictures that it was given; remembers what it was asked."""

    def __init__(self, *pictures: bytes | None) -> None:
        self.pictures = list(pictures)
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.has_damage = True

    def __call__(self, method: str, **params: Any) -> dict[str, Any]:
        """One frame or screenshot."""
        if method == "Page.getLayoutMetrics":
            return {"cssVisualViewport": {"pageX": 7, "pageY": 300.5}}
        self.calls.append((method, params))
        if "screenshot" in params:
            picture = self.pictures.pop(0)
            return {"hasDamage": True} if picture is None else {"hasDamage": True, "screenshotData": picture}
        return {"data": self.pictures.pop(0)} if method.startswith("Page.") else {"hasDamage": self.has_damage}

    def ticks(self) -> list[float]:
        """The times of the frames it began."""
        return [params["frameTimeTicks"] for _, params in self.calls]


def test_ticks_always_rise() -> None:
    """Chromium never answers a tick that is not after the last, whatever order frames come in."""
    chromium = Chromium(*(b"%d" % number for number in range(6)))
    shutter = BeginFrameShutter(chromium, JPEG, 40.0)
    for _ in range(3):
        shutter.tick_while_loading()
    for frame in (0, 1, 5, 5, 2, 3):
        for _ in range(3):
            shutter.draw_unseen(frame)
        shutter.take(frame)
    ticks = chromium.ticks()
    assert len(ticks) == 3 + 6 * 4
    assert ticks == sorted(set(ticks))


def test_the_clock_has_a_time_for_every_kind_of_frame() -> None:
    """Loading comes long before frame 0; frames are an interval apart, those before and after them in between."""
    chromium = Chromium()
    clock = FrameClock(chromium, 40.0)
    for begin in (clock.before, clock.before, clock.at, clock.after):
        begin(0)
    clock.at(1)
    first, second, own, after, following = chromium.ticks()
    assert own - 40.0 < first < second < own < after < following
    assert (after - own, following - own) == (20.0, 40.0)
    loading = Chromium()
    FrameClock(loading, 40.0).while_loading()
    assert loading.ticks()[0] < own / 100


def test_only_frames_that_count_are_shown() -> None:
    """While a page loads nothing is drawn unless it is asked for; parameters reach Chromium as they are."""
    chromium = Chromium(b"a")
    clock = FrameClock(chromium, 40.0)
    clock.while_loading()
    clock.while_loading(is_shown=True)
    clock.before(0)
    clock.at(0, screenshot={"format": "png"})
    clock.after(0)
    assert [params.get("noDisplayUpdates") for _, params in chromium.calls] == [True, None, None, None, None]
    assert [params.get("screenshot") for _, params in chromium.calls] == [None, None, None, {"format": "png"}, None]
    assert all(params["interval"] > 0 for _, params in chromium.calls)


def test_the_clock_rises_through_more_frames_than_fit() -> None:
    """Even where half of what time is left is too little to be told apart, and where frames go back."""
    chromium = Chromium()
    clock = FrameClock(chromium, 40.0)
    for frame in (9, 3):
        for _ in range(60):
            clock.before(frame)
        clock.at(frame)
        clock.after(frame)
    clock.while_loading()
    ticks = chromium.ticks()
    assert len(ticks) == 125
    assert ticks == sorted(set(ticks))


def test_unseen_frames_come_between_those_that_are_seen() -> None:
    """However many there are, they lie after the picture before and before their own."""
    chromium = Chromium(b"a", b"b")
    shutter = BeginFrameShutter(chromium, JPEG, 40.0)
    shutter.take(7)
    for _ in range(4):
        shutter.draw_unseen(8)
    shutter.take(8)
    first, *unseen, last = chromium.ticks()
    assert last - first == 40.0
    assert all(first < tick < last for tick in unseen)


def test_a_page_that_stands_still_is_asked_first() -> None:
    """After two equal pictures the next is taken only where something changed."""
    chromium = Chromium(b"a", b"a", b"b")
    shutter = BeginFrameShutter(chromium, JPEG, 40.0)
    assert [shutter.take(0), shutter.take(1)] == [b"a", b"a"]
    chromium.has_damage = False
    assert shutter.take(2) == b"a"
    chromium.has_damage = True
    assert shutter.take(3) == b"b"
    assert chromium.pictures == []


@pytest.mark.parametrize(("has_damage", "frames"), [(False, 1), (True, 2)])
def test_what_a_screenshot_damaged_passes(has_damage: bool, frames: int) -> None:
    """Of two equal pictures the second is followed by frames for nobody, until one has no damage, or by two."""
    chromium = Chromium(b"a", b"a", b"b")
    chromium.has_damage = has_damage
    shutter = BeginFrameShutter(chromium, JPEG, 40.0)
    for frame in range(2):
        shutter.take(frame)
    assert [("screenshot" in params) for _, params in chromium.calls] == [True, True, *[False] * frames]
    assert chromium.ticks() == sorted(set(chromium.ticks()))


def test_what_an_unseen_frame_drew_is_taken() -> None:
    """Damage that was drawn for nobody to see is in the picture although the frame itself has none."""
    chromium = Chromium(b"a", b"a", b"b")
    shutter = BeginFrameShutter(chromium, JPEG, 40.0)
    for frame in range(2):
        shutter.take(frame)
    shutter.draw_unseen(2)
    chromium.has_damage = False
    assert shutter.take(2) == b"b"


def test_a_frame_without_picture_is_told() -> None:
    """No picture is no picture, not the one before."""
    shutter = BeginFrameShutter(Chromium(b"a", None), JPEG, 40.0)
    assert [shutter.take(0), shutter.take(1)] == [b"a", None]


def test_a_lost_picture_is_taken_when_it_is_asked_for_again() -> None:
    """Although what changed was drawn, and is no damage any more."""
    chromium = Chromium(b"a", b"a", None, b"b")
    shutter = BeginFrameShutter(chromium, JPEG, 40.0)
    assert [shutter.take(0), shutter.take(1), shutter.take(2)] == [b"a", b"a", None]
    chromium.has_damage = False
    assert shutter.take(2) == b"b"


@pytest.mark.parametrize(
    ("picture", "encoding"),
    [
        (JPEG, {"format": "jpeg", "quality": 90, "optimizeForSpeed": True}),
        (PictureFormat("png"), {"format": "png", "optimizeForSpeed": True}),
    ],
)
def test_both_ways_ask_for_the_same_encoding(picture: PictureFormat, encoding: dict[str, Any]) -> None:
    """Format and quality do not depend on the way a picture is taken."""
    frames, screenshots = Chromium(b"a"), Chromium(b"a")
    BeginFrameShutter(frames, picture, 40.0).take(0)
    ScreenshotShutter(screenshots, picture, 320, 180).take(0)
    assert frames.calls[0][1]["screenshot"] == encoding
    assert encoding.items() <= screenshots.calls[0][1].items()


def test_a_screenshot_shows_the_whole_composition_and_no_more() -> None:
    """It is cut to the window, wherever that is scrolled to; an unseen frame needs one pixel; loading needs nothing."""
    chromium = Chromium(b"x", b"a")
    shutter = ScreenshotShutter(chromium, JPEG, 320, 180)
    shutter.tick_while_loading()
    shutter.draw_unseen(0)
    assert shutter.take(0) == b"a"
    sizes = [{"width": 1, "height": 1}, {"width": 320, "height": 180}]
    window = {"x": 7, "y": 300.5, "scale": 1}
    assert [params["clip"] for _, params in chromium.calls] == [{**window, **size} for size in sizes]


def test_only_beginframe_controls_its_target() -> None:
    """A target under begin-frame control draws nothing by itself."""
    assert BeginFrameShutter(Chromium(), JPEG, 40.0).target_params() == {"enableBeginFrameControl": True}
    assert ScreenshotShutter(Chromium(), JPEG, 320, 180).target_params() == {}


def test_pictures_that_chromium_encodes_need_no_proof() -> None:
    """Nothing is prepared and nothing is asked."""
    chromium = Chromium()
    for shutter in (BeginFrameShutter(chromium, JPEG, 40.0, 2), ScreenshotShutter(chromium, JPEG, 320, 180)):
        shutter.prepare()
        shutter.prove()
    assert chromium.calls == []
