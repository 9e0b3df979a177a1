// Has elements drawn anew although nothing of them changed. Their `image-rendering` is changed and put back at once:
// it is inherited, moves nothing and starts nothing, and Blink keeps in mind that all whose style it was must be drawn
// again. What is inside of frames does not inherit it: such elements are left to others.
(() => {
  const lambda = window.__hfLambda;
  if (!lambda) return;
  const framed = "iframe,frame,object,embed";
  const property = "image-rendering";
  const rare = "-webkit-optimize-contrast";
  const valueOf = (element) => getComputedStyle(element).imageRendering;

  // Gives whether it could be done for all of them; else it is done for none.
  const redraw = (elements) => {
    if (elements.some((element) => element.matches(framed) || element.querySelector(framed))) return false;
    const changed = [];
    const change = (element, value) => {
      const { style } = element;
      changed.push({ style, value: style.getPropertyValue(property), priority: style.getPropertyPriority(property) });
      style.setProperty(property, value, "important");
    };
    for (const element of elements) change(element, valueOf(element) === rare ? "auto" : rare);
    for (const element of elements) {
      const value = valueOf(element);
      for (const inner of element.getElementsByTagName("*")) {
        if (valueOf(inner) !== value) change(inner, value); // it has one of its own
      }
    }
    document.body.offsetHeight; // now Blink knows
    for (const { style, value, priority } of changed.reverse()) {
      style.removeProperty(property);
      if (value) style.setProperty(property, value, priority);
    }
    document.body.offsetHeight; // what follows finds all as it was
    return true;
  };

  Object.assign(lambda, { redraw });
})();
