// Waits until the page can be seeked.
(() => {
  const lambda = window.__hfLambda;
  if (!lambda) return;
  const { settings, until, bounded, waitingFor, duration, seek } = lambda;
  const clock = window.__HF_VIRTUAL_TIME__;
  const { realNow } = clock;
  const lateTimelineMs = 5000;
  const lateDurationMs = 2000;
  const shortTimeoutsMs = 300;
  const lateMapMs = 5000;
  const lateTransitionsMs = 1000;

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

  // Not before all its scripts ran: until then each of them may still be the one that registers what is missing, and
  // what a timer did meanwhile would depend on how fast they load.
  lambda.isBuilding = () => document.readyState === "complete" && missingTimelines().length > 0;

  // Waits until the page can be seeked. The answer says so, or what is still waited for.
  const ready = async () => {
    const end = realNow() + settings.readyMs;
    const left = () => end - realNow();
    const warnings = [];
    const warnUnless = (isDone, text) => isDone || warnings.push(text);
    const unready = () => ({ ready: false, waiting: waitingFor(), duration: 0, warnings, refusals: [] });

    if (!(await until("the document", () => document.readyState !== "loading", left()))) return unready();
    if (!(await until("the HyperFrames player", () => window.__player?.renderSeek, left()))) return unready();
    Object.assign(window.__hf, { seek });
    Object.defineProperty(window.__hf, "duration", { get: duration, configurable: true });
    // The runtime waits for a map's tiles, which may never come.
    const isBound = () => window.__renderReady || lambda.liveMaps().length;
    if (!(await until("the composition's timelines", isBound, left()))) return unready();
    if (!(await until("the map", () => window.__renderReady, Math.min(lateMapMs, left()))) && !lambda.liveMaps().length) {
      return unready();
    }
    await until("shader transitions", lambda.hasTransitions, Math.min(lateTransitionsMs, left()));
    warnUnless(
      await until("late timelines", () => !missingTimelines().length, Math.min(lateTimelineMs, left())),
      `no timeline was registered for ${missingTimelines().join(", ")}`,
    );
    // A timeline that came late is bound by this only.
    if (!(duration() > 0)) window.__hfForceTimelineRebind?.();
    // Read before the rebind: for a page without GSAP the rebind forgets it.
    await until("the composition's duration", () => duration() > 0, Math.min(lateDurationMs, left()));
    const seconds = duration();
    window.__hfForceTimelineRebind?.();

    await until("short timeouts", () => !clock.hasShortTimeouts(), Math.min(shortTimeoutsMs, left()));

    const [resources, images, animated, fonts, lottie, tailwind] = await Promise.all([
      until("resources", () => document.readyState === "complete", left()),
      bounded("images", lambda.loadImages(), left()),
      bounded("animated images", lambda.prepareAnimated(), left()),
      bounded("fonts", lambda.loadFonts(), left()),
      until("Lottie animations", () => lambda.lottieAnimations().every((item) => item.isLoaded !== false), left()),
      bounded("Tailwind", Promise.resolve(window.__tailwindReady), left()),
    ]);
    if (!tailwind) return unready();
    warnUnless(resources, "some resources were still loading when the page was rendered");
    warnUnless(images, "some images were still loading when the page was rendered");
    warnUnless(animated, "some animated images were still loading when the page was rendered");
    warnUnless(fonts, "some fonts were still loading when the page was rendered");
    lambda.prepareBackdrops();
    warnUnless(lottie, "some Lottie animations were still loading when the page was rendered");
    return {
      ready: true,
      waiting: [],
      duration: Number.isFinite(seconds) ? seconds : null,
      warnings: [...warnings, ...lambda.findings(), ...lambda.undrivenImages()],
      refusals: await lambda.refusals(),
    };
  };

  Object.assign(lambda, { ready });
})();
