"""When clips are visible: generated documents in the real page against an independent reading of data-start."""

import re
import uuid
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hf_lambda.capture.chromium import Browser
from hf_lambda.toolchain import Toolchain
from tests.functional.sites import OpenScreen, Screen

pytestmark = pytest.mark.browser

TILE = 8
FPS = 24
STEP = 3
"""Every time in these documents is a multiple of STEP frames, an eighth of a second."""
DURATION = 2.0


@dataclass
class Clip:
    """A tile that is white while it is visible; `inside` are clips of a composition of its own."""

    name: str
    start: str
    duration: float | None
    is_end: bool = False
    inside: list["Clip"] = field(default_factory=list)
    is_composition: bool = False

    def timing(self) -> str:
        """Its attributes; `is_end` says its duration by an end, which only absolute starts allow."""
        parts = [f'data-start="{self.start}"']
        if self.duration is not None and self.is_end:
            parts.append(f'data-end="{float(self.start) + self.duration}"')
        elif self.duration is not None:
            parts.append(f'data-duration="{self.duration}"')
        return " ".join(parts)


def times(least: int = 0) -> st.SearchStrategy[float]:
    """Seconds on the grid."""
    return st.integers(least, 12).map(lambda eighths: eighths / 8)


@st.composite
def starts(draw: st.DrawFn, earlier: list[str]) -> str:
    """A number, or a reference to a clip that comes earlier, so that there are no circles."""
    kinds = ["number", *(["plain", "plus", "minus", "tight"] if earlier else []), "unknown"]
    kind = draw(st.sampled_from(kinds))
    if kind == "number":
        return str(draw(times()))
    if kind == "unknown":
        return "no-such-clip"
    name, offset = draw(st.sampled_from(earlier)), draw(times())
    spelled = {"plain": name, "plus": f"{name} + {offset}", "minus": f"{name} - {offset}", "tight": f"{name}+{offset}"}
    return spelled[kind]


@st.composite
def documents(draw: st.DrawFn) -> list[Clip]:
    """A few clips, some of them compositions with clips inside."""
    clips: list[Clip] = []
    names: list[str] = []
    for index in range(draw(st.integers(2, 5))):
        start = draw(starts(names))
        duration = draw(st.none() | times(1))
        clip = Clip(f"clip-{index}", start, duration)
        if duration is not None and re.fullmatch(r"[\d.]+", start) and draw(st.booleans()):
            clip.is_end = True
        if draw(st.booleans()):
            clip.is_composition = True
            clip.duration = duration or 1.0
            for inner in range(draw(st.integers(1, 2))):
                name = f"inner-{index}-{inner}"
                clip.inside.append(Clip(name, str(draw(times())), draw(st.none() | times(1))))
        clips.append(clip)
        names.append(clip.name)
    return clips


class Reading:
    """What the rules say, from the documents themselves."""

    def __init__(self, clips: list[Clip]) -> None:
        self._by_name = {clip.name: clip for clip in clips}

    def start(self, clip: Clip, offset: float = 0.0) -> float:
        """Root seconds; `offset` is the start of the composition around it."""
        if re.fullmatch(r"[\d.]+", clip.start):
            return offset + float(clip.start)
        match = re.fullmatch(r"(clip-\d)(?:\s*([+-])\s*([\d.]+))?", clip.start)
        if match is None:
            return 0.0
        target = self._by_name[match[1]]
        signed = float(match[3] or 0) * (-1 if match[2] == "-" else 1)
        return max(0.0, self.start(target) + (target.duration or 0.0) + signed)

    def visible(self, clips: list[Clip], seconds: float, offset: float = 0.0, *, shown: bool = True) -> list[bool]:
        """For each clip, and after each the clips inside it, whether it is to be seen."""
        result = []
        for clip in clips:
            start = self.start(clip, offset)
            end = start + clip.duration if clip.duration is not None else float("inf")
            is_on = shown and start <= seconds < end
            result.append(is_on)
            result += self.visible(clip.inside, seconds, start, shown=is_on)
        return result


def write_document(folder: Path, clips: list[Clip]) -> int:
    """A row of tiles, one for each clip; gives how many."""
    count = 0

    def render(clip: Clip) -> str:
        nonlocal count
        left, count = count * TILE, count + 1
        composition = f'data-composition-id="{clip.name}" data-no-timeline' if clip.is_composition else ""
        tile = f'<i style="position:fixed;left:{left}px;top:0;width:{TILE}px;height:{TILE}px;background:#fff"></i>'
        inside = "".join(render(inner) for inner in clip.inside)
        return f'<div id="{clip.name}" style="position:absolute" {composition} {clip.timing()}>{tile}{inside}</div>'

    body = "".join(render(clip) for clip in clips)
    folder.mkdir(parents=True)
    (folder / "index.html").write_text(
        f'<!doctype html><html><body style="background:#000"><div data-composition-id="main" data-no-timeline '
        f'data-start="0" data-duration="{DURATION}" data-width="{TILE * 16}" data-height="16">{body}</div></body>'
    )
    return count


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(clips=documents())
def test_clips_are_visible_in_their_windows(
    session_browser: Browser, toolchain: Toolchain, tmp_path: Path, clips: list[Clip]
) -> None:
    """At every boundary of the grid, and in the frame before it, exactly the clips show whose window it is."""
    project = tmp_path / uuid.uuid4().hex
    count = write_document(project, clips)
    reading = Reading(clips)
    with closing(Screen(session_browser, toolchain, project, fps=FPS)) as screen:
        assert screen.report.script_errors == []
        for frame in range(int(DURATION * FPS)):
            if frame % STEP == 1:
                continue
            picture = screen.frame(frame)
            seen = [picture.getpixel((TILE // 2 + TILE * i, TILE // 2)) == (255, 255, 255) for i in range(count)]
            assert seen == reading.visible(clips, frame / FPS), f"frame {frame}"


def test_each_mount_of_a_scene_follows_its_own_clips(open_screen: OpenScreen, tmp_path: Path) -> None:
    """In the second mount, too, the second clip is seen when the first one has ended."""
    tile = f"position:fixed;top:0;width:{TILE}px;height:{TILE}px;background:#fff;left:"
    host = '<div data-composition-id="card" data-composition-src="card.html" data-start="{}" data-duration="1"></div>'
    project = tmp_path / "project"
    project.mkdir()
    (project / "card.html").write_text(
        '<template><div data-composition-id="card" data-no-timeline>'
        f'<i id="a" style="{tile}0" data-start="0" data-duration="0.5"></i>'
        f'<i id="b" style="{tile}{TILE}px" data-start="a" data-duration="0.5"></i></div></template>'
    )
    (project / "index.html").write_text(
        '<!doctype html><html><body style="background:#000"><div data-composition-id="main" data-no-timeline '
        f'data-start="0" data-duration="2" data-width="64" data-height="16">{host.format(0)}{host.format(1)}</div>'
    )
    screen = open_screen(project, fps=FPS)
    seen = []
    for seconds in (0.25, 0.75, 1.25, 1.75):
        picture = screen.frame(round(seconds * FPS))
        seen.append([picture.getpixel((x, TILE // 2)) == (255, 255, 255) for x in (TILE // 2, TILE * 3 // 2)])
    assert seen == [[True, False], [False, True]] * 2
