import re
from collections.abc import Iterator
from typing import Any

import pytest

from hf_lambda.capture.framebuffer import FramebufferShutter
from hf_lambda.capture.pixel_memory import PixelMemory
from hf_lambda.errors import BROWSER_CRASHED, FRAMEBUFFER_UNREADABLE

WIDTH, HEIGHT = 4, 2
HOME = 4096
"""Where the picture lies."""


def filled(red: int, green: int, blue: int, size: int = WIDTH * HEIGHT) -> bytes:
    """The pixels of a picture of one colour, as they lie in memory."""
    return bytes((blue, green, red, 255)) * size


def named_colour(expression: str, size: int = WIDTH * HEIGHT) -> bytes:
    """The pixels of a picture of the colour that a script names."""
    red, green, blue = (int(number) for number in re.findall(r"\d+", expression))
    return filled(red, green, blue, size)


class Chromium(PixelMemory):
    """A browser and its memory: what is drawn is at `homes`, at others lies what never changes.

    A frame draws the colour that the blank page was last given, or the next of `scenes`; None is a frame in which
    nothing changed.
    """

    def __init__(self, *scenes: bytes | None, homes: tuple[int, ...] = (HOME,), pixels: int = WIDTH * HEIGHT) -> None:
        self.scenes = list(scenes)
        self.homes = homes
        self.ticks: list[float] = []
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.reads = 0
        self.frames_late = 0
        self.is_gone = False
        self.is_forbidden = False
        self.is_stalled = False
        self._pixels = pixels
        self._content: dict[int, bytes] = {}
        self._drawing: bytes | None = None
        self._late = 0

    def __call__(self, method: str, **params: Any) -> dict[str, Any]:
        """One command."""
        self.calls.append((method, params))
        if method == "Runtime.evaluate":
            self._drawing, self._late = named_colour(params["expression"], self._pixels), self.frames_late
        if method != "HeadlessExperimental.beginFrame":
            return {}
        self.ticks.append(params["frameTimeTicks"])
        if params.get("noDisplayUpdates"):
            return {"hasDamage": False}
        is_whole = "screenshot" in params
        answer: dict[str, Any] = {"hasDamage": self._draw() or is_whole}
        return {**answer, "screenshotData": b"picture"} if is_whole and not self.is_stalled else answer

    def _draw(self) -> bool:
        if self._drawing is None and self.scenes:
            self._drawing = self.scenes.pop(0)
        if self._late:
            self._late -= 1
            return False
        if self._drawing is None:
            return False
        self.lay(self._drawing, *self.homes)
        self._drawing = None
        return True

    def lay(self, pixels: bytes, *addresses: int) -> None:
        """Put a picture into memory."""
        self._content.update(dict.fromkeys(addresses, pixels))

    def read_into(self, buffer: bytearray | memoryview, address: int) -> None:
        """See `PixelMemory`."""
        self.reads += 1
        if self.is_gone or address not in self._content:
            raise ProcessLookupError(3, "No such process")
        buffer[:] = self._content[address]

    def find_filled(self, pixel: bytes, count: int) -> list[int]:
        """See `PixelMemory`."""
        if self.is_forbidden:
            raise PermissionError(13, "Permission denied")
        return [address for address in self._content if self.is_filled(address, pixel, count)]

    def named(self, name: str) -> Iterator[dict[str, Any]]:
        """What was sent with all commands of one name."""
        return (params for method, params in self.calls if method == name)


RED, GREEN, BLUE = filled(255, 0, 0), filled(0, 255, 0), filled(0, 0, 255)
STILL = None


def shutter(chromium: Chromium, scale: int = 1) -> FramebufferShutter:
    """A shutter for a small page of that browser."""
    return FramebufferShutter(chromium, chromium, (WIDTH, HEIGHT), 40.0, scale)


def prepared(chromium: Chromium) -> FramebufferShutter:
    """The same, which knows where the picture lies."""
    scenes, chromium.scenes = chromium.scenes, []
    made = shutter(chromium)
    made.prepare()
    chromium.scenes, chromium.reads = scenes, 0
    return made


