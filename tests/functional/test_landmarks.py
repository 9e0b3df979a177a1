"""A page that is sent past moments at which something happens is first taken to each of them."""

import json
from pathlib import Path
from typing import Any

import pytest

from hf_lambda.capture.page_scripts import page_script
from tests.functional.projects import write_project
from tests.functional.sites import OpenScreen, Screen

pytestmark = pytest.mark.browser

HARNESS = f"""
  const load = new Function("window", {json.dumps(page_script("timers.js") + page_script("landmarks.js"))});

  // A page of nothing but our timers, landmarks and `timelines`; `act` is told of each frame that it is sent to.
  const pageWith = (fps, timelines, act) => {{
    let now = 0;
    const {{ realNow }} = globalThis.__HF_VIRTUAL_TIME__;
    const clock = {{ realNow, getTime: () => now, setTime: (ms) => {{ now = ms; }} }};
    const window = {{ __HF_VIRTUAL_TIME__: clock, __timelines: timelines, setTimeout() {{}}, clearTimeout() {{}} }};
    window.top = window;
    window.frames = [];
    const seek = (seconds) => {{
      const frame = Math.round(seconds * fps);
      if (window.frames.push(frame) > 1000) throw new Error(`endless: ${{window.frames.slice(-5)}}`);
      clock.advance(seconds * 1000);
      clock.whileSeeking(() => act(window, frame));
    }};
    window.__hfLambda = {{ settings: {{ fps }}, seek }};
    load(window);
    return Object.assign(window, {{ seek, approach: window.__hfLambda.approach }});
  }};
"""
"""Runs the scripts of a page many times in one page, which takes microseconds each."""


@pytest.fixture
def screen(open_screen: OpenScreen, tmp_path: Path) -> Screen:
    """A page with GSAP."""
    return open_screen(write_project(tmp_path / "project", ""))


TIMED_OTHERWISE = """
  // The frame in which a timeout fires that a callback at frame `made` makes.
  const firedIn = async (fps, made, delay, target, isSentStraight) => {
    let [fired, isMade] = [null, false];
    const timelines = { main: gsap.timeline({ paused: true }).call(() => {}, [], made / fps) };
    const page = pageWith(fps, timelines, (window, frame) => {
      if (isMade || frame < made) return;
      isMade = true;
      window.setTimeout(() => { fired = window.frames.at(-1); }, delay);
    });
    if (isSentStraight) await page.approach(target / fps);
    for (let frame = isSentStraight ? target : 0; frame <= target; frame += 1) page.seek(frame / fps);
    return fired;
  };

  const found = [];
  for (const fps of [24, 25, 30, 60, 30000 / 1001])
    for (let made = 1; made <= 40; made += 3)
      for (const delay of [16, 20, 33.4, 40, 50, 100, 200, 250, 300, 400, 500, 700, 1000]) {
        const due = made + (delay / 1000) * fps;
        for (const target of [Math.floor(due), Math.ceil(due), Math.ceil(due) + 1, Math.ceil(due) + 9]) {
          const straight = await firedIn(fps, made, delay, target, true);
          const stepping = await firedIn(fps, made, delay, target, false);
          if (straight !== stepping) found.push({ fps, made, delay, target, straight, stepping });
        }
      }
  return found;
"""

