// setTimeout, setInterval and requestIdleCallback. While a page builds itself its timers are real, or it would never be
// done. Those that look like animation wait for virtual time, unless all is loaded and a timeline still missing: HELD_MS
// or more, and of the document's own scripts also shorter intervals and timeouts that start one another. From the first
// seek on, timers fire in order when virtual time passes them, so a page that was sent straight to a frame has seen the
// same ones as a page that was taken there step by step. One case stays real: what a seek waits for (`waitUntil` with a
// timer in it) would wait for ever on a time that stands still meanwhile.
(() => {
  const clock = window.__HF_VIRTUAL_TIME__;
  if (!clock || clock.advance) return;
  const HELD_MS = 100;
  const FRAME_MS = 16;
  const CHAINED_MS = 4; // the least that browsers wait in a timer of a timer
  const RETRY_MS = 20;
  const SLOW_MS = 250; // of an interval: each tick may begin something that is seen to its end before the next
  const MOST_PER_SEEK = 100000;
  const native = {
    setTimeout: window.setTimeout.bind(window),
    clearTimeout: window.clearTimeout.bind(window),
  };
  const timers = new Map(); // handle -> {handle, due, delay, every, call, held, unheld, real}
  let isSeeking = false;
  let hasSought = false;
  let isFiring = false;
  let building = 0; // timers that fire on real time, and the promises that they keep
  let lastHandle = 0;

  // Calls when all promises that were kept until now are answered.
  const { port1, port2 } = new MessageChannel();
  const tasks = [];
  port1.onmessage = () => tasks.shift()();
  const afterPromises = (task) => {
    tasks.push(task);
    port2.postMessage(null);
  };

  const top = () => window.top.__hfLambda;
  const mayFire = (timer) => (hasSought ? timer.unheld && top()?.isSettling : !timer.held || top()?.isBuilding?.());

  // On virtual time; `due` goes on counting from where it was.
  const fire = (timer) => {
    if (timer.every === null) clear(timer.handle);
    else timer.due += Math.max(1, timer.every);
    try {
      timer.call();
    } catch (error) {
      console.error("a timer's callback:", error);
    }
  };

  // On real time: what a page does to build itself is no part of its animation, so `due` stays.
  const arm = (timer, delay) => {
    timer.real = native.setTimeout(() => {
      if (!timers.has(timer.handle)) return;
      if (!mayFire(timer)) {
        if (!hasSought || timer.unheld) arm(timer, RETRY_MS);
        return;
      }
      if (timer.every === null) clear(timer.handle);
      else arm(timer, timer.every);
      building += 1;
      afterPromises(() => {
        building -= 1;
      });
      timer.call();
    }, delay);
  };

  // Whether the one who asks for a timer is a script in the document, not one of a library's files.
  const isOfDocument = () => new Error().stack.split("\n")[5]?.includes(`${location.href.split("#")[0]}:`);

  const looksLikeAnimation = (ms, every) =>
    ms >= HELD_MS || (ms >= FRAME_MS && (every || building) && isOfDocument());

  const add = (callback, delay, every, values) => {
    const ms = Math.max(isFiring ? CHAINED_MS : 0, Number(delay) || 0);
    const call = typeof callback === "function" ? () => callback.apply(window, values) : () => (0, eval)(String(callback));
    const timer = { handle: ++lastHandle, due: clock.getTime() + ms, delay: ms, every: every ? ms : null, call };
    timer.held = !hasSought && looksLikeAnimation(ms, every);
    timer.unheld = hasSought ? isSeeking && !isFiring : !every && !timer.held;
    timers.set(timer.handle, timer);
    if (!hasSought || timer.unheld) arm(timer, ms);
    return timer.handle;
  };

  const clear = (handle) => {
    native.clearTimeout(timers.get(handle)?.real);
    timers.delete(handle);
  };

  // In order of their time, those of one time in order of their making.
  const runTimers = (untilMs) => {
    hasSought = true;
    isFiring = true;
    for (let count = 0; count < MOST_PER_SEEK && timers.size; count += 1) {
      let next = null;
      for (const timer of timers.values()) if (timer.due <= untilMs && (!next || timer.due < next.due)) next = timer;
      if (!next) break;
      clock.setTime(Math.max(clock.getTime(), next.due));
      fire(next);
    }
    isFiring = false;
  };

  Object.assign(window, {
    setTimeout: (callback, delay, ...values) => add(callback, delay, false, values),
    setInterval: (callback, delay, ...values) => add(callback, delay, true, values),
    clearTimeout: clear,
    clearInterval: clear,
    // The browser is never idle while it is told when to draw.
    requestIdleCallback: (callback) => add(() => callback({ didTimeout: false, timeRemaining: () => 50 }), 1, false, []),
    cancelIdleCallback: clear,
  });
  Object.assign(clock, {
    realSetTimeout: native.setTimeout,
    realClearTimeout: native.clearTimeout,
    advance(ms) {
      runTimers(ms);
      clock.setTime(ms);
    },
    // Whether something of the page looks for something again and again.
    hasPolls: () => [...timers.values()].some(({ every, held }) => every !== null && !held),
    // Whether something is about to happen that belongs to building the page.
    hasShortTimeouts: () => [...timers.values()].some(({ every, held }) => every === null && !held),
    afterPromises,
    // When a timer is due next; of those that fire again and again the slow ones, and not before `ms`.
    nextTimer(ms) {
      const dueNext = ({ due, every }) => (every === null ? due : due + Math.max(0, Math.ceil((ms - due) / every)) * every);
      return Math.min(...[...timers.values()].filter(({ every }) => every === null || every >= SLOW_MS).map(dueNext));
    },
    whileSeeking(act) {
      isSeeking = true;
      try {
        act();
      } finally {
        isSeeking = false;
      }
    },
  });
})();
