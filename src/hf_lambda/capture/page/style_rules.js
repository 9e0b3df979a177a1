// Walks through the rules of style sheets.
(() => {
  const lambda = window.__hfLambda;
  if (!lambda) return;

  function* rulesIn(rules, parent) {
    for (const { style, cssRules, styleSheet, selectorText } of rules) {
      const selector = selectorText?.replaceAll("&", `:is(${parent})`);
      if (style) yield { style, selector };
      if (cssRules) yield* rulesIn(cssRules, selector ?? parent);
      if (styleSheet) yield* styleRules(styleSheet);
    }
  }

  // Gives the style of each rule of a sheet and of those that it imports, and its selector, nested ones in full.
  function* styleRules(sheet) {
    let rules = [];
    try {
      rules = sheet.cssRules;
    } catch (error) {
      if (error.name !== "SecurityError") throw error; // of another origin: nobody may read it
    }
    yield* rulesIn(rules, ":root");
  }

  Object.assign(lambda, { styleRules });
})();
