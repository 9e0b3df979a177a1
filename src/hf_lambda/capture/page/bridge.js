// What the renderer calls in the page: `ready` once, then `frame` for every picture.
// SETTINGS is replaced by a JSON object: {fps, variables, readyMs}.
(() => {
  if (window !== window.top) return;
  const settings = SETTINGS;
  const pollMs = 4;
  const lateTimelineMs = 5000;
  const lateDurationMs = 2000;
  const frameMs = Math.min(settings.readyMs, 20000);

  window.__hf = {};
  window.__hfFlushSync = () => {};
  window.__HF_RENDER_CAPTURE_MODE = true;
  window.__HF_EXPORT_RENDER_SEEK_CONFIG = {
    mode: "preview-phase",
    diagnostics: false,
    step: 1 / 120,
    offsetFraction: 0.5,
    fps: settings.fps,
    fpsSource: "render-options",
    owner: "runtime",
  };
  if (Object.keys(settings.variables).length) window.__hfVariables = settings.variables;

  const { realNow } = window.__HF_VIRTUAL_TIME__;
  const sleep = () => new Promise((resolve) => setTimeout(resolve, pollMs));
  const waiting = new Set();

  // Waits for `isDone`; gives false when the time is up. What is waited for shows in error messages.
  const until = async (what, isDone, limitMs) => {
    const end = realNow() + limitMs;
    waiting.add(what);
    while (!isDone()) {
      if (realNow() >= end) return false;
      await sleep();
    }
    waiting.delete(what);
    return true;
  };

  const bounded = async (what, promise, limitMs) => {
    let settled = false;
    promise.catch(() => {}).then(() => (settled = true));
    return until(what, () => settled, limitMs);
  };

  const declaredDuration = () => {
    const find = (selector) => document.querySelector(selector)?.dataset;
    const root = find('[data-composition-id][data-root="true"]') ?? find("[data-composition-id]") ?? {};
    const declared = [root.duration, root.compositionDuration].map(Number).find((seconds) => seconds > 0);
    if (declared) return declared;
    const ends = [...document.querySelectorAll("[data-composition-src],[data-composition-file]")].map(
      (host) => Number(host.dataset.start || 0) + Number(host.dataset.duration || NaN),
    );
    return Math.max(0, ...ends.filter(Number.isFinite));
  };

  const duration = () => {
    if (window.__hfTimelinesBuilding || !window.__renderReady) return 0;
    const played = window.__player.getDuration();
    return played > 0 ? played : declaredDuration();
  };

  const forEachFrame = (view, visit) => {
    for (let index = 0; index < view.length; index += 1) {
      try {
        visit(view[index]);
        forEachFrame(view[index], visit);
      } catch {
        // a frame of another origin keeps its own time
      }
    }
  };

  const seek = (seconds, options) => {
    window.__player.renderSeek(seconds, options);
    const toTime = (view) => view.__HF_VIRTUAL_TIME__?.seekToTime(seconds * 1000);
    toTime(window);
    forEachFrame(window, toTime);
  };

  // A composition is going to have a timeline where a script of the page assigns one to its id.
  const missingTimelines = () => {
    const scripts = [...document.scripts].map((script) => script.textContent).join("\n");
    return [...document.querySelectorAll("[data-composition-id]:not([data-no-timeline])")]
      .filter((element) => !window.__timelines?.[element.dataset.compositionId])
      .map((element) => element.dataset.hfOriginalCompositionId ?? element.dataset.compositionId)
      .filter((id) => {
        const name = id.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
        const key = `(\\[\\s*["'\`]${name}["'\`]\\s*\\]|\\.${name})`;
        return new RegExp(`__timelines\\s*${key}\\s*=[^=]`).test(scripts);
      });
  };

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

  const loadImages = () => {
    const images = [...document.images];
    for (const image of images) image.loading = "eager";
    return Promise.allSettled(images.map((image) => image.decode()));
  };

  const lottieAnimations = () => [
    ...(window.__hfLottie ?? []),
    ...(window.lottie?.getRegisteredAnimations?.() ?? []),
  ];

  const findings = () => {
    const broken = [...document.images].filter((image) => image.complete && image.src && !image.naturalWidth);
    const faces = [...document.fonts].filter((face) => face.status === "error");
    return [
      ...broken.map((image) => `image could not be shown: ${image.getAttribute("src")}`),
      ...faces.map((face) => `font could not be loaded: ${face.family} ${face.weight}`),
    ];
  };

  // Waits until the page can be seeked. The answer says so, or what is still waited for.
  const ready = async () => {
    const end = realNow() + settings.readyMs;
    const left = () => end - realNow();
    const warnings = [];
    const warnUnless = (isDone, text) => isDone || warnings.push(text);
    const unready = () => ({ ready: false, waiting: [...waiting], duration: 0, warnings });

    if (!(await until("the document", () => document.readyState !== "loading", left()))) return unready();
    if (!(await until("the HyperFrames player", () => window.__player?.renderSeek, left()))) return unready();
    Object.assign(window.__hf, { seek });
    Object.defineProperty(window.__hf, "duration", { get: duration, configurable: true });
    if (!(await until("the composition's timelines", () => window.__renderReady, left()))) return unready();
    warnUnless(
      await until("late timelines", () => !missingTimelines().length, Math.min(lateTimelineMs, left())),
      `no timeline was registered for ${missingTimelines().join(", ")}`,
    );
    // Read before the rebind: for a page without GSAP the rebind forgets it.
    await until("the composition's duration", () => duration() > 0, Math.min(lateDurationMs, left()));
    const seconds = duration();
    window.__hfForceTimelineRebind?.();

    const [resources, images, animated, fonts, lottie, tailwind] = await Promise.all([
      until("resources", () => document.readyState === "complete", left()),
      bounded("images", loadImages(), left()),
      bounded("animated images", window.__hfLambdaAnimated.prepare(), left()),
      bounded("fonts", loadFonts(), left()),
      until("Lottie animations", () => lottieAnimations().every((item) => item.isLoaded !== false), left()),
      bounded("Tailwind", Promise.resolve(window.__tailwindReady), left()),
    ]);
    if (!tailwind) return unready();
    warnUnless(resources, "some resources were still loading when the page was rendered");
    warnUnless(images, "some images were still loading when the page was rendered");
    warnUnless(animated, "some animated images were still loading when the page was rendered");
    warnUnless(fonts, "some fonts were still loading when the page was rendered");
    warnUnless(lottie, "some Lottie animations were still loading when the page was rendered");
    return {
      ready: true,
      waiting: [],
      duration: Number.isFinite(seconds) ? seconds : null,
      warnings: [...warnings, ...findings()],
    };
  };

  const backgrounds = new Set();

  // Pictures that this seek brought into the page: nothing else waits for them.
  const newPictures = () => {
    const pending = [...document.images].filter((image) => !image.complete).map((image) => image.decode());
    for (const element of document.querySelectorAll('[style*="url("]')) {
      for (const [, url] of element.style.backgroundImage.matchAll(/url\("([^"]+)"\)/g)) {
        if (backgrounds.has(url)) continue;
        backgrounds.add(url);
        const image = new Image();
        image.src = url;
        pending.push(image.decode());
      }
    }
    return pending;
  };

  const settle = async (pending) => {
    const end = realNow() + frameMs;
    const pictures = await bounded("pictures of a frame", Promise.allSettled(pending), frameMs);
    document.body?.offsetHeight;
    const fonts = await bounded("fonts of a frame", document.fonts.ready, end - realNow());
    if (!pictures || !fonts) throw new Error(`a frame still waits for ${[...waiting].join(", ")}`);
    return nudgeDrifters();
  };

  // Blink does not draw an element anew whose transform changed by less than a hundredth of a pixel, or
  // a ten-thousandth in its other terms (RasterInvalidator): the end of every eased movement. Its pixels
  // then depend on the frames before, and differ from those of a page that was sent straight here. Such
  // elements are moved away for one frame that nobody sees (`frame` gives true) and back (`unnudge`).
  // The limits are four times Blink's, for elements inside of others that make them smaller.
  const driftPixels = 0.04;
  const driftFactor = 0.0004;
  const transformed = '[style*="transform"],[style*="translate"],[style*="scale"],[style*="rotate"],svg [transform]';
  const lastTransforms = new WeakMap();
  let nudged = [];

  // Computed transforms have six digits, too few for a hundredth of a pixel at 1745 px: so the place
  // comes from the rectangle, and whether anything changed also from the author's own text.
  const transformOf = (element) => {
    const { left, top, right, bottom } = element.getBoundingClientRect();
    const style = getComputedStyle(element);
    const others = [style.translate, style.rotate, style.scale].flatMap((text) => text.match(/-?\d[\d.]*(e-?\d+)?/g) ?? [0]);
    return {
      text: `${element.style?.transform} ${element.getAttribute("transform")}`,
      pixels: [left, top, right, bottom],
      factors: [...new DOMMatrix(style.transform).toFloat64Array().filter((_, index) => index < 12), ...others.map(Number)],
    };
  };

  const largestStep = (before, now) =>
    before.length === now.length ? Math.max(...now.map((value, index) => Math.abs(value - before[index]))) : Infinity;

  const drifts = (element) => {
    const now = transformOf(element);
    const before = lastTransforms.get(element);
    lastTransforms.set(element, now);
    if (!before) return false;
    const pixels = largestStep(before.pixels, now.pixels);
    const factors = largestStep(before.factors, now.factors);
    const changed = pixels + factors > 0 || before.text !== now.text;
    return changed && pixels < driftPixels && factors < driftFactor;
  };

  const nudgeDrifters = () => {
    const moving = document.getAnimations().map((animation) => animation.effect?.target);
    const elements = new Set([...document.querySelectorAll(transformed), ...moving]);
    elements.delete(null);
    elements.delete(undefined);
    nudged = [...elements].filter(drifts).map((element) => ({ element, translate: element.style.translate }));
    for (const { element } of nudged) element.style.translate = "1px";
    return nudged.length > 0;
  };

  const unnudge = () => {
    for (const { element, translate } of nudged) element.style.translate = translate;
    nudged = [];
  };

  // Everything for one frame; `shown` has the URL of the picture of each video that is on. Gives whether something
  // was nudged, in a promise where there is something to wait for.
  const frame = (seconds, shown = {}) => {
    const loading = [...window.__hfLambdaVideo.load(shown), ...window.__hfLambdaAnimated.load(seconds)];
    if (!loading.length) return seekTo(seconds, shown);
    return bounded("moving pictures", Promise.all(loading), frameMs).then((isDone) => {
      if (!isDone) throw new Error("a frame still waits for its moving pictures");
      return seekTo(seconds, shown);
    });
  };

  const seekTo = (seconds, shown) => {
    window.__hfLambdaVideo.uncover();
    window.__hf.seek(seconds);
    window.__hfLambdaVideo.place(shown);
    if (Object.keys(shown).length) window.__hfReseekGpu?.(seconds);
    const pending = newPictures();
    const seekDone = window.__hfWaitForSeekCompletion?.();
    const lutsDone = window.__hf.colorGrading?.waitForActiveLuts?.();
    if (seekDone?.then) pending.push(seekDone);
    if (lutsDone?.then) pending.push(lutsDone);
    document.body?.offsetHeight; // lays text out, which asks for its fonts; the frame would do it anyway
    if (pending.length || document.fonts.status === "loading") return settle(pending);
    return nudgeDrifters();
  };

  window.__hfLambda = { ready, frame, unnudge };
})();
