// Bounded waits on real time.
(() => {
  const lambda = window.__hfLambda;
  if (!lambda) return;
  const pollMs = 4;
  const { realNow, realSetTimeout, realClearTimeout } = window.__HF_VIRTUAL_TIME__;
  const sleep = () => new Promise((resolve) => realSetTimeout(resolve, pollMs));
  const waiting = new Set();

  // Waits for `isDone`; gives false when the time is up. What is waited for shows in error messages.
  const until = async (what, isDone, limitMs) => {
    const end = realNow() + limitMs;
    waiting.add(what);
    while (!isDone()) {
      if (realNow() >= end) return false;
      await sleep();
    }
    waiting.delete(what);
    return true;
  };

  // As `until`, for a promise to settle; a frame waits so for each of its promises, so it does not poll.
  const bounded = async (what, promise, limitMs) => {
    let timer;
    waiting.add(what);
    const isLate = new Promise((resolve) => (timer = realSetTimeout(resolve, limitMs, true)));
    const isSettled = promise.catch(() => {}).then(() => false);
    const ranOut = await Promise.race([isSettled, isLate]);
    realClearTimeout(timer);
    if (!ranOut) waiting.delete(what);
    return !ranOut;
  };

  // What is waited for now.
  const waitingFor = () => [...waiting];

  Object.assign(lambda, { until, bounded, waitingFor });
})();
