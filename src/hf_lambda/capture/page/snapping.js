// Blink places what asks for a layer to be transformed in on whole pixels. Without its layer (layers.js) it would lie at
// fractions of one, and its words and edges would look otherwise. What is scaled lies on whole pixels too, so such an
// element gets a scale that scales nothing, unless it has one.
(() => {
  const lambda = window.__hfLambda;
  if (!lambda) return;
  const { briefly } = lambda;
  const nothing = "1.0000001";
  const known = new WeakSet();

  // Whether a value of the property `scale` scales nothing.
  const isUnscaled = (value) => ["", "none", "1", nothing].includes(value);

  const isAtFractions = (element) =>
    element instanceof HTMLElement &&
    ["", "none"].includes(element.style.scale) &&
    getComputedStyle(element).scale === "none";

  // Of the elements that `asked` for a layer those that are new, and those that were `changed` since: GSAP takes scales
  // away.
  const snap = (asked, changed) => {
    const again = changed.filter((element) => known.has(element));
    const found = [...again, ...asked.filter((element) => !known.has(element))].filter(isAtFractions);
    for (const element of asked) known.add(element);
    if (!found.length) return;
    const changes = function* () {
      for (const element of found) {
        yield [element, "none"];
        element.style.scale = nothing;
      }
    };
    briefly("transition-property", changes()); // or a transition to the new scale would begin
  };

  Object.assign(lambda, { isUnscaled, snap });
})();
