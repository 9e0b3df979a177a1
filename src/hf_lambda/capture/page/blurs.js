// Finds what a filter or a shadow blurs: for each such element how many pictures' worth of it is blurred, and how it
// looks now, with all that is blurred with it: what a filtered element holds, and what lies behind a backdrop filter. A
// filter's blur of any radius takes Chromium equally long, a shadow's but little if it is narrow.
(() => {
  const BLURRING = /blur\((?!0px\))|drop-shadow\(|url\(/;
  const SHADOW = /-?[\d.]+px -?[\d.]+px ([\d.]+)px/g;
  const NARROW_PX = 20;
  const SHADOW_COST = 0.5; // of a filter's
  const { shareOf } = window.__hfLambda;

  const textsOf = (element) => [...element.childNodes].filter(({ nodeType }) => nodeType === Node.TEXT_NODE);
  const textOf = (element) => textsOf(element).map(({ data }) => data).join("");

  // Children inherit a shadow of text.
  const radiiOf = (element, { boxShadow, textShadow }) => {
    const shadows = textShadow !== "none" && textOf(element).trim() ? `${boxShadow},${textShadow}` : boxShadow;
    return [...shadows.matchAll(SHADOW)].map(([, radius]) => Number(radius)).filter((radius) => radius >= NARROW_PX);
  };

  // The elements of an SVG's filter, which may change where its user does not.
  const definitionOf = (filter) => {
    const id = filter.match(/url\("#([^"]+)"\)/)?.[1];
    return id && document.getElementById(id)?.outerHTML;
  };

  // How far each element is that the browser animates.
  const progressOfAll = () => {
    const progress = new Map();
    for (const { effect } of document.getAnimations()) {
      const { target } = effect ?? {};
      if (target) progress.set(target, [...(progress.get(target) ?? []), effect.getComputedTiming().progress]);
    }
    return progress;
  };

  const digest = (values) => {
    const text = values.join();
    let sum = 0;
    for (let at = 0; at < text.length; at++) sum = (Math.imul(sum, 31) + text.charCodeAt(at)) | 0;
    return sum;
  };

  const remembering = (make) => {
    const known = new Map();
    return (element) => {
      if (!known.has(element)) known.set(element, make(element));
      return known.get(element);
    };
  };

  const touch = (one, other) =>
    one.left < other.right && one.right > other.left && one.top < other.bottom && one.bottom > other.top;

  const find = () => {
    const all = [...document.querySelectorAll("body *")];
    const progress = progressOfAll();
    const boxOf = remembering((element) => element.getBoundingClientRect());

    // What is written of an element and where it is; what a canvas or a video shows may be something else at any time.
    const lookOf = remembering((element) => {
      const { left, top, right, bottom } = boxOf(element);
      const written = [...element.attributes].map(({ value }) => value);
      const time = element.matches("canvas, video") ? performance.now() : "";
      return digest([left, top, right, bottom, ...written, textOf(element), progress.get(element), time]);
    });

    const found = [];
    for (const [index, element] of all.entries()) {
      const style = getComputedStyle(element);
      const { filter, backdropFilter } = style;
      const radii = radiiOf(element, style);
      const isFiltered = BLURRING.test(filter);
      const isGlass = BLURRING.test(backdropFilter);
      if (!isFiltered && !isGlass && !radii.length) continue;
      if (!element.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue;
      const box = boxOf(element);
      const { backgroundImage, backgroundPosition, boxShadow, opacity, textShadow, transform } = style;
      const shares = [isFiltered || isGlass ? shareOf(box) : 0, ...radii.map((one) => SHADOW_COST * shareOf(box, one))];
      const share = shares.reduce((sum, one) => sum + one);
      if (!share) continue;
      const held = isFiltered ? [element, ...element.querySelectorAll("*")] : [];
      const behind = isGlass ? all.slice(0, index).filter((other) => touch(boxOf(other), box)) : [];
      const place = [box.left, box.top, box.right, box.bottom, opacity, transform];
      const effects = [filter, definitionOf(filter), backdropFilter, boxShadow, textShadow];
      const text = textShadow === "none" ? "" : textOf(element);
      const others = digest([...held, ...behind].map(lookOf));
      found.push({ share, look: [...place, ...effects, backgroundImage, backgroundPosition, text, others].join() });
    }
    return found;
  };

  try {
    return find();
  } catch {
    return []; // a page that broke what this needs is drawn as others are
  }
})();
