// Gives each media element the key by which the plan's page and every chunk's know it.
(() => {
  const lambda = window.__hfLambda;
  if (!lambda) return;
  const keys = new WeakMap();

  // What a script makes has no key, or that of what it is a copy of: such elements are numbered in document order.
  const nameMedia = () => {
    const elements = [...document.querySelectorAll("video, audio")];
    const taken = new Set(elements.map((element) => keys.get(element)));
    for (const element of elements) {
      if (keys.has(element)) continue;
      const base = element.dataset.hfRenderId || element.id || `hf-live-${element.localName}`;
      let key = base;
      for (let copy = 2; taken.has(key); copy += 1) key = `${base}__hf${copy}`;
      element.dataset.hfRenderId = key;
      keys.set(element, key);
      taken.add(key);
    }
  };

  Object.assign(lambda, { nameMedia });
})();