CALLS = """
  let calls = [];
  let frameNow = 0;
  const call = () => calls.push(frameNow);
  const root = (options) => gsap.timeline({ paused: true, ...options });
  const nested = (at, options) => gsap.timeline(options).call(call, [], at).to({}, { duration: 1 }, 0);
  const roots = {
    finite: () => root().add(nested(0.5, { repeat: 2 })),
    endless: () => root().add(nested(0.5, { repeat: -1 })),
    slowed: () => root().add(nested(0.5, { repeat: -1, repeatDelay: 1 }).timeScale(2), 0.2),
    reversing: () => root().add(nested(0.2, { repeat: -1, yoyo: true })),
    starting: () => root().add(nested(0, { repeat: 2 }), 0.1),
    ending: () => root({ onStart: call, onRepeat: call, onComplete: call, repeat: 1 }).to({}, { duration: 1 }),
    within: () => root({ repeat: -1 }).add(nested(0.5, { repeat: 1 })),
    itself: () => nested(0.5, { paused: true, repeat: -1 }),
    staggered: () => root().to([{}, {}], { x: 1, duration: 1, stagger: { each: 0.5, onStart: call } }, 0.1),
    keyframed: () => root().to({}, { keyframes: [{ x: 1, duration: 0.5, onComplete: call }, { x: 2, duration: 1 }] }),
    tween: () => root().to({}, { duration: 0.5, repeat: 1, onStart: call, onRepeat: call, onComplete: call }, 0.1),
    "beside nothing": () => root().add(gsap.timeline({ repeat: -1 }).to({}, { duration: 1e-6 })).add(nested(0.5), 0),
  };
  const last = 89;
  const sent = async (main, isSentStraight) => {
    calls = [];
    const page = pageWith(30, { main }, (_, frame) => main.totalTime((frameNow = frame) / 30));
    if (isSentStraight) await page.approach(last / 30);
    for (let frame = isSentStraight ? last : 0; frame <= last; frame += 1) page.seek(frame / 30);
    return calls;
  };
  const found = [];
  for (const [name, make] of Object.entries(roots)) {
    found.push([name, await sent(make(), false), await sent(make(), true)]);
  }
  return found;
"""
SLOW = """
  // Each frame takes a second of the machine's time.
  let real = 0;
  globalThis.__HF_VIRTUAL_TIME__ = { ...globalThis.__HF_VIRTUAL_TIME__, realNow: () => real };
  const timelines = { main: gsap.timeline({ paused: true }) };
  for (let moment = 1; moment <= 4; moment += 1) timelines.main.call(() => {}, [], moment);
  const page = pageWith(30, timelines, () => { real += 1000; });
  const answers = [];
  while (answers.at(-1) !== true) answers.push(await page.approach(149 / 30));
  return [answers, page.frames];
"""
LONG_CHAIN = """
  // Each promise asks for the next timeout; how many are kept by the last frame, and the frames that were sought.
  let kept = 0;
  const page = pageWith(30, {}, (_, frame) => frame);
  (async () => { for (;;) { await new Promise((resolve) => page.setTimeout(resolve, 1000)); kept += 1; } })();
  await page.approach(14999 / 30);
  return [kept, page.frames.length];
"""
HALVES = [15, 45, 75]
CALLED = {
    "finite": HALVES,
    "endless": HALVES,
    "slowed": [14, 44, 74],
    "reversing": [6, 54, 66],
    "starting": [4, 34, 64],
    "ending": [1, 31, 60],
    "within": HALVES,
    "itself": HALVES,
    "staggered": [4, 19],
    "keyframed": [15],
    "tween": [4, 19, 33],
    "beside nothing": [15],
}
"""In which frames each calls: what starts on a frame does so in the next."""


def run(screen: Screen, script: str) -> Any:
    """What a script gives that may use `HARNESS`."""
    return screen.page.evaluate(f"(async () => {{ {HARNESS} {script} }})()")


def test_timeouts_fire_in_the_frame_in_which_they_fire_step_by_step(screen: Screen) -> None:
    """However their milliseconds are rounded: the sum of a frame's time and a delay may lie just behind another's."""
    assert run(screen, TIMED_OTHERWISE) == []


def test_callbacks_happen_in_the_frame_in_which_they_happen_step_by_step(screen: Screen) -> None:
    """Those of nested timelines, of the root and of tweens, in each repeat, of which there may be no end."""
    assert run(screen, CALLS) == [[name, frames, frames] for name, frames in CALLED.items()]


def test_a_long_way_is_gone_in_several_calls(screen: Screen) -> None:
    """None takes more than some seconds, so none is given up; nothing is gone twice."""
    answers, frames = run(screen, SLOW)
    assert answers == [False, False, True]
    assert frames == [0, 1, 29, 30, 31, 59, 60, 61, 89, 90, 91, 119, 120, 121]


def test_a_mounted_composition_reaches_its_moments_at_its_hosts_rate(open_screen: OpenScreen, tmp_path: Path) -> None:
    """What happens at 5 s of a composition that starts at 1, at its third second, and runs twice as fast."""
    body = """
      <div data-composition-id="scene" data-start="1" data-duration="3" data-playback-start="3" data-playback-rate="2">
        <i id="box"></i>
      </div>
    """
    script = """
      window.__timelines.main = gsap.timeline({ paused: true });
      window.__timelines.scene = gsap.timeline({ paused: true }).to({}, { duration: 9 }, 0).call(
        () => document.getElementById("box").animate({ opacity: [0, 1] }, { duration: 2000, fill: "both" }), [], 5,
      );
    """
    screen = open_screen(write_project(tmp_path / "project", body, script=script, duration=4))
    screen.page.capture(90)
    opacity = screen.page.evaluate("Number(getComputedStyle(document.getElementById('box')).opacity)")
    assert opacity == pytest.approx(0.5, abs=0.05)


def test_a_long_chain_of_timeouts_happens_without_a_seek_for_each(screen: Screen) -> None:
    """All of it has happened, but only so much of it has been gone to."""
    kept, visits = run(screen, LONG_CHAIN)
    assert kept == 499
    assert 900 < visits < 960
