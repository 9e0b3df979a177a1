// Blink does not draw an element anew whose transform changed by less than a hundredth of a pixel, or
// a ten-thousandth in its other terms (RasterInvalidator): the end of every eased movement. Its pixels
// then depend on the frames before, and differ from those of a page that was sent straight here. Such
// elements are moved away for one frame that nobody sees, and back.
// The limits are four times Blink's, for elements inside of others that make them smaller.
(() => {
  const lambda = window.__hfLambda;
  if (!lambda) return;
  const driftPixels = 0.04;
  const driftFactor = 0.0004;
  const transformed = '[style*="transform"],[style*="translate"],[style*="scale"],[style*="rotate"],svg [transform]';
  const lastTransforms = new WeakMap();
  let nudged = [];

  // Computed transforms have six digits, too few for a hundredth of a pixel at 1745 px: so the place
  // comes from the rectangle, and whether anything changed also from the author's own text.
  const transformOf = (element) => {
    const { left, top, right, bottom } = element.getBoundingClientRect();
    const style = getComputedStyle(element);
    const others = [style.translate, style.rotate, style.scale].flatMap((text) => text.match(/-?\d[\d.]*(e-?\d+)?/g) ?? [0]);
    return {
      text: `${element.style?.transform} ${element.getAttribute("transform")}`,
      pixels: [left, top, right, bottom],
      factors: [...new DOMMatrix(style.transform).toFloat64Array().filter((_, index) => index < 12), ...others.map(Number)],
    };
  };

  const largestStep = (before, now) =>
    before.length === now.length ? Math.max(...now.map((value, index) => Math.abs(value - before[index]))) : Infinity;

  const drifts = (element) => {
    const now = transformOf(element);
    const before = lastTransforms.get(element);
    lastTransforms.set(element, now);
    if (!before) return false;
    const pixels = largestStep(before.pixels, now.pixels);
    const factors = largestStep(before.factors, now.factors);
    const changed = pixels + factors > 0 || before.text !== now.text;
    return changed && pixels < driftPixels && factors < driftFactor;
  };

  const nudgeDrifters = () => {
    const moving = document.getAnimations().map((animation) => animation.effect?.target);
    const elements = new Set([...document.querySelectorAll(transformed), ...moving]);
    elements.delete(null);
    elements.delete(undefined);
    nudged = [...elements].filter(drifts).map((element) => ({ element, translate: element.style.translate }));
    for (const { element } of nudged) element.style.translate = "1px";
    return nudged.length > 0;
  };

  const unnudge = () => {
    for (const { element, translate } of nudged) element.style.translate = translate;
    nudged = [];
  };

  Object.assign(lambda, { nudgeDrifters, unnudge });
})();
