// Keeps elements from getting layers of their own because an author's `will-change` asks for one, or an animation runs.
// Chromium stretches, moves and blurs the pixels that such a layer had at first, so that frames would depend on when
// an element was first drawn, and at what size. What else follows from `will-change: transform`, a containing block and
// a stacking context, follows from `contain` too; and what may change its `contents` at any time gets no layer.
(() => {
  const lambda = window.__hfLambda;
  if (!lambda) return;
  const { styleRules } = lambda;
  const property = "will-change";
  const common = ["", "auto", "inherit", "initial", "unset", "revert", "revert-layer"];
  const transforming = /^(-webkit-)?(transform|transform-style|perspective|translate|rotate|scale|offset-(path|position))$/;
  const scrolling = /^(auto|scroll|overlay)$/;
  const seen = new WeakSet();
  const selectors = new Set(); // of rules that ask for a layer to be transformed in
  const askers = new Set(); // elements that do so in their own style

  const splitWords = (words) => words.split(",").map((word) => word.trim());

  const withoutLayer = (words) => [
    ...new Set(words.map((word) => (transforming.test(word) ? "contain" : word))),
    "contents",
  ];

  const stopScrolling = (style) => {
    for (const name of ["overflow-x", "overflow-y"]) {
      const value = style.getPropertyValue(name);
      if (scrolling.test(value)) style.setProperty(name, "hidden", style.getPropertyPriority(name));
    }
  };

  // Gives whether it asked for a layer to be transformed in.
  const mend = (style) => {
    const words = splitWords(style?.willChange ?? "");
    if (words.some((word) => common.includes(word) || word === "contents" || word.includes("var("))) return false;
    style.setProperty(property, withoutLayer(words).join(", "), style.getPropertyPriority(property));
    return words.some((word) => transforming.test(word));
  };

  const mendSheet = (sheet) => {
    if (seen.has(sheet)) return;
    seen.add(sheet);
    for (const { style, selector } of styleRules(sheet)) {
      stopScrolling(style);
      if (mend(style) && selector) selectors.add(selector);
    }
  };

  const mendAnimated = (element) => {
    if (seen.has(element)) return;
    seen.add(element);
    const words = splitWords(getComputedStyle(element).willChange).filter((word) => word !== "auto");
    if (!words.includes("contents")) element.style?.setProperty(property, withoutLayer(words).join(", "), "important");
  };

  // Of all style sheets, of the elements whose own style may be new, and of those that animations move. Gives the
  // elements that ask for a layer to be transformed in.
  const preventLayers = (changed, animated) => {
    for (const sheet of document.styleSheets) mendSheet(sheet);
    for (const { style } of document.querySelectorAll('[style*="overflow"]')) stopScrolling(style);
    for (const element of changed) if (mend(element.style)) askers.add(element);
    for (const element of animated) mendAnimated(element);
    return new Set([...askers, ...[...selectors].flatMap((selector) => [...document.querySelectorAll(selector)])]);
  };

  Object.assign(lambda, { preventLayers });
})();
