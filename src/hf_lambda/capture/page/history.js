// Lets a frame forget those before it: what Chromium would keep of them is prevented (layers.js, and snapping.js for what
// else that changes), placed anew (offsets.js) or drawn anew (drift.js).
(() => {
  const lambda = window.__hfLambda;
  if (!lambda) return;
  const { drawDriftersAnew, partBackdrops, placeChanged, preventLayers, snap, transformed, unnoticed } = lambda;

  // Gives whether an unseen frame must be drawn before the one that counts.
  const forgetHistory = () => {
    const animated = window.__HF_VIRTUAL_TIME__.animatedElements();
    const { elements, written } = transformed();
    const moved = [...new Set([...elements, ...animated])];
    const changed = moved.filter((element) => animated.has(element) || written.has(element));
    unnoticed(() => {
      snap(preventLayers(changed, animated), changed);
      placeChanged(changed, animated);
      partBackdrops();
    });
    return drawDriftersAnew(moved, animated, written);
  };

  Object.assign(lambda, { forgetHistory });
})();
