// Knows which elements have a transform of their own, in their style or as an SVG's attribute, and which of them were
// written to since it was last asked. The browser tells: to look for them in each frame would cost as much as to draw
// them, because Blink first writes out the whole style of each that was changed. It does not tell of what a script
// does to an SVG's `transform.baseVal`.
(() => {
  const lambda = window.__hfLambda;
  if (!lambda) return;
  const selector = '[style*="transform"],[style*="translate"],[style*="scale"],[style*="rotate"],svg [transform]';
  const known = new Set();
  let news = [];
  let observer = null;

  const learn = (element) => {
    if (!known.has(element) && element.matches(selector)) known.add(element);
  };

  const learnAll = (root) => {
    learn(root);
    for (const element of root.querySelectorAll(selector)) known.add(element);
  };

  const begin = () => {
    observer = new MutationObserver((records) => news.push(...records));
    observer.observe(document, { attributeFilter: ["style", "transform"], childList: true, subtree: true });
    learnAll(document.documentElement);
  };

  // Gives `elements`, all that are transformed, and `written`, all whose style or transform was written to.
  const transformed = () => {
    if (!observer) begin();
    const written = new Set();
    for (const { type, target, addedNodes } of [...news, ...observer.takeRecords()]) {
      if (type === "attributes") written.add(target);
      else for (const node of addedNodes) if (node.nodeType === Node.ELEMENT_NODE) learnAll(node);
    }
    news = [];
    for (const element of written) learn(element);
    for (const element of known) if (!element.isConnected) known.delete(element);
    return { elements: known, written };
  };

  // What `write` writes is not the page's doing.
  const unnoticed = (write) => {
    news.push(...observer.takeRecords());
    const answer = write();
    observer.takeRecords();
    return answer;
  };

  Object.assign(lambda, { transformed, unnoticed });
})();
