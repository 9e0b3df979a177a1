// Bounded waits on real time.
(() => {
  const lambda = window.__hfLambda;
  if (!lambda) return;
  const pollMs = 4;
  const { realNow, realSetTimeout } = window.__HF_VIRTUAL_TIME__;
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

  const bounded = async (what, promise, limitMs) => {
    let settled = false;
    promise.catch(() => {}).then(() => (settled = true));
    return until(what, () => settled, limitMs);
  };

  // What is waited for now.
  const waitingFor = () => [...waiting];

  Object.assign(lambda, { until, bounded, waitingFor });
})();
