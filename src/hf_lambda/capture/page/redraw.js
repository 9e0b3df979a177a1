// Has elements drawn anew although nothing of them changed: taken out of the layout and put back at once, they are
// new to Blink, and all that they cover is drawn again in the next frame. That costs a layout; moving them away for a
// frame that nobody sees would cost drawing them twice. Not where an element, or one inside of it, would notice: CSS
// animations and @starting-style begin anew, frames and players lose their place, whoever has the focus loses it.
(() => {
  const lambda = window.__hfLambda;
  if (!lambda) return;
  const stateful = "iframe,frame,object,embed,video,audio,canvas,input,textarea,select,details,dialog,[popover]";
  const startsSomething = (rule) =>
    rule instanceof CSSKeyframesRule ||
    rule.constructor.name === "CSSStartingStyleRule" ||
    rule instanceof CSSImportRule ||
    [...(rule.cssRules ?? [])].some(startsSomething);
  const verdicts = new WeakMap(); // style sheet -> {count, starts}

  const sheetStarts = (sheet) => {
    try {
      const count = sheet.cssRules.length;
      const known = verdicts.get(sheet);
      if (known?.count === count) return known.starts;
      const starts = [...sheet.cssRules].some(startsSomething);
      verdicts.set(sheet, { count, starts });
      return starts;
    } catch {
      return true; // a sheet of another origin cannot be read
    }
  };

  const isPlain = (element) =>
    !element.matches(stateful) &&
    !element.querySelector(stateful) &&
    !element.contains(document.activeElement) &&
    !element.shadowRoot &&
    ![...element.getElementsByTagName("*")].some((inner) => inner.shadowRoot);

  // Gives whether it could be done for all of them; else it is done for none.
  const redraw = (elements) => {
    const sheets = [...document.styleSheets, ...document.adoptedStyleSheets];
    if (sheets.some(sheetStarts) || document.getAnimations().length || !elements.every(isPlain)) return false;
    const saved = elements.map(({ style }) => [style.getPropertyValue("display"), style.getPropertyPriority("display")]);
    for (const { style } of elements) style.setProperty("display", "none", "important");
    document.body.offsetHeight; // now they are gone
    elements.forEach(({ style }, index) => {
      style.removeProperty("display");
      if (saved[index][0]) style.setProperty("display", ...saved[index]);
    });
    document.body.offsetHeight; // and back: what follows finds the layout as it was
    return true;
  };

  Object.assign(lambda, { redraw });
})();
