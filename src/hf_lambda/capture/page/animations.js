// Animations of the browser's own (CSS, transitions, element.animate) that the runtime would miss or break: those inside
// of shadow trees, which document.getAnimations leaves out; those on a scroll or view timeline, which have no time
// to seek; and those of documents in frames.
(() => {
  const clock = window.__HF_VIRTUAL_TIME__;
  if (!clock || clock.seekAnimations) return;
  const ofDocument = document.getAnimations.bind(document);
  const { attachShadow, getAnimations } = Element.prototype;
  const shadows = new Set();

  Element.prototype.attachShadow = function (options) {
    const shadow = attachShadow.call(this, options);
    shadows.add(shadow);
    return shadow;
  };
  // Shadow trees that are written in HTML are made by the parser.
  document.addEventListener("DOMContentLoaded", () => {
    for (const element of document.querySelectorAll("*")) if (element.shadowRoot) shadows.add(element.shadowRoot);
  });

  // A scroll timeline's animation goes where its scroller is. To the runtime it looks like one that takes orders.
  const standIns = new WeakMap();
  const standIn = (animation) => {
    const inert = Object.create(Object.getPrototypeOf(animation));
    const own = { effect: animation.effect, timeline: animation.timeline, currentTime: 0, playState: "paused" };
    for (const [name, value] of Object.entries(own)) Object.defineProperty(inert, name, { value, writable: true });
    for (const name of ["pause", "play", "cancel", "addEventListener"]) inert[name] = () => {};
    standIns.set(animation, inert);
    return inert;
  };
  const seekable = (animation) =>
    animation.timeline instanceof ScrollTimeline ? (standIns.get(animation) ?? standIn(animation)) : animation;

  clock.shadowTrees = () => [...shadows].filter(({ host }) => host.isConnected);
  const inShadows = () => clock.shadowTrees().flatMap((shadow) => shadow.getAnimations());
  document.getAnimations = () => [...ofDocument(), ...(shadows.size ? inShadows() : [])].map(seekable);
  Element.prototype.getAnimations = function (options) {
    return getAnimations.call(this, options).map(seekable);
  };

  // What a frame's document animates starts when it is first seen, at the seek before.
  const births = new WeakMap();
  let lastMs = 0;
  clock.seekAnimations = (ms) => {
    for (const animation of document.getAnimations()) {
      if (!births.has(animation)) births.set(animation, lastMs);
      animation.pause();
      animation.currentTime = ms - births.get(animation);
    }
    lastMs = ms;
  };

  // The runtime moves what was declared when the page had loaded. What a later style change begins, a transition or an
  // animation that comes with a class, starts with the seek that brought the change.
  const starts = new WeakMap();
  let declared = null; // animations, and the names of those that each animated element has
  clock.noteAnimations = () => {
    if (declared) return;
    declared = new WeakMap(document.getAnimations().map((animation) => [animation, true]));
    for (const element of document.querySelectorAll("*")) {
      const { animationName } = getComputedStyle(element);
      if (animationName !== "none") declared.set(element, animationName.split(", "));
    }
  };
  const isLate = (animation) => {
    if (!(animation instanceof CSSAnimation)) return animation instanceof CSSTransition && animation.playState === "running";
    if (declared.has(animation)) return false;
    const { target } = animation.effect;
    const names = declared.get(target);
    if (!names) return animation.playState === "running";
    // The runtime has moved and paused it with the others of its element.
    return !names.includes(animation.animationName) && getComputedStyle(target).animationPlayState.includes("running");
  };

  // The browser sorts animations whenever it is asked for them, which takes milliseconds of hundreds: once is enough.
  let animated = new Set();
  clock.seekLateAnimations = (ms) => {
    const animations = document.getAnimations();
    animated = new Set(animations.map(({ effect }) => effect?.target).filter(Boolean));
    for (const animation of animations) {
      if (!starts.has(animation)) {
        if (!isLate(animation)) continue;
        starts.set(animation, ms);
        animation.pause();
      }
      const passed = (ms - starts.get(animation)) * Math.abs(animation.playbackRate);
      if (passed >= animation.effect.getComputedTiming().endTime) animation.finish();
      else animation.currentTime = passed;
    }
  };
  // The elements that were animated at the last seek.
  clock.animatedElements = () => animated;
})();