def shown(made: FramebufferShutter, frame: int) -> bytes:
    """The picture of a frame."""
    picture = made.take(frame)
    assert picture is not None
    return bytes(picture)


def test_it_controls_a_target_as_large_as_its_pictures() -> None:
    """The window is enlarged, as what lies in memory is what the window shows."""
    made = shutter(Chromium(), scale=3)
    assert made.target_params() == {"enableBeginFrameControl": True}
    assert made.window_scale == 3


def test_the_place_that_follows_every_colour_is_it() -> None:
    """What only looks like the first colour, or the last, is told apart."""
    chromium = Chromium(RED)
    made = shutter(chromium)
    scenes, chromium.scenes = chromium.scenes, []
    made.prepare()
    painted = [params["expression"] for params in chromium.named("Runtime.evaluate")]
    assert len(set(painted)) == len(painted) == 2
    for number, expression in enumerate(painted):
        chromium.lay(named_colour(expression), 8192 + number)
    chromium.lay(bytes(32), 12288)
    made.prepare()
    chromium.scenes = scenes
    assert shown(made, 0) == RED


def test_a_scaled_picture_has_all_of_its_pixels() -> None:
    """A page at twice its size is four times as much memory."""
    pixels = WIDTH * HEIGHT * 4
    chromium = Chromium(pixels=pixels)
    made = shutter(chromium, scale=2)
    made.prepare()
    chromium.scenes = [filled(255, 0, 0, pixels)]
    assert shown(made, 0) == filled(255, 0, 0, pixels)


@pytest.mark.parametrize(("homes", "number"), [((), "0"), ((HOME, 8192), "2"), ((HOME, 8192, 16384), "3")])
def test_no_place_or_several_are_not_one(homes: tuple[int, ...], number: str) -> None:
    """Which of them would be read is left to no chance."""
    with pytest.raises(FRAMEBUFFER_UNREADABLE, match=f"{number} places"):
        shutter(Chromium(homes=homes)).prepare()


def test_memory_that_is_forbidden_is_unreadable() -> None:
    """As in a sandbox: the plan then takes another way."""
    chromium = Chromium()
    chromium.is_forbidden = True
    with pytest.raises(FRAMEBUFFER_UNREADABLE, match="Permission denied"):
        shutter(chromium).prepare()


def test_a_blank_page_may_take_a_few_frames_to_be_drawn() -> None:
    """The first frames of a target often show nothing."""
    chromium = Chromium()
    chromium.frames_late = 5
    shutter(chromium).prepare()
    assert len(chromium.ticks) == 12


def test_a_blank_page_that_is_never_drawn_is_unreadable() -> None:
    """It is waited for, but not for ever."""
    chromium = Chromium()
    chromium.frames_late = 10**9
    with pytest.raises(FRAMEBUFFER_UNREADABLE, match="did not draw a blank page"):
        shutter(chromium).prepare()
    assert len(chromium.ticks) >= 20


def test_each_change_is_read_once() -> None:
    """A frame in which nothing moved gives the same object, and costs no reading."""
    chromium = Chromium(RED, STILL, STILL, GREEN, BLUE, STILL)
    made = prepared(chromium)
    pictures = []
    for frame in range(6):
        picture = made.take(frame)
        pictures.append((id(picture), bytes(picture or b"")))
        assert chromium.reads == [1, 1, 1, 2, 3, 3][frame]
    assert [picture for _, picture in pictures] == [RED, RED, RED, GREEN, BLUE, BLUE]
    assert pictures[0] == pictures[1] == pictures[2]
    assert pictures[4] == pictures[5]


def test_a_change_gives_another_object() -> None:
    """Whoever holds the last picture sees that there is a new one, and may still be sending the last."""
    chromium = Chromium(RED, GREEN, RED, BLUE)
    made = prepared(chromium)
    last = made.take(0)
    for frame, before in enumerate((RED, GREEN, RED), 1):
        picture = made.take(frame)
        assert picture is not last
        assert bytes(last or b"") == before
        last = picture
    assert bytes(last or b"") == BLUE


