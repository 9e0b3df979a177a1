// Has elements drawn anew although nothing of them changed. Their `image-rendering` is changed and put back at once:
// it is inherited, moves nothing and starts nothing, and Blink keeps in mind that all whose style it was must be drawn
// again. What is inside of frames does not inherit it: such elements are left to others.
(() => {
  const lambda = window.__hfLambda;
  if (!lambda) return;
  const { briefly } = lambda;
  const framed = "iframe,frame,object,embed";
  const rare = "-webkit-optimize-contrast";
  const valueOf = (element) => getComputedStyle(element).imageRendering;

  function* changes(elements) {
    for (const element of elements) yield [element, valueOf(element) === rare ? "auto" : rare];
    for (const element of elements) {
      const value = valueOf(element);
      for (const inner of element.getElementsByTagName("*")) {
        if (valueOf(inner) !== value) yield [inner, value]; // it has one of its own
      }
    }
  }

  // Gives whether it could be done for all of them; else it is done for none.
  const redraw = (elements) => {
    if (elements.some((element) => element.matches(framed) || element.querySelector(framed))) return false;
    briefly("image-rendering", changes(elements));
    return true;
  };

  Object.assign(lambda, { redraw });
})();
