// What the plan asks of a page about sound: its groups, and the volumes that scripts give to media elements.
(() => {
  const lambda = window.__hfLambda;
  if (!lambda) return;
  const { runtimePath } = lambda.settings;
  const native = Object.getOwnPropertyDescriptor(HTMLMediaElement.prototype, "volume");
  const authored = new WeakMap();
  let timesSet = 0;
  const number = (text) => {
    const value = Number.parseFloat(text ?? "");
    return Number.isFinite(value) ? value : null;
  };

  // The runtime writes volumes too, for its preview: only what others write is the author's.
  const isRuntime = () => (new Error().stack.split("\n")[3] ?? "").includes(runtimePath);

  // Authors may go beyond 1, which elements cannot hold.
  Object.defineProperty(HTMLMediaElement.prototype, "volume", {
    ...native,
    get() {
      return authored.get(this) ?? number(this.dataset.volume) ?? native.get.call(this);
    },
    set(value) {
      const volume = Number(value);
      if (!isRuntime() && Number.isFinite(volume)) {
        authored.set(this, volume);
        timesSet += 1;
      }
      native.set.call(this, Math.max(0, Math.min(1, volume)));
    },
  });

  // The volumes of elements, known by their render ids, at ascending times: for each time, and whether the author's
  // scripts set any volume on the way there, be it to the same as before.
  const volumes = (keys, times) => {
    const elements = keys.map((key) => document.querySelector(`[data-hf-render-id="${CSS.escape(key)}"]`));
    const attributes = new MutationObserver(() => {});
    for (const element of elements) {
      if (element) attributes.observe(element, { attributes: true, attributeFilter: ["data-volume"] });
    }
    const samples = times.map((seconds) => {
      timesSet = 0;
      window.__hf.seek(seconds);
      const wasSet = timesSet + attributes.takeRecords().length > 0;
      return { volumes: elements.map((element) => element?.volume ?? null), wasSet };
    });
    attributes.disconnect();
    return samples;
  };

  const audioGroups = () =>
    [...document.querySelectorAll("hf-audio-group[id]")].map((element) => ({
      id: element.id,
      volume: number(element.dataset.volume) ?? 1,
      hidden: element.closest("[data-hidden]") !== null,
      automation: element.dataset.automation || null,
      fxChain: element.dataset.fxChain || null,
    }));

  Object.assign(lambda, { audioGroups, volumes });
})();
