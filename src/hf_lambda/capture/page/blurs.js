// Finds what a filter blurs: for each such element the share of the picture that it takes up, and how it looks now.
// A blur of any radius takes Chromium equally long. What only follows from the blurred element's surroundings, as
// the picture behind a backdrop filter, is not looked into.
(() => {
  const BLURRING = /blur\((?!0px\))|drop-shadow\(|url\(/;
  const { innerWidth: width, innerHeight: height } = window;

  const shareOf = ({ left, top, right, bottom }) => {
    const across = Math.min(right, width) - Math.max(left, 0);
    const down = Math.min(bottom, height) - Math.max(top, 0);
    return across > 0 && down > 0 ? (across * down) / (width * height) : 0;
  };

  const found = [];
  try {
    for (const element of document.querySelectorAll("body *")) {
      const { filter, backdropFilter, opacity, transform } = getComputedStyle(element);
      if (!BLURRING.test(filter) && !BLURRING.test(backdropFilter)) continue;
      if (!element.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue;
      const box = element.getBoundingClientRect();
      const share = shareOf(box);
      const look = [box.left, box.top, box.right, box.bottom, filter, backdropFilter, opacity, transform].join();
      if (share) found.push({ share, look });
    }
  } catch {
    // a page that broke what this needs is drawn as others are
  }
  return found;
})();
