// What a page loads by itself and late: fonts, images, pictures of styles, Lottie files. And what could not be loaded.
(() => {
  const lambda = window.__hfLambda;
  if (!lambda) return;
  const { styleRules } = lambda;
  const characters = () => {
    const found = new Set(Array.from({ length: 95 }, (_, index) => String.fromCharCode(32 + index)));
    const walker = document.createTreeWalker(document.documentElement, NodeFilter.SHOW_TEXT, (node) =>
      /^(SCRIPT|STYLE|TEMPLATE)$/.test(node.parentNode?.nodeName) ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_ACCEPT,
    );
    while (walker.nextNode()) for (const character of walker.currentNode.data) found.add(character);
    return [...found].join("");
  };

  // Fonts load when text first needs them, which is too late for the frame that shows it:
  // every element's font is loaded up front, also of those that are hidden now.
  const loadFonts = async () => {
    if (!document.fonts.size) return;
    const wanted = new Set();
    for (const element of document.querySelectorAll("body, body *")) {
      const style = getComputedStyle(element);
      wanted.add(`${style.fontStyle} ${style.fontWeight} 16px ${style.fontFamily}`);
    }
    const text = characters();
    await Promise.allSettled([...wanted].map((font) => document.fonts.load(font, text)));
    await document.fonts.ready;
  };

  const addresses = /url\(\s*(?!["']?#|""|''|\))(["']?)(.+?)\1\s*\)/g;
  const picturesIn = (css) => [...css.matchAll(addresses)].map(([, , address]) => address);

  const fetchPicture = (address, base, crossOrigin) =>
    new Promise((done) => {
      const image = new Image();
      const src = URL.parse(address, base)?.href ?? "";
      Object.assign(image, { crossOrigin, onload: () => done(image), onerror: () => done(image), src });
    });

  // Gives promises for images of what `css` names: as long as they are kept, Blink has it in memory. Masks and shapes have
  // only what was fetched as they are, across origins.
  const fetchPictures = (css, base = document.baseURI) =>
    (/mask|shape/.test(css) ? [null, "anonymous"] : [null]).flatMap((crossOrigin) =>
      picturesIn(css).map((address) => fetchPicture(address, base, crossOrigin)),
    );

  // Pictures of rules are fetched when a rule first applies, which is too late for the frame that shows them.
  const kept = [];
  const keepPictures = () =>
    [...document.styleSheets]
      .flatMap((sheet) => [...styleRules(sheet)])
      .filter(({ style }) => style.cssText.includes("url(") && !(style.parentRule instanceof CSSFontFaceRule))
      .flatMap(({ style }) => fetchPictures(style.cssText, style.parentRule.parentStyleSheet.href ?? undefined))
      .map(async (picture) => kept.push(await picture));

  const loadImages = () => {
    const images = [...document.images];
    for (const image of images) image.loading = "eager";
    return Promise.allSettled([...images.map((image) => image.decode()), ...keepPictures()]);
  };

  const lottieAnimations = () => [
    ...(window.__hfLottie ?? []),
    ...(window.lottie?.getRegisteredAnimations?.() ?? []),
  ];

  const findings = () => {
    const broken = [...document.images].filter((image) => image.complete && image.src && !image.naturalWidth);
    const faces = [...document.fonts].filter((face) => face.status === "error");
    const hidden = window.__HF_VIRTUAL_TIME__.shadowTrees().filter((tree) => tree.querySelector("video"));
    return [
      ...broken.map((image) => `image could not be shown: ${image.getAttribute("src")}`),
      ...faces.map((face) => `font could not be loaded: ${face.family} ${face.weight}`),
      ...hidden.map(({ host }) => `a video in the shadow tree of <${host.localName}> is not shown: put it into the page`),
    ];
  };

  Object.assign(lambda, { loadFonts, loadImages, picturesIn, fetchPictures, lottieAnimations, findings });
})();
