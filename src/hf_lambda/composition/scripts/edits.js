// Puts elements where the studio's user dragged them. Animations write the same properties, so it happens after each
// seek: the renderer calls `apply` with the time in seconds.
(() => {
  "use strict";
  const number = (text) => Number.parseFloat(text) || 0;
  const withoutNone = (text) => (text === "none" ? "" : text.trim());

  /** Splits at spaces that lie outside of parentheses. */
  const splitTerms = (text) => text.match(/(?:[^\s()]+|\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\))+/g) ?? [];

  /** A translation that adds x and y to what the author had. */
  const addToTranslate = (original, x, y) => {
    const [first, second, third] = splitTerms(withoutNone(original ?? ""));
    if (first === undefined) return `${x} ${y}`;
    const vertical = second === undefined ? y : `calc(${second} + ${y})`;
    return [`calc(${first} + ${x})`, vertical, third].filter(Boolean).join(" ");
  };

  const shifted = new Map();

  /** An element that was moved by data-x and data-y away from its base. */
  const applyShift = (element) => {
    const before = shifted.get(element);
    // Where a script of the page has moved it since, that script has the last word.
    if (before !== undefined && element.style.translate !== before.applied) return;
    const original = before?.original ?? readOriginal(element);
    const shift = (axis) =>
      number(element.getAttribute(`data-${axis}`)) - number(element.getAttribute(`data-hf-edit-base-${axis}`));
    element.style.translate = addToTranslate(original, `${shift("x")}px`, `${shift("y")}px`);
    shifted.set(element, { original, applied: element.style.translate });
  };

  const readOriginal = (element) => {
    const authored = element.getAttribute("data-hf-edit-original-translate");
    const original = authored ?? withoutNone(element.style.translate || getComputedStyle(element).translate);
    // GSAP takes a translation that it finds for its own; it must look before there is one.
    window.gsap?.getProperty?.(element, "x");
    return original;
  };

  /** GSAP's own shift would come on top of the one that replaces it. */
  const dropShiftFromTransform = (element) => {
    const { transform } = element.style;
    if (!transform || transform === "none") return;
    const matrix = new DOMMatrix(transform);
    if (matrix.m41 === 0 && matrix.m42 === 0) return;
    matrix.m41 = 0;
    matrix.m42 = 0;
    element.style.transform = matrix.isIdentity ? "" : matrix.toString();
  };

  const variable = (element, name) => element.style.getPropertyValue(`--hf-studio-${name}`);

  const applyOffset = (element) => {
    if (!variable(element, "offset-x") && !variable(element, "offset-y")) return;
    element.style.translate = addToTranslate(
      element.getAttribute("data-hf-studio-original-translate"),
      "var(--hf-studio-offset-x, 0px)",
      "var(--hf-studio-offset-y, 0px)",
    );
    dropShiftFromTransform(element);
  };

  const applySize = (element) => {
    for (const side of ["width", "height"]) {
      const value = variable(element, side);
      if (value) element.style.setProperty(side, value);
    }
  };

  const applyRotation = (element) => {
    if (!variable(element, "rotation")) return;
    const rotation = "var(--hf-studio-rotation, 0deg)";
    const original = (element.getAttribute("data-hf-studio-original-rotate") ?? "").trim();
    const isAngle = /^-?(\d+(\.\d+)?|\.\d+)(deg|rad|turn|grad)$/.test(original);
    element.style.rotate = isAngle ? `calc(${original} + ${rotation})` : rotation;
    dropShiftFromTransform(element);
  };

  let motion = null;

  const addMotion = (timeline, element) => {
    const { start, duration, ease, from, to, customEase } = JSON.parse(element.getAttribute("data-hf-studio-motion"));
    if (!Number.isFinite(start) || !Number.isFinite(duration) || duration <= 0) return;
    let easing = typeof ease === "string" ? ease : "none";
    if (customEase?.id && customEase.data && window.CustomEase?.create) {
      window.gsap.registerPlugin?.(window.CustomEase);
      window.CustomEase.create(customEase.id, customEase.data);
      easing = customEase.id;
    }
    const target = { ...to, duration, ease: easing, overwrite: "auto", immediateRender: false };
    timeline.fromTo(element, { ...from }, target, start);
  };

  const createMotion = () => {
    const timeline = window.gsap.timeline({ paused: true, defaults: { overwrite: "auto" } });
    for (const element of document.querySelectorAll("[data-hf-studio-motion]")) {
      try {
        addMotion(timeline, element);
      } catch (error) {
        console.error(`data-hf-studio-motion of ${element.id || element.tagName}:`, error);
      }
    }
    return timeline;
  };

  const applyMotion = (seconds) => {
    if (!window.gsap || !document.querySelector("[data-hf-studio-motion]")) return;
    motion ??= createMotion();
    motion.totalTime(seconds, false);
  };

  const forEach = (selector, visit) => document.querySelectorAll(selector).forEach(visit);

  window.__hfLambdaEdits = {
    apply(seconds) {
      forEach("[data-hf-edit-base-x],[data-hf-edit-base-y]", applyShift);
      forEach('[data-hf-studio-path-offset="true"]', applyOffset);
      forEach('[data-hf-studio-box-size="true"]', applySize);
      forEach('[data-hf-studio-rotation="true"]', applyRotation);
      applyMotion(seconds); // last: its own shift is meant
    },
  };
})();
