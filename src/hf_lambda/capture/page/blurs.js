// Finds what a filter or a shadow blurs: for each such element how many pictures' worth of it is blurred, and how it
// looks now. A filter's blur of any radius takes Chromium equally long, a shadow's but little if it is narrow. What
// only follows from the blurred element's surroundings, as the picture behind a backdrop filter, is not looked into.
(() => {
  const BLURRING = /blur\((?!0px\))|drop-shadow\(|url\(/;
  const SHADOW = /-?[\d.]+px -?[\d.]+px ([\d.]+)px/g;
  const NARROW_PX = 20;
  const SHADOW_COST = 0.5; // of a filter's
  const { innerWidth: width, innerHeight: height } = window;

  const shareOf = ({ left, top, right, bottom }, margin = 0) => {
    const across = Math.min(right + margin, width) - Math.max(left - margin, 0);
    const down = Math.min(bottom + margin, height) - Math.max(top - margin, 0);
    return across > 0 && down > 0 ? (across * down) / (width * height) : 0;
  };

  const hasText = (element) => [...element.childNodes].some(({ nodeType, data }) => nodeType === 3 && data.trim());

  // Children inherit a shadow of text.
  const radiiOf = (element, { boxShadow, textShadow }) => {
    const shadows = textShadow !== "none" && hasText(element) ? `${boxShadow},${textShadow}` : boxShadow;
    return [...shadows.matchAll(SHADOW)].map(([, radius]) => Number(radius)).filter((radius) => radius >= NARROW_PX);
  };

  // The elements of an SVG's filter, which may change where its user does not.
  const definitionOf = (filter) => {
    const id = filter.match(/url\("#([^"]+)"\)/)?.[1];
    return id && document.getElementById(id)?.outerHTML;
  };

  const found = [];
  try {
    for (const element of document.querySelectorAll("body *")) {
      const style = getComputedStyle(element);
      const { filter, backdropFilter, opacity, transform, boxShadow, textShadow } = style;
      const radii = radiiOf(element, style);
      const isFiltered = BLURRING.test(filter) || BLURRING.test(backdropFilter);
      if (!isFiltered && !radii.length) continue;
      if (!element.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue;
      const box = element.getBoundingClientRect();
      const shares = [isFiltered ? shareOf(box) : 0, ...radii.map((radius) => SHADOW_COST * shareOf(box, radius))];
      const share = shares.reduce((sum, one) => sum + one);
      const place = [box.left, box.top, box.right, box.bottom, opacity, transform];
      const look = [...place, filter, definitionOf(filter), backdropFilter, boxShadow, textShadow].join();
      if (share) found.push({ share, look });
    }
  } catch {
    // a page that broke what this needs is drawn as others are
  }
  return found;
})();
