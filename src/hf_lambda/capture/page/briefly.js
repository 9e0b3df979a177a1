// Gives elements another value of a style property for a moment that nobody sees, so that Blink does anew what follows
// from it. `changes` are pairs of an element and a value; what yields them may look at what came of those before.
(() => {
  const lambda = window.__hfLambda;
  if (!lambda) return;

  const briefly = (property, changes) => {
    const before = [];
    for (const [{ style }, value] of changes) {
      before.push({ style, value: style.getPropertyValue(property), priority: style.getPropertyPriority(property) });
      style.setProperty(property, value, "important");
    }
    document.body.offsetHeight; // now Blink knows
    for (const { style, value, priority } of before.reverse()) {
      style.removeProperty(property);
      if (value) style.setProperty(property, value, priority);
    }
    document.body.offsetHeight; // what follows finds all as it was
  };

  Object.assign(lambda, { briefly });
})();
