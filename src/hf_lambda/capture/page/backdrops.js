// Keeps gradients, masks and filters from being painted anew in each frame because something moves before them: 10 ms
// for each gradient that fills the picture. Two boxes that nobody sees are put between. The first has a layer of its
// own, so that what is painted after it cannot share a layer with what is before. The second gathers all that comes
// after in one layer, which lies at whole pixels and is never scaled or turned: what is alone in a layer would be turned
// as a picture is, and blurred. Both are pseudo-elements, which no script of the author's comes across.
//
// Faint colours would lose steps in a layer of their own, so a layer begins only where words and pictures do: after all
// that adorns the ground below them. Where that may be is settled when the page is loaded, and where it is in a frame
// depends on nothing but what the page is like then; so no frame depends on those before.
(() => {
  const lambda = window.__hfLambda;
  if (!lambda) return;
  const { settings, shareOf, styleRules } = lambda;
  const attribute = "data-hf-lambda-parted";
  const holders = "div,section,main,article,header,footer,aside,nav,figure,span";
  const leastShare = 0.25; // of the picture
  const leastWork = 0.5; // of a gradient that fills the picture: a layer more costs as much
  const leastFaintShare = 0.1;
  const most = 4; // each takes the memory of a layer
  const pictures = "img,svg,canvas,video,iframe,input";
  // Where what is on its way into the picture may still be; whole tiles of flags.py, or there would be more of them.
  const margins = ["-2048px 0", "2048px 0", "0 -2176px", "0 2176px"];
  const css = `
    [${attribute}]::before, [${attribute}]::after { all: initial !important; content: "" !important;
      position: absolute !important; inset: 0 !important; background: rgb(0 0 0 / 0.001) !important }
    [${attribute}]::before { will-change: opacity !important }
    [${attribute}]::after { box-shadow: ${margins.map((margin) => `${margin} rgb(0 0 0 / 0.001)`)} !important }
    [${attribute}="inside"] { isolation: isolate !important }
    [${attribute}="inside"]::before { z-index: -2 !important }
    [${attribute}="inside"]::after { z-index: -1 !important }`;
  const ofPseudo = /::?(before|after)\s*$/;
  const outsideBrackets = /,(?![^(]*\))/;
  let grounds = []; // for each the elements that may hold the boxes after it, the last of which is best
  let withPseudos = []; // selectors of elements that the author gives pseudo-elements

  // What it takes to paint it where it fills the picture, in gradients.
  const workOf = ({ backgroundImage, maskImage, filter }) =>
    backgroundImage.split("gradient(").length - 1 + (maskImage === "none" ? 0 : 2) + (filter === "none" ? 0 : 4);

  // Whether it has colours of its own through which others are seen.
  const isFaint = ({ backgroundColor, backgroundImage, maskImage, filter, opacity }) => {
    const colours = `${backgroundColor} ${backgroundImage}`;
    if (colours === "rgba(0, 0, 0, 0) none") return false;
    return /rgba\(|\/ [\d.]+\)/.test(backgroundImage) || maskImage !== "none" || filter !== "none" || opacity !== "1";
  };

  const pathOf = (element) => (element ? [element, ...pathOf(element.parentElement)] : []);

  // Whether what is in it is painted straight onto what lies behind, unless it is translucent.
  const isFlat = (style) =>
    style.mixBlendMode === "normal" &&
    style.transformStyle === "flat" &&
    ["filter", "backdropFilter", "maskImage", "clipPath", "perspective"].every((name) => style[name] === "none");

  const isOpaque = ({ opacity }) => opacity === "1";

  const isStacking = (style) =>
    style.zIndex !== "auto" ||
    style.isolation === "isolate" ||
    style.transform !== "none" ||
    /paint|layout|strict|content/.test(style.contain) ||
    !isOpaque(style) ||
    !isFlat(style);

  const findPseudos = () => {
    const rules = [...document.styleSheets].flatMap((sheet) => [...styleRules(sheet)]);
    const selectors = rules.filter(({ style }) => style.content).flatMap(({ selector = "" }) => selector.split(outsideBrackets));
    return selectors.filter((one) => ofPseudo.test(one)).map((one) => one.replace(ofPseudo, "") || "*");
  };

  const hasPseudos = (element) =>
    withPseudos.some((selector) => {
      try {
        return element.matches(selector);
      } catch {
        return true; // words that are no selector without their end
      }
    });

  // Whether nothing is painted on the page but what is in it.
  const isAll = (element) => {
    const path = pathOf(element);
    const isRest = (other) => path.includes(other) || !other.getClientRects().length;
    return path.slice(1).every((parent) => !hasPseudos(parent) && [...parent.children].every(isRest));
  };

  // Whether it is a stacking context, or would look the same as one.
  const canStack = (element, style, inner) => {
    if (isStacking(style)) return true;
    const levels = inner.map(({ zIndex }) => zIndex).filter((zIndex) => zIndex !== "auto");
    return levels.every((level) => level === "0") || (levels.every((level) => level >= 0) && isAll(element));
  };

  const isContent = (element) =>
    element.matches(pictures) || [...element.childNodes].some(({ nodeType, data }) => nodeType === Node.TEXT_NODE && data.trim());

  // Goes through elements in the order in which they are painted, unless they have a z-index; that may cost time, but
  // changes nothing.
  const findGrounds = () => {
    const styles = new Map([...document.body.querySelectorAll("*")].map((one) => [one, getComputedStyle(one)]));
    // What blends does so with all that is below it in its stacking context, which must stay one layer.
    const blending = [...styles].filter(([, { mixBlendMode }]) => mixBlendMode !== "normal").map(([element]) => element);
    const blended = blending.map(({ parentElement }) => pathOf(parentElement).find((one) => isStacking(getComputedStyle(one))));

    const mayPart = (element, style) => {
      if (style.position === "static" || !element.matches(holders)) return false;
      if (blended.some((group) => !group || group.contains(element))) return false;
      if (!pathOf(element).every((one) => isFlat(getComputedStyle(one)))) return false;
      const inner = [...element.querySelectorAll("*")].map((one) => styles.get(one));
      return !element.hasChildNodes() || canStack(element, style, inner);
    };

    const found = [];
    let ground = { work: 0, holders: [] };
    for (const [element, style] of styles) {
      const share = shareOf(element.getBoundingClientRect());
      ground.work += workOf(style) * share;
      if (share >= leastFaintShare && isFaint(style)) ground.holders = [];
      if (ground.work >= leastWork && share >= leastShare && mayPart(element, style)) ground.holders.push(element);
      if (!isContent(element)) continue;
      if (ground.holders.length) found.push(ground.holders);
      ground = { work: 0, holders: [] };
    }
    return found.slice(0, most);
  };

  const prepareBackdrops = () => {
    if (!settings.partsBackdrops) return;
    try {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(css);
      document.adoptedStyleSheets.push(sheet);
      withPseudos = findPseudos();
      grounds = findGrounds();
    } catch {
      // a page that broke what this needs is painted whole
    }
  };

  // Whether it lies at whole pixels, as large as it was laid out.
  const isInPlace = (element) => {
    const { left, top, width, height } = element.getBoundingClientRect();
    const isWhole = Number.isInteger(left) && Number.isInteger(top);
    return isWhole && width === element.offsetWidth && height === element.offsetHeight;
  };

  const isPartedNow = (element) => {
    if (!isInPlace(element) || hasPseudos(element)) return false;
    return pathOf(element).every((one) => {
      const style = getComputedStyle(one);
      return isOpaque(style) && isFlat(style);
    });
  };

  const partBackdrops = () => {
    for (const elements of grounds) {
      const holder = elements.findLast(isPartedNow);
      for (const element of elements) {
        if (element !== holder) element.removeAttribute(attribute);
        else if (!element.hasAttribute(attribute)) element.setAttribute(attribute, element.hasChildNodes() ? "inside" : "after");
      }
    }
  };

  Object.assign(lambda, { prepareBackdrops, partBackdrops });
})();
