// Knows which elements have a transform of their own, in their style or as an SVG's attribute, and which were found or
// written to since it was last asked. The browser tells: to look for them in each frame would cost as much as to draw
// them, because Blink first writes out the whole style of each that was changed. It does not tell of what a script
// does to an SVG's `transform.baseVal`.
(() => {
  const lambda = window.__hfLambda;
  if (!lambda) return;
  const selector = '[style*="transform"],[style*="translate"],[style*="scale"],[style*="rotate"],svg [transform]';
  const known = new Set();
  let written = new Set();
  let observer = null;

  const add = (element) => {
    if (known.has(element)) return;
    known.add(element);
    written.add(element);
  };

  const learn = (element) => {
    if (element.matches(selector)) add(element);
  };

  const learnAll = (root) => {
    learn(root);
    for (const element of root.querySelectorAll(selector)) add(element);
  };

  const note = (records) => {
    for (const { type, target, addedNodes } of records) {
      if (type === "attributes") written.add(target);
      else for (const node of addedNodes) if (node.nodeType === Node.ELEMENT_NODE) learnAll(node);
    }
  };

  const begin = () => {
    observer = new MutationObserver(note);
    observer.observe(document, { attributeFilter: ["style", "transform"], childList: true, subtree: true });
    learnAll(document.documentElement);
  };

  // Gives `elements`, all that are transformed, and `written`, all that are new among them or whose style or transform
  // was written to.
  const transformed = () => {
    if (!observer) begin();
    note(observer.takeRecords());
    for (const element of written) learn(element);
    for (const element of known) if (!element.isConnected) known.delete(element);
    const answer = { elements: known, written };
    written = new Set();
    return answer;
  };

  // What `write` writes is not the page's doing.
  const unnoticed = (write) => {
    note(observer.takeRecords());
    const answer = write();
    observer.takeRecords();
    return answer;
  };

  Object.assign(lambda, { transformed, unnoticed });
})();
