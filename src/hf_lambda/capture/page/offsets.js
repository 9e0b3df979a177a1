// Blink draws pictures at fractions of a pixel, unless what they are in is scaled or turned. Which of the two holds is
// settled when it builds its property tree, but not where nothing but a transform was written: that is put into the
// tree as it is. So an element that begins to be scaled, or ceases to, is drawn half a pixel off until anything
// else of it changes, and its pixels depend on the frames before. Here Blink is made to build that part anew.
(() => {
  const lambda = window.__hfLambda;
  if (!lambda) return;
  const { briefly, isNone, isUnscaled } = lambda;
  const rare = "plus-lighter";
  const identity = new DOMMatrix().toFloat64Array();
  const places = [12, 13, 14]; // where a matrix says how far it moves
  const moves = /translate(3d|[XYZ])?\([^()]*\)/gi;
  const wereOnlyMoved = new WeakMap();

  const movesOnly = (matrix) =>
    matrix.toFloat64Array().every((value, index) => places.includes(index) || value === identity[index]);

  // From the author's words, where nothing but they can say it; Blink's take much longer to be had.
  const isOnlyMoved = (element, isAnimated) => {
    const { transform, rotate, scale } = element.style;
    if (transform && !isAnimated && isNone(rotate) && isUnscaled(scale)) {
      try {
        return movesOnly(new DOMMatrix(transform.replace(moves, "")));
      } catch {
        // words that only Blink can work out, with variables in them
      }
    }
    const computed = getComputedStyle(element);
    return isNone(computed.rotate) && isUnscaled(computed.scale) && movesOnly(new DOMMatrix(computed.transform));
  };

  // Of elements that may have changed since it was last called; `animated` are those that animations move.
  const placeChanged = (elements, animated) => {
    const passed = elements.filter((element) => {
      if (!element.style) return false; // of no language that has any
      const isMoved = isOnlyMoved(element, animated.has(element));
      const wasMoved = wereOnlyMoved.get(element);
      wereOnlyMoved.set(element, isMoved);
      return isMoved !== wasMoved;
    });
    if (!passed.length) return;
    // For this property Blink does so, and it moves nothing.
    const otherThan = (value) => (value === rare ? "normal" : rare);
    briefly("mix-blend-mode", passed.map((element) => [element, otherThan(getComputedStyle(element).mixBlendMode)]));
  };

  Object.assign(lambda, { placeChanged });
})();
