// Finds the characters of a page's text, shown or hidden, that no font has a glyph for.
//
// A character without a glyph is drawn as its font's empty box, like every other one. So each is drawn beside a
// code point that no font can have; equal pictures mean that there is no glyph.
(async () => {
  const SIZE = 32;
  const MOST_CHARACTERS = 1500;
  const PATIENCE_MS = 5000;
  const { bounded } = __hfLambda;
  const UNUSED = "\u{10fffd}";
  const skipped = /^(SCRIPT|STYLE|TEMPLATE|TITLE|NOSCRIPT|TEXTAREA)$/;
  // What joins, directs or separates is drawn as nothing, with or without a glyph.
  const invisible = /[\p{Cc}\p{Cf}\p{Zs}\p{Zl}\p{Zp}\p{Mn}\p{Me}\p{Default_Ignorable_Code_Point}\u2800]/u;
  const canvas = new OffscreenCanvas(2 * SIZE, 2 * SIZE);
  const context = canvas.getContext("2d", { willReadFrequently: true });

  const draw = (font, text) => {
    context.clearRect(0, 0, canvas.width, canvas.height);
    context.font = font;
    context.fillText(text, SIZE / 2, SIZE * 1.4);
    return new Uint32Array(context.getImageData(0, 0, canvas.width, canvas.height).data.buffer);
  };
  const isEqual = (a, b) => a.every((value, index) => value === b[index]);

  const wanted = new Map();
  let count = 0;
  const walker = document.createTreeWalker(document, NodeFilter.SHOW_TEXT);
  while (walker.nextNode() && count < MOST_CHARACTERS) {
    const element = walker.currentNode.parentElement;
    const text = walker.currentNode.data;
    if (!element || element.closest("head") || skipped.test(element.tagName) || !/[^\0-\x7f]/.test(text)) {
      continue;
    }
    const style = getComputedStyle(element);
    const font = `${style.fontStyle} ${style.fontWeight} ${SIZE}px ${style.fontFamily}`;
    if (!wanted.has(font)) {
      wanted.set(font, new Set());
    }
    for (const { segment } of new Intl.Segmenter().segment(text)) {
      // A cluster may need several glyphs or one; only single characters can be told apart by their picture.
      const character = [...segment][0];
      if (character > "\x7f" && !invisible.test(character) && !wanted.get(font).has(character)) {
        wanted.get(font).add(character);
        count += 1;
      }
    }
  }

  const missing = new Set();
  for (const [font, characters] of wanted) {
    // The primary font too: while it is on its way, nothing is drawn at all.
    const loading = document.fonts.load(font, `A${[...characters].join("")}`);
    let isLoaded = false;
    await bounded("fonts of characters", loading.then(() => (isLoaded = true)), PATIENCE_MS);
    if (!isLoaded) {
      continue; // a file that does not load is another complaint
    }
    if (!draw(font, "A").some(Boolean)) {
      continue; // such a canvas proves nothing
    }
    const box = draw(font, UNUSED);
    for (const character of characters) {
      if (isEqual(draw(font, character), box)) {
        missing.add(character);
      }
    }
  }
  return [...missing];
})().catch(() => []) // a page that broke what this needs gets no advice
