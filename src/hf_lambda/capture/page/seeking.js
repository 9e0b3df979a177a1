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

  // SMIL: an SVG's own time, which starts where the nearest clip around it does.
  const animatedSvgs = () => {
    const roots = [...document.querySelectorAll("animate,animateTransform,animateMotion,set")].map((element) => {
      let root = element.ownerSVGElement;
      while (root?.ownerSVGElement) root = root.ownerSVGElement;
      return root;
    });
    return new Set(roots.filter((root) => root?.setCurrentTime));
  };

  const seekSvg = (seconds) => {
    for (const root of animatedSvgs()) {
      root.pauseAnimations();
      root.setCurrentTime(Math.max(0, seconds - (Number(root.closest("[data-start]")?.dataset.start) || 0)));
    }
  };

  // A transition of D3 needs three rounds to begin and be where it should be at one moment.
  const finishTransitions = () => {
    for (let round = 0; round < 3; round += 1) window.d3?.timerFlush?.();
  };

  // GSAP's own ticker, which all that is not registered runs on, takes a long way for a machine that was busy.
  const followFar = ({ gsap }) => gsap?.ticker?.lagSmoothing?.(0);

  const seek = (seconds, options) => {
    const ms = seconds * 1000;
    followFar(window);
    const clock = window.__HF_VIRTUAL_TIME__;
    clock.noteAnimations();
    clock.advance(ms); // before the runtime, whose handlers ask what time it is
    clock.whileSeeking(() => window.__player.renderSeek(seconds, options));
    seekSvg(seconds);
    clock.runAnimationFrame();
    document.body?.offsetHeight; // begins what this seek's changes of style are to animate
    clock.seekLateAnimations(ms);
    forEachFrame(window, (view) => {
      const { __HF_VIRTUAL_TIME__: clock, document: { body } } = view;
      followFar(view);
      clock.advance(ms);
      clock.runAnimationFrame();
      clock.seekAnimations(ms);
      body?.offsetHeight; // starts what CSS is to animate there
    });
    finishTransitions();
    window.__hfLambdaEdits?.apply(seconds);
  };

  // The package of shader transitions wraps our seek from an interval that ends with it.
  const hasTransitions = () =>
    !document.getElementById("__hf-page-side-compositor") || !window.__HF_VIRTUAL_TIME__.hasPolls();

  Object.assign(lambda, { duration, seek, hasTransitions });
})();
