"""Pages full of moving blurs are drawn in larger pieces, by more lanes."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from hf_lambda.capture.flags import ONE_TILE, TILES
from hf_lambda.plan.document import Plan
from hf_lambda.plan.packing import read_plan
from hf_lambda.settings import Settings
from hf_lambda.storage.folder import FolderStorage
from tests.functional.projects import write_project
from tests.functional.renders import plan as plan_source
from tests.functional.renders import render

pytestmark = pytest.mark.browser

SECONDS = 4
LARGE = "position:absolute;left:0;top:0;width:260px;height:180px;background:#d42"
MOVED = f'tl.to("#light", {{ x: 50, duration: {SECONDS}, ease: "none" }}, 0);'
NOISY = f"{LARGE};filter:url(#noise)"
SEEDED = f'tl.to("#turbulence", {{ attr: {{ seed: 99 }}, duration: {SECONDS}, ease: "none" }}, 0);'
NO_TEXT = f'document.getElementById("light").textContent = " "; {MOVED}'
FOCUSED = f'tl.fromTo("#light", {{ filter: "blur(9px)" }}, {{ filter: "blur(2px)", duration: {SECONDS} }}, 0);'
GLASS = f"{LARGE};backdrop-filter:blur(9px)"
DOT = '<i id="dot" style="position:absolute;left:99px;top:99px;width:9px;height:9px;background:#fff;{style}"></i>'
DOT_MOVED = f'tl.to("#dot", {{ x: 50, duration: {SECONDS}, ease: "none" }}, 0);'
VARIED = f'tl.fromTo("#light", {{ "--at": "10%" }}, {{ "--at": "90%", duration: {SECONDS} }}, 0);'
GRADIENT = "radial-gradient(circle at var(--at, 50%) 50%, #fff, transparent)"
COUNTED = f'tl.fromTo("#light", {{ innerText: 0 }}, {{ innerText: 999, duration: {SECONDS}, ease: "none" }}, 0);'
DRIFTING = "<style>@keyframes drift { to { translate: 50px } }</style>" + DOT.format(style="animation:drift 4s linear")


def project(
    folder: Path,
    style: str,
    moves: str,
    *,
    seconds: float = SECONDS,
    others: Mapping[str, str] | None = None,
) -> Path:
    """A page with one light of this style, others behind it, within and in front, and a word that always moves."""
    noise = '<svg><filter id="noise"><feTurbulence id="turbulence" baseFrequency="0.5"/></filter></svg>'
    word = '<p id="word" style="position:absolute;left:262px;top:90px;color:#fff">word</p>'
    behind, within, front = ((others or {}).get(place, "") for place in ("behind", "within", "front"))
    body = f'{noise}{word}{behind}<div id="light" style="{style}">light{within}</div>{front}'
    script = f"""
      const tl = gsap.timeline({{ paused: true }});
      tl.to("#word", {{ x: 99, duration: {SECONDS} }}, 0);
      {moves}
      window.__timelines["main"] = tl;
    """
    return write_project(folder, body, script=script, duration=seconds)


def plan(folder: Path, source: Path, settings: Settings, **config: object) -> Plan:
    """The plan of a project."""
    made = plan_source(source, folder / "planned", settings, fps=30, **config)
    return read_plan(FolderStorage(), made["PlanS3Uri"], folder / "plan", expected_hash=made["PlanHash"]).plan


@pytest.mark.parametrize(
    ("style", "moves"),
    [
        (f"{LARGE};filter:blur(9px)", MOVED),
        (f"{LARGE};backdrop-filter:blur(9px) saturate(2)", MOVED),
        (f"{LARGE};filter:drop-shadow(0 2px 9px #000)", MOVED),
        (LARGE, FOCUSED),
        (f"{LARGE};box-shadow:0 2px 30px #000, 0 0 40px red", MOVED),
        (f"{LARGE};text-shadow:0 0 5px #fff, 0 0 30px #fff, 0 0 40px #fff", MOVED),
        (f"{LARGE};width:180px;height:120px;box-shadow:0 0 40px red, 0 0 40px 9px #000", MOVED),
        (NOISY, SEEDED),
    ],
    ids=["blur", "backdrop", "drop-shadow", "focus", "box-shadows", "glow", "small-shadows", "noise"],
)
def test_moving_blurs_have_shorter_segments_and_one_tile(
    style: str, moves: str, session_settings: Settings, tmp_path: Path
) -> None:
    """120 frames are two segments, so two lanes; a number that is asked for counts more."""
    source = project(tmp_path / "project", style, moves)
    made = plan(tmp_path, source, session_settings)
    assert [len(segment) for segment in made.chunks[0].segments] == [60, 60]
    assert set(ONE_TILE) <= set(made.chromium_flags)
    assert len(plan(tmp_path / "asked", source, session_settings, segmentFrames=120).chunks[0].segments) == 1


@pytest.mark.parametrize(
    ("style", "moves", "others"),
    [
        (f"{LARGE};filter:blur(9px)", DOT_MOVED, {"within": DOT.format(style="")}),
        (f"{LARGE};filter:blur(9px)", "", {"within": DRIFTING}),
        (f"{LARGE};filter:blur(9px)", "", {"within": "<canvas></canvas>"}),
        (f"{LARGE};filter:blur(9px);background:{GRADIENT}", VARIED, {}),
        (GLASS, DOT_MOVED, {"behind": DOT.format(style="")}),
        (GLASS, "", {"behind": DRIFTING}),
        (f"{LARGE};text-shadow:0 0 30px #fff, 0 0 40px #fff", COUNTED, {}),
    ],
    ids=["in-blur", "animated-in-blur", "canvas-in-blur", "gradient", "behind-glass", "animated-behind-glass", "text"],
)
def test_a_blur_moves_with_what_is_blurred(
    style: str, moves: str, others: dict[str, str], session_settings: Settings, tmp_path: Path
) -> None:
    """Though nothing of the blurred element itself changes."""
    made = plan(tmp_path, project(tmp_path / "project", style, moves, others=others), session_settings)
    assert [len(segment) for segment in made.chunks[0].segments] == [60, 60]
    assert set(ONE_TILE) <= set(made.chromium_flags)


@pytest.mark.parametrize(
    ("style", "others"),
    [
        (f"{LARGE};filter:blur(9px)", {"front": DOT.format(style="")}),
        (f"{LARGE};filter:blur(9px)", {"behind": DOT.format(style="")}),
        (GLASS, {"front": DOT.format(style="")}),
        (GLASS, {"within": DOT.format(style="")}),
        (GLASS, {"behind": DOT.format(style="left:262px")}),
    ],
    ids=["before-blur", "behind-blur", "before-glass", "in-glass", "beside-glass"],
)
def test_a_blur_is_still_where_others_move(
    style: str, others: dict[str, str], session_settings: Settings, tmp_path: Path
) -> None:
    """What is not blurred with it does not count."""
    made = plan(tmp_path, project(tmp_path / "project", style, DOT_MOVED, others=others), session_settings)
    assert [len(segment) for segment in made.chunks[0].segments] == [120]


@pytest.mark.parametrize(
    ("style", "moves"),
    [
        (LARGE, MOVED),
        (f"{LARGE};filter:blur(9px)", ""),
        (f"{LARGE};filter:blur(0px)", MOVED),
        (f"{LARGE};filter:saturate(2)", MOVED),
        (f"{LARGE};filter:blur(9px);width:120px", MOVED),
        (f"{LARGE};filter:blur(9px);left:250px", MOVED),
        (f"{LARGE};filter:blur(9px);visibility:hidden", MOVED),
        (f"{LARGE};filter:blur(9px);opacity:0", MOVED),
        (f"{LARGE};box-shadow:0 2px 19px #000;text-shadow:1px 1px 4px #000", MOVED),
        (f"{LARGE};box-shadow:0 2px 30px #000, 0 0 40px red", ""),
        (f"{LARGE};width:180px;height:120px;box-shadow:0 0 40px red", MOVED),
        (f"{LARGE};text-shadow:0 0 30px #fff, 0 0 40px #fff", NO_TEXT),
        (NOISY, ""),
    ],
    ids=[
        *("sharp", "still", "no-radius", "colours", "small", "outside", "hidden", "transparent"),
        *("narrow-shadows", "still-shadows", "one-shadow", "glow-of-nothing", "still-noise"),
    ],
)
def test_other_pages_have_small_tiles(style: str, moves: str, session_settings: Settings, tmp_path: Path) -> None:
    """What is not blurred, or does not change, costs nothing in tiles that it does not touch."""
    made = plan(tmp_path, project(tmp_path / "project", style, moves), session_settings)
    assert [len(segment) for segment in made.chunks[0].segments] == [120]
    assert set(TILES) <= set(made.chromium_flags)


def test_a_page_that_breaks_what_blurs_are_found_with_is_planned(session_settings: Settings, tmp_path: Path) -> None:
    """Nobody fails for advice."""
    broken = f"{MOVED} Element.prototype.checkVisibility = undefined;"
    made = plan(tmp_path, project(tmp_path / "project", f"{LARGE};filter:blur(9px)", broken), session_settings)
    assert len(made.chunks[0].segments) == 1


def test_blurred_frames_do_not_depend_on_segments(session_settings: Settings, tmp_path: Path) -> None:
    """Neither do those of any other page; see test_chunking.py."""
    source = project(tmp_path / "project", f"{LARGE};filter:blur(9px)", MOVED, seconds=0.5)
    whole = render(source, tmp_path / "whole", session_settings)
    parts = render(source, tmp_path / "parts", session_settings, segmentFrames=4)
    assert len(whole.pictures) == 15
    assert whole.pictures == parts.pictures
