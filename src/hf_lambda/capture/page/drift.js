// Blink does not draw an element anew whose transform changed by less than a hundredth of a pixel, or
// a ten-thousandth in its other terms (RasterInvalidator): the end of every eased movement. Its pixels
// then depend on the frames before, and differ from those of a page that was sent straight here. Such
// elements are drawn anew (see redraw.js); where that cannot be, they are moved away for one frame that nobody sees,
// and back.
// The limits are four times Blink's, for elements inside of others that make them smaller.
(() => {
  const lambda = window.__hfLambda;
  if (!lambda) return;
  const { redraw, unnoticed } = lambda;
  const driftPixels = 0.04;
  const driftFactor = 0.0004;
  const lastPlaces = new WeakMap();
  let nudged = [];

  // The author's own words.
  const transformOf = (element) => {
    const { transform, translate, rotate, scale } = element.style ?? {};
    return [transform, translate, rotate, scale, element.getAttribute("transform")].join();
  };

  const factorsOf = (element) => {
    const style = getComputedStyle(element);
    const others = [style.translate, style.rotate, style.scale].flatMap((text) => text.match(/-?\d[\d.]*(e-?\d+)?/g) ?? [0]);
    return [...new DOMMatrix(style.transform).toFloat64Array().filter((_, index) => index < 12), ...others.map(Number)];
  };

  const largestStep = (before, now) =>
    before.length === now.length ? Math.max(...now.map((value, index) => Math.abs(value - before[index]))) : Infinity;

  // Whether an element moved, but so little that it is not drawn anew. Most stand still or move far, which is seen at
  // once, so of those no more is read: the factors and the words of a first small step are not known from before, and
  // it counts as small. Computed transforms have six digits, too few for a hundredth of a pixel at 1745 px: so the
  // place comes from the rectangle, and whether anything changed also from the author's words.
  const drifts = (element, isAnimated, isWritten) => {
    const { left, top, right, bottom } = element.getBoundingClientRect();
    const before = lastPlaces.get(element);
    const now = { place: [left, top, right, bottom] };
    lastPlaces.set(element, now);
    if (!before) return true; // drawn while the page loaded, maybe, or before it had a transform
    const pixels = largestStep(before.place, now.place);
    if (pixels >= driftPixels) return false;
    now.text = isWritten ? transformOf(element) : before.text;
    const isSame = now.text === before.text;
    if (!isAnimated && pixels === 0 && isSame) {
      now.factors = before.factors;
      return false;
    }
    now.factors = factorsOf(element);
    if (!before.factors) return true;
    const factors = largestStep(before.factors, now.factors);
    return (pixels + factors > 0 || !isSame) && factors < driftFactor;
  };

  const nudge = (drifters) => {
    nudged = drifters.map((element) => ({ element, translate: element.style.translate }));
    for (const { element } of nudged) element.style.translate = "1px";
  };

  // Of elements that may have moved; `animated` are those that animations move, `written` those of which scripts wrote
  // something. Gives whether some were nudged: then an unseen frame must be drawn before they are put back.
  const drawDriftersAnew = (elements, animated, written) => {
    const drifters = elements.filter((element) => drifts(element, animated.has(element), written.has(element)));
    if (!drifters.length || unnoticed(() => redraw(drifters))) return false;
    unnoticed(() => nudge(drifters));
    return true;
  };

  const unnudge = () => {
    if (!nudged.length) return;
    unnoticed(() => nudged.forEach(({ element, translate }) => (element.style.translate = translate)));
    nudged = [];
  };

  Object.assign(lambda, { drawDriftersAnew, unnudge });
})();
