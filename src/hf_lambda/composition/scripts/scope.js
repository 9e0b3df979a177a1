// Runs a sub-composition's script so that it sees its own part of the page: its elements, its timeline, its variables.
(() => {
  "use strict";
  if (window.__hfLambdaScope) return;

  const AUTHORED_ID = "data-hf-authored-id";
  // GSAP methods whose first argument says what to animate or read.
  const TAKES_TARGETS = new Set([
    "to", "from", "fromTo", "set", "quickTo", "quickSetter", "getProperty", "getTweensOf", "killTweensOf",
  ]);

  const attribute = (name, value) => `[${name}="${value.replace(/["\\]/g, "\\$&")}"]`;
  const forPattern = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  // Native methods refuse to run on a proxy. Classes are left alone: binding would drop their static members.
  const bindMethod = (owner, value) =>
    typeof value === "function" && value.prototype === undefined ? value.bind(owner) : value;

  /** Finds elements of one mounted composition by the names that its author gave them. */
  function createFinder({ selector, authoredId, runtimeId, movedIds }) {
    const root = document.querySelector(selector);
    const contains = (node) => !root || root.contains(node);
    // Where the content keeps an element with the author's id, that id still means this element.
    const keepsAuthoredId =
      authoredId === runtimeId || !root || root.querySelector(attribute("data-composition-id", authoredId)) !== null;

    const name = forPattern(authoredId);
    const ownId = `\\[\\s*data-composition-id\\s*=\\s*(?:"${name}"|'${name}'|${name})\\s*\\]`;
    const timing = String.raw`\s*\[\s*data-(?:start|duration)\s*=\s*(?:"[^"]*"|'[^']*')\s*\]`;
    const timedId = new RegExp(`${ownId}(?:${timing})+|(?:${timing})+${ownId}`, "g");
    const plainId = new RegExp(ownId, "g");
    const spellings = new Map(movedIds.flatMap((id) => [[id, id], [CSS.escape(id), id]]));
    const names = [...spellings.keys()].sort((one, other) => other.length - one.length).map(forPattern).join("|");
    const movedHash =
      names && new RegExp(`(\\\\.|"(?:\\\\.|[^"\\\\])*"|'(?:\\\\.|[^'\\\\])*'|\\[[^\\]]*\\])|#(${names})(?![\\w-])`, "gs");

    const translate = (query) => {
      let translated = query.replace(timedId, () => selector);
      if (!keepsAuthoredId) translated = translated.replace(plainId, () => selector);
      if (movedHash) {
        translated = translated.replace(movedHash, (_, other, id) => other ?? attribute(AUTHORED_ID, spellings.get(id)));
      }
      return translated;
    };
    const all = (query) =>
      root && typeof query === "string"
        ? Array.from(document.querySelectorAll(translate(query))).filter(contains)
        : document.querySelectorAll(query);
    const one = (query) => all(query)[0] ?? null;
    const byId = (id) => {
      const found = document.getElementById(id);
      if (!root || (found && contains(found))) return found;
      const value = String(id);
      return root.querySelector(attribute(AUTHORED_ID, value)) ?? root.querySelector(attribute("id", value));
    };
    const targets = (value) => {
      if (typeof value === "string") return all(value);
      return Array.isArray(value) ? value.flatMap((item) => (typeof item === "string" ? [...all(item)] : [item])) : value;
    };
    return { root, all, one, byId, targets, translate };
  }

  function scopeDocument(finder) {
    const own = { querySelector: finder.one, querySelectorAll: finder.all, getElementById: finder.byId };
    return new Proxy(document, {
      get: (target, name) => (Object.hasOwn(own, name) ? own[name] : bindMethod(target, Reflect.get(target, name))),
      set: (target, name, value) => Reflect.set(target, name, value),
    });
  }

  function scopeGsap(base, finder) {
    if (!base) return base;
    const scopeTimeline = (timeline) => {
      for (const name of ["to", "from", "fromTo", "set"]) {
        const original = timeline[name];
        timeline[name] = (target, ...rest) => original.call(timeline, finder.targets(target), ...rest);
      }
      return timeline;
    };
    const utils = {
      ...base.utils,
      toArray: (value, ...rest) => base.utils.toArray(finder.targets(value), ...rest),
      selector: (start) => {
        const from = (typeof start === "string" ? finder.one(start) : (start?.current ?? start)) ?? finder.root;
        return (query) =>
          Array.from(document.querySelectorAll(finder.translate(query))).filter((node) => from?.contains(node));
      },
    };
    return new Proxy(base, {
      get: (target, name) => {
        if (name === "utils") return utils;
        if (name === "timeline") return (...args) => scopeTimeline(target.timeline(...args));
        const value = Reflect.get(target, name);
        if (TAKES_TARGETS.has(name)) return (first, ...rest) => value.call(target, finder.targets(first), ...rest);
        return typeof value === "function" ? value.bind(target) : value;
      },
    });
  }

  /** The registry of timelines, where the author's id leads to this mount's own timeline. */
  function scopeTimelines({ authoredId, runtimeId }) {
    let scoped = null;
    let scopedRegistry = null;
    const current = () => {
      const registry = (window.__timelines ??= {});
      if (authoredId === runtimeId) return registry;
      if (scopedRegistry !== registry) {
        scopedRegistry = registry;
        scoped = new Proxy(registry, { get: read, set: write });
      }
      return scoped;
    };
    const isOthers = (registry, timeline) =>
      Object.keys(registry).some((id) => id !== authoredId && registry[id] === timeline);
    const read = (registry, id) => {
      if (id !== authoredId) return registry[id];
      const shared = registry[authoredId];
      return registry[runtimeId] ?? (isOthers(registry, shared) ? undefined : shared);
    };
    const write = (registry, id, timeline) => {
      if (id !== authoredId) return Reflect.set(registry, id, timeline);
      // Also under the author's id, unless another mount of the same file is known by it.
      const shared = registry[authoredId];
      if (shared === undefined || shared === registry[runtimeId]) registry[authoredId] = timeline;
      registry[runtimeId] = timeline;
      return true;
    };
    const replace = (value) => {
      const registry = current();
      if (value && value !== registry && value !== window.__timelines) Object.assign(registry, value);
    };
    return { current, replace };
  }

  function scopeWindow(timelines, hyperframes) {
    return new Proxy(window, {
      get: (target, name) => {
        if (name === "__timelines") return timelines.current();
        if (name === "__hyperframes") return hyperframes;
        return bindMethod(target, Reflect.get(target, name));
      },
      set: (target, name, value) => {
        if (name !== "__timelines") return Reflect.set(target, name, value);
        timelines.replace(value);
        return true;
      },
    });
  }

  const scopeHyperframes = (runtimeId) =>
    window.__hyperframes && {
      ...window.__hyperframes,
      getVariables: () => ({ ...window.__hfVariablesByComp?.[runtimeId] }),
    };

  window.__hfLambdaScope = {
    hyperframes: scopeHyperframes,
    run(scope, prepare) {
      const finder = createFinder(scope);
      const timelines = scopeTimelines(scope);
      const hyperframes = scopeHyperframes(scope.runtimeId);
      const base = typeof gsap === "undefined" ? window.gsap : gsap;
      prepare(
        scopeDocument(finder),
        scopeGsap(base, finder),
        scopeWindow(timelines, hyperframes),
        hyperframes,
        timelines.current(),
      ).call(window);
    },
  };
})();
