// The globals that the HyperFrames runtime reads before it starts, and `__hfLambda`: what the scripts after this
// one add their functions to. SETTINGS is replaced by a JSON object: {fps, variables, readyMs}.
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
  if (Object.keys(settings.variables).length) window.__hfVariables = settings.variables;
})();
