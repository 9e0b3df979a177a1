// Frames that are drawn for nobody to see: to move drifting elements away and back (see drift.js), and to have
// Chromium record the elements that a shader transition or a data-vfx-chain then draws into its canvas. The runtime
// and its packages say so with __hf_page_composite_pending, and go on in _prepare (before) and _resolve (after).
(() => {
  const lambda = window.__hfLambda;
  if (!lambda) return;
  const { forgetHistory, unnudge } = lambda;
  const mostTries = 2; // the first drawing of an element into a canvas finds nothing recorded of it yet
  let tries = 0;

  const prepareComposite = async () => {
    tries += 1;
    await window.__hf_page_composite_prepare?.();
    return true;
  };

  // An OffscreenCanvas shows what was drawn on it a frame later.
  let hasOffscreenCanvas = false;
  const { transferControlToOffscreen } = HTMLCanvasElement.prototype;
  HTMLCanvasElement.prototype.transferControlToOffscreen = function () {
    hasOffscreenCanvas = true;
    return transferControlToOffscreen.call(this);
  };

  const wantsUnseen = () => {
    if (forgetHistory() || hasOffscreenCanvas) return true;
    return window.__hf_page_composite_pending ? prepareComposite() : false;
  };

  // Gives whether there is another to be drawn.
  const afterUnseen = () => {
    unnudge();
    if (!tries) return window.__hf_page_composite_pending ? prepareComposite() : false;
    const isDrawn = window.__hf_page_composite_resolve?.() !== false;
    if (!isDrawn && tries < mostTries) return prepareComposite();
    tries = 0;
    return false;
  };

  Object.assign(lambda, { wantsUnseen, afterUnseen });
})();
