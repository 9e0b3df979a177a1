// Things that happen at one moment, such as a callback of a GSAP timeline or a timeout, and start something: a class
// with an animation, an `element.animate()`. What they start counts from the seek that made them happen, so a page that
// is sent straight past such a moment is first taken there, to the frame before and to the one after it, and only then to
// where it should be. On the way the page's promises are answered, as they are between frames.
(() => {
  const lambda = window.__hfLambda;
  if (!lambda) return;
  const { settings, seek } = lambda;
  const { advance, realNow, afterPromises, nextTimer } = window.__HF_VIRTUAL_TIME__;
  const MOST_MOMENTS = 5000;
  const LASTING_SECONDS = 10; // what most timers start is over by then
  const MOST_TIMERS = 300; // that are gone to, of those of long ago: others only happen
  const LONGEST_MS = 5000;
  const JUST_AFTER = 1e-5; // seconds: when what lasts begins, and each of its cycles, so on a frame in the one after it
  let reached = 0;
  let after = 1; // the frame after the last moment, in which that happens which it puts off by a step
  let timers = 0; // that the page has been taken to
  let hasBegun = false;
  let atMoment;

  const callbacks = ["onStart", "onComplete", "onRepeat"];
  const happens = ({ vars }) => callbacks.some((name) => typeof vars?.[name] === "function");

  // When something of `animation` happens until `end`, in seconds of the page; `place` gives those of its own.
  const collect = (animation, place, end, moments) => {
    const begun = animation.duration() && JUST_AFTER;
    const cycle = animation.duration() + (animation.repeatDelay?.() || 0);
    const repeats = animation.repeat?.() || 0; // negative where it never ends
    const cycles = cycle > 0 ? Math.min(repeats < 0 ? Infinity : 1 + repeats, MOST_MOMENTS) : 1;
    const before = moments.length;
    if (happens(animation)) moments.push(place(animation.totalDuration()));
    for (let index = 0; index < cycles && moments.length <= MOST_MOMENTS; index += 1) {
      const first = index * cycle;
      if (place(first) > end) break;
      if (happens(animation)) moments.push(place(first + begun));
      const isReversed = index % 2 && animation.yoyo?.();
      const placed = (seconds) => place(first + Math.max(isReversed ? animation.duration() - seconds : seconds, begun));
      const inner = animation.getChildren ? animation : animation.timeline; // a tween has one of staggers and keyframes
      for (const child of inner?.getChildren?.(false, true, true) ?? []) {
        const rate = child.timeScale() || 1;
        collect(child, (seconds) => placed(child.startTime() + seconds / rate), end, moments);
      }
      if (moments.length === before) break; // nothing happens in the others either
    }
  };

  // From a composition's own seconds to the page's: one inside of others starts when all of them have, and plays what is
  // left of it behind its trim, at the rate of its host, which the runtime bounds.
  const placeOf = (id) => {
    const host = document.querySelector(`[data-composition-id="${CSS.escape(id)}"]`)?.closest("[data-start]");
    let start = 0;
    for (let element = host; element; element = element.parentElement?.closest("[data-start]")) {
      start += Number(element.dataset.start) || 0;
    }
    const { playbackStart, mediaStart, playbackRate } = host?.dataset ?? {};
    const trim = Number(playbackStart ?? mediaStart) || 0;
    const rate = Math.max(0.1, Math.min(10, Number(playbackRate) || 1));
    return (seconds) => start + (seconds - trim) / rate;
  };

  const frameOf = (seconds) => Math.ceil(seconds * settings.fps - 1e-6);

  const happenings = (end) => {
    const moments = [];
    for (const [id, timeline] of Object.entries(window.__timelines ?? {})) {
      if (!timeline?.getChildren) continue;
      collect(timeline, placeOf(id), end, moments);
    }
    const frames = moments.filter((seconds) => seconds > 0 && Number.isFinite(seconds)).map(frameOf);
    return [...new Set(frames)].sort((one, other) => one - other);
  };

  // Ticks of long ago are none: what a timer sets, they have set when the page is there.
  const timerFrame = (recent) => Math.max(reached + 1, frameOf(nextTimer((recent / settings.fps) * 1000) / 1000));

  const arrive = async (frame) => {
    await new Promise(afterPromises);
    atMoment();
    reached = frame;
  };
  const visit = (frame) => {
    seek(frame / settings.fps);
    return arrive(frame);
  };
  // Without a seek: only what time brings about by itself.
  const pass = (frame) => {
    advance((frame / settings.fps) * 1000);
    return arrive(frame);
  };

  const isThereAfter = async (target) => {
    const end = realNow() + LONGEST_MS;
    const recent = target - LASTING_SECONDS * settings.fps;
    if (!hasBegun) await visit(0); // what starts with its first frame starts at 0
    hasBegun = true;
    const frames = happenings((target + 1) / settings.fps);
    while (target > reached + 1 && realNow() < end) {
      const called = frames.find((frame) => frame > reached) ?? Infinity;
      const timed = timerFrame(recent);
      const moment = Math.min(called, timed);
      const next = after > reached ? Math.min(after, moment) : moment;
      if (next > target) return true;
      if (next === timed && next < Math.min(called, recent) && timers >= MOST_TIMERS) {
        await pass(next);
        continue;
      }
      timers += next === timed;
      if (next - 1 > reached) await visit(next - 1);
      if (next < target) await visit(next);
      if (next === moment) after = next + 1;
    }
    return target <= reached + 1;
  };

  // Takes the page to all moments before `seconds`, where it has not seen the frame before; gives a promise of whether
  // it has been at all of them, which takes another call where there are very many. Calls `act` at each.
  const approach = (seconds, act = () => {}) => {
    atMoment = act;
    const target = Math.round(seconds * settings.fps);
    if (target > reached + 1 || (target && !hasBegun)) {
      return isThereAfter(target).then((isThere) => {
        if (isThere) reached = target;
        return isThere;
      });
    }
    hasBegun = true;
    reached = target;
    return null;
  };

  Object.assign(lambda, { approach });
})();