def test_a_lost_picture_is_read_when_it_is_asked_for_again() -> None:
    """Although what changed was drawn, and is no damage any more."""
    chromium = Chromium(RED, STILL)
    made = prepared(chromium)
    chromium.is_stalled = True
    assert made.take(5) is None
    chromium.is_stalled = False
    assert shown(made, 5) == RED


def test_what_was_drawn_anew_but_looks_the_same_is_the_same_object() -> None:
    """What is encoded depends on pixels alone; and nothing is read into the picture that is on its way."""
    chromium = Chromium(RED, RED, RED, GREEN, GREEN, RED)
    made = prepared(chromium)
    taken = [(picture, bytes(picture or b"")) for picture in map(made.take, range(6))]
    assert chromium.reads == 6
    assert [contents for _, contents in taken] == [RED, RED, RED, GREEN, GREEN, RED]
    assert taken[0][0] is taken[1][0] is taken[2][0]
    assert taken[3][0] is taken[4][0]
    assert taken[2][0] is not taken[3][0]
    assert taken[4][0] is not taken[5][0]


def test_the_first_frame_is_proved_by_a_screenshot() -> None:
    """It has the whole page drawn, changed or not; the frames after it need none, near or far."""
    chromium = Chromium(RED, STILL, GREEN, STILL, BLUE)
    made = prepared(chromium)
    pictures = [bytes(made.take(frame) or b"") for frame in (7, 8, 9, 20, 21)]
    assert pictures == [RED, RED, GREEN, GREEN, BLUE]
    frames = list(chromium.named("HeadlessExperimental.beginFrame"))[-5:]
    assert ["screenshot" in params for params in frames] == [True, False, False, False, False]


def test_a_page_that_gives_no_screenshot_gives_no_picture() -> None:
    """As with a live stream, or where there is no room to draw: what lies in memory is not the page."""
    chromium = Chromium(RED)
    made = prepared(chromium)
    chromium.is_stalled = True
    assert made.take(0) is None


def test_what_an_unseen_frame_drew_is_read() -> None:
    """Damage that was drawn for nobody to see is in the picture although the frame itself has none."""
    chromium = Chromium(RED, GREEN, STILL, STILL)
    made = prepared(chromium)
    assert shown(made, 0) == RED
    made.draw_unseen(1)
    assert shown(made, 1) == GREEN
    assert shown(made, 2) == GREEN
    assert chromium.reads == 2


def test_a_browser_that_vanished_has_crashed() -> None:
    """Its memory went with it."""
    chromium = Chromium(RED, GREEN)
    made = prepared(chromium)
    made.take(0)
    chromium.is_gone = True
    with pytest.raises(BROWSER_CRASHED, match="No such process"):
        made.take(1)


def test_the_place_is_proved_by_a_blank_page() -> None:
    """Where it still follows all is well."""
    chromium = Chromium(RED)
    made = prepared(chromium)
    made.take(0)
    made.prove()
    assert [params["url"] for params in chromium.named("Page.navigate")] == ["about:blank"]


@pytest.mark.parametrize("homes", [(), (8192,)])
def test_a_picture_that_moved_is_told(homes: tuple[int, ...]) -> None:
    """What was read may have been stale from some frame on."""
    chromium = Chromium(RED)
    made = prepared(chromium)
    made.take(0)
    chromium.homes = homes
    with pytest.raises(FRAMEBUFFER_UNREADABLE, match="moved"):
        made.prove()


def test_memory_that_vanished_is_not_proved() -> None:
    """It is no proof that nothing can be read."""
    chromium = Chromium(RED)
    made = prepared(chromium)
    made.take(0)
    chromium.is_gone = True
    with pytest.raises(FRAMEBUFFER_UNREADABLE):
        made.prove()


def test_ticks_always_rise() -> None:
    """Chromium never answers a tick that is not after the last, whatever order frames come in."""
    chromium = Chromium()
    made = shutter(chromium)
    made.prepare()
    for _ in range(3):
        made.tick_while_loading()
    for frame in (0, 1, 5, 5, 2, 3):
        for _ in range(3):
            made.draw_unseen(frame)
        made.take(frame)
    made.prove()
    assert len(chromium.ticks) == 2 + 3 + 6 * 4 + 1
    assert chromium.ticks == sorted(set(chromium.ticks))
