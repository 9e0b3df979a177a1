// Things that happen at one moment, such as a callback of a GSAP timeline or a timeout, and start something: a class
// with an animation, an `element.animate()`. What they start counts from the seek that made them happen, so a page that
// is sent straight past such a moment is first taken there, and to the frame before, and only then to where it should be.
(() => {
  const lambda = window.__hfLambda;
  if (!lambda) return;
  const { settings, seek } = lambda;
  const { nextTimeout } = window.__HF_VIRTUAL_TIME__;
  const MOST_MOMENTS = 5000;
  const JUST_AFTER = 1e-5; // seconds: when what lasts begins, and each of its cycles, so on a frame in the one after it
  let reached = 0;
  let hasBegun = false;

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
      for (const child of animation.getChildren?.(false, true, true) ?? []) {
        const rate = child.timeScale() || 1;
        collect(child, (seconds) => placed(child.startTime() + seconds / rate), end, moments);
      }
      if (moments.length === before) break; // nothing happens in the others either
    }
  };

  // A composition inside of others starts when all of them have.
  const startOf = (id) => {
    let start = 0;
    let element = document.querySelector(`[data-composition-id="${CSS.escape(id)}"]`)?.closest("[data-start]");
    for (; element; element = element.parentElement?.closest("[data-start]")) start += Number(element.dataset.start) || 0;
    return start;
  };

  const frameOf = (seconds) => Math.ceil(seconds * settings.fps - 1e-6);

  const happenings = (end) => {
    const moments = [];
    for (const [id, timeline] of Object.entries(window.__timelines ?? {})) {
      if (!timeline?.getChildren) continue;
      const start = startOf(id);
      collect(timeline, (seconds) => start + seconds, end, moments);
    }
    const frames = moments.filter((seconds) => seconds > 0 && Number.isFinite(seconds)).map(frameOf);
    return [...new Set(frames)].sort((one, other) => one - other);
  };

  // By the very milliseconds that `seek` has been at: what they have not passed is not reached, however little it lacks.
  const nextTimeoutFrame = () => Math.max(reached + 1, frameOf(nextTimeout((reached / settings.fps) * 1000) / 1000));

  const approach = (seconds) => {
    const target = Math.round(seconds * settings.fps);
    if (!hasBegun && target > 0) seek(0); // what starts with its first frame starts at 0
    hasBegun = true;
    const frames = target > reached + 1 ? happenings((target + 1) / settings.fps) : [];
    while (target > reached + 1) {
      const next = Math.min(frames.find((frame) => frame > reached) ?? Infinity, nextTimeoutFrame());
      if (next > target) break;
      if (next - 1 > reached) seek((next - 1) / settings.fps);
      if (next === target) break;
      seek(next / settings.fps);
      reached = next;
    }
    reached = target;
  };

  Object.assign(lambda, { approach });
})();
