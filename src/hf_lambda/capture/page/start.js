// The globals that the HyperFrames runtime reads before it starts, and `__hfLambda`: what the scripts after this
// one add their functions to. SETTINGS is replaced by a JSON object: {fps, variables, readyMs, partsBackdrops, runtimePath}.
(() => {
  if (window !== window.top) return;
  const settings = SETTINGS;
  window.__hfLambda = { settings };

  window.__hf = {};
  window.__hfFlushSync = () => {};
  window.__HF_RENDER_CAPTURE_MODE = true;
  window.__HF_PAGE_SIDE_COMPOSITING__ = true; // shader transitions are drawn by the page
  window.__HF_EXPORT_RENDER_SEEK_CONFIG = {
    mode: "preview-phase",
    diagnostics: false,
    step: 1 / 120,
    offsetFraction: 0.5,
    fps: settings.fps,
    fpsSource: "render-options",
    owner: "runtime",
  };
  // The runtime would wait for transitions of D3 to end before the first seek; on our time they end at a later one.
  const seekedAnyway = Object.assign([], { push: () => 0 });
  Object.defineProperty(window, "__hfD3", { get: () => seekedAnyway, set: () => {} });
  if (Object.keys(settings.variables).length) window.__hfVariables = settings.variables;
})();
