// How long the composition is, and its seek: the runtime first, then the virtual clocks of all its frames.
(() => {
  const lambda = window.__hfLambda;
  if (!lambda) return;
  const declaredDuration = () => {
    const find = (selector) => document.querySelector(selector)?.dataset;
    const root = find('[data-composition-id][data-root="true"]') ?? find("[data-composition-id]") ?? {};
    const declared = [root.duration, root.compositionDuration].map(Number).find((seconds) => seconds > 0);
    if (declared) return declared;
    const ends = [...document.querySelectorAll("[data-composition-src],[data-composition-file]")].map(
      (host) => Number(host.dataset.start || 0) + Number(host.dataset.duration || NaN),
    );
    return Math.max(0, ...ends.filter(Number.isFinite));
  };

  const duration = () => {
    if (window.__hfTimelinesBuilding || !window.__renderReady) return 0;
    const played = window.__player.getDuration();
    return played > 0 ? played : declaredDuration();
  };

  const forEachFrame = (view, visit) => {
    for (let index = 0; index < view.length; index += 1) {
      try {
        visit(view[index]);
        forEachFrame(view[index], visit);
      } catch {
        // a frame of another origin keeps its own time
      }
    }
  };

  const seek = (seconds, options) => {
    window.__player.renderSeek(seconds, options);
    const toTime = (view) => view.__HF_VIRTUAL_TIME__?.seekToTime(seconds * 1000);
    toTime(window);
    forEachFrame(window, (view) => {
      toTime(view);
      // The runtime seeks the animations of the page itself only.
      for (const animation of view.document.getAnimations()) {
        animation.pause();
        animation.currentTime = seconds * 1000;
      }
    });
    window.__hfLambdaEdits?.apply(seconds);
  };

  // The package of shader transitions wraps our seek, some time after there is one.
  const hasTransitions = () => !document.getElementById("__hf-page-side-compositor") || window.__hf.seek !== seek;

  Object.assign(lambda, { duration, seek, hasTransitions });
})();
