// Blink places what asks for a layer to be transformed in on whole pixels. Without its layer (layers.js) it would lie at
// fractions of one, and its words and edges would look otherwise. What is scaled lies on whole pixels too, so such an
// element gets a scale that scales nothing, unless it has one.
(() => {
  const lambda = window.__hfLambda;
  if (!lambda) return;
  const { briefly } = lambda;
  const nothing = "1.0000001"; // reads as 1
  const snapped = new Set();

  const isNone = (words) => !words || words === "none";

  // Whether a value of the property `scale` scales nothing.
  const isUnscaled = (words) => isNone(words) || words === "1";

  const isAtFractions = (element) =>
    element instanceof HTMLElement && isNone(element.style.scale) && getComputedStyle(element).scale === "none";

  // Of the elements that ask for a layer now those that are new, and those that were `changed` since: GSAP takes scales
  // away. What asks no more has none.
  const snap = (asking, changed) => {
    const again = changed.filter((element) => asking.has(element) && snapped.has(element));
    const found = [...again, ...[...asking].filter((element) => !snapped.has(element))].filter(isAtFractions);
    const released = [...snapped].filter((element) => !asking.has(element));
    for (const element of asking) snapped.add(element);
    for (const element of released) snapped.delete(element);
    const scales = [
      ...found.map((element) => [element, nothing]),
      ...released.filter(({ style }) => style?.scale === "1").map((element) => [element, ""]),
    ];
    if (!scales.length) return;
    const changes = function* () {
      for (const [element, scale] of scales) {
        yield [element, "none"];
        element.style.scale = scale;
      }
    };
    briefly("transition-property", changes()); // or a transition to the new scale would begin
  };

  Object.assign(lambda, { isNone, isUnscaled, snap });
})();
