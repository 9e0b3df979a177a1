// Media never load in the page: their pictures come as images, their sound is mixed elsewhere. To scripts they look
// as if they were loaded: the attributes that the plan wrote give size and length, and the usual events are fired.
(() => {
  const lambda = window.__hfLambda;
  if (!lambda) return;
  const sourceAttribute = "data-hf-lambda-src";
  const factsAttribute = "data-hf-lambda-media";
  const proto = HTMLMediaElement.prototype;
  const native = {
    getAttribute: Element.prototype.getAttribute,
    setAttribute: Element.prototype.setAttribute,
    hasAttribute: Element.prototype.hasAttribute,
    removeAttribute: Element.prototype.removeAttribute,
    load: proto.load,
    play: proto.play,
  };
  const states = new WeakMap();
  const factsByUrl = new Map();
  const stateOf = (element) => {
    if (!states.has(element)) states.set(element, { time: 0, paused: true, announced: null, callbacks: new Map() });
    return states.get(element);
  };

  const urlOf = (element) => {
    const written = [element, ...element.querySelectorAll("source")].map((item) =>
      native.getAttribute.call(item, sourceAttribute),
    );
    const url = written.find(Boolean);
    return url ? new URL(url, document.baseURI).href : "";
  };

  // What is known of a file: the plan wrote it on the element, or the server knows it.
  const askServer = (url) => {
    const { origin, pathname } = new URL(url);
    if (origin !== location.origin) return null;
    const request = new XMLHttpRequest();
    request.open("GET", `/__hf_lambda__/media${pathname}.json`, false);
    request.send();
    return request.status === 200 ? JSON.parse(request.responseText) : null;
  };
  const factsOf = (element) => {
    const url = urlOf(element);
    if (!url) return null;
    if (!factsByUrl.has(url)) {
      const twins = [element, ...document.querySelectorAll(`[${factsAttribute}]`)];
      const known = twins.find((twin) => native.hasAttribute.call(twin, factsAttribute) && urlOf(twin) === url);
      const written = known && native.getAttribute.call(known, factsAttribute);
      factsByUrl.set(url, written ? JSON.parse(written) : askServer(url));
    }
    return factsByUrl.get(url);
  };

  const poster = ({ width, height }) =>
    `data:image/svg+xml,${encodeURIComponent(`<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"/>`)}`;

  const announce = (element) => {
    const url = urlOf(element);
    const state = stateOf(element);
    if (!url || state.announced === url) return;
    state.announced = url;
    const facts = factsOf(element);
    const names = facts
      ? ["loadstart", "durationchange", "loadedmetadata", "loadeddata", "canplay", "canplaythrough"]
      : ["loadstart", "error"];
    for (const name of names) element.dispatchEvent(new Event(name));
  };
  const announceLater = (element) => {
    stateOf(element).announced = null;
    setTimeout(() => document.readyState !== "loading" && announce(element));
  };

  const setSource = (element, url) => {
    native.setAttribute.call(element, sourceAttribute, url);
    const media = element.localName === "source" ? element.parentElement : element;
    if (!(media instanceof HTMLMediaElement)) return;
    media.removeAttribute(factsAttribute);
    const facts = factsOf(media);
    if (facts?.width) native.setAttribute.call(media, "poster", poster(facts));
    announceLater(media);
  };

  const isSource = (name) => String(name).toLowerCase() === "src";
  for (const target of [proto, HTMLSourceElement.prototype]) {
    Object.assign(target, {
      getAttribute(name) {
        return native.getAttribute.call(this, isSource(name) ? sourceAttribute : name);
      },
      hasAttribute(name) {
        return native.hasAttribute.call(this, isSource(name) ? sourceAttribute : name);
      },
      setAttribute(name, value) {
        if (isSource(name)) setSource(this, String(value));
        else native.setAttribute.call(this, name, value);
      },
      removeAttribute(name) {
        native.removeAttribute.call(this, isSource(name) ? sourceAttribute : name);
      },
    });
  }

  const define = (target, name, get, set) =>
    Object.defineProperty(target, name, { configurable: true, enumerable: true, get, set });
  const written = (element) => {
    const url = native.getAttribute.call(element, sourceAttribute);
    return url ? new URL(url, document.baseURI).href : "";
  };
  for (const target of [proto, HTMLSourceElement.prototype]) {
    define(target, "src", function src() { return written(this); }, function setSrc(url) { setSource(this, String(url)); });
  }
  // A video lasts as long as its pictures, whatever sound there is behind them.
  const lengthOf = (element) => {
    const facts = factsOf(element);
    return (element.localName === "video" ? facts?.pictures : null) ?? facts?.seconds;
  };
  const ranges = (length) => ({ length: length > 0 ? 1 : 0, start: () => 0, end: () => length });
  define(proto, "currentSrc", function currentSrc() { return urlOf(this); });
  define(proto, "duration", function duration() { return lengthOf(this) ?? NaN; });
  define(proto, "readyState", function readyState() { return factsOf(this) ? 4 : 0; });
  define(proto, "networkState", function networkState() { return urlOf(this) ? (factsOf(this) ? 1 : 3) : 0; });
  define(proto, "error", function error() {
    return urlOf(this) && !factsOf(this) ? { code: 4, message: "the file is missing or cannot be read" } : null;
  });
  define(proto, "paused", function paused() { return stateOf(this).paused; });
  define(proto, "ended", function ended() { return !this.loop && stateOf(this).time >= (lengthOf(this) ?? Infinity); });
  define(proto, "seeking", () => false);
  define(proto, "buffered", function buffered() { return ranges(lengthOf(this) ?? 0); });
  define(proto, "seekable", function seekable() { return ranges(lengthOf(this) ?? 0); });
  define(
    proto,
    "currentTime",
    function currentTime() { return stateOf(this).time; },
    function setCurrentTime(seconds) {
      stateOf(this).time = Math.max(0, Math.min(Number(seconds), lengthOf(this) ?? Infinity));
      for (const name of ["seeking", "timeupdate", "seeked"]) queueMicrotask(() => this.dispatchEvent(new Event(name)));
    },
  );
  define(HTMLVideoElement.prototype, "videoWidth", function videoWidth() { return factsOf(this)?.width ?? 0; });
  define(HTMLVideoElement.prototype, "videoHeight", function videoHeight() { return factsOf(this)?.height ?? 0; });

  proto.play = function play() {
    if (this.srcObject) return native.play.call(this); // a live stream has no file
    const state = stateOf(this);
    if (state.paused) {
      state.paused = false;
      for (const name of ["play", "playing"]) queueMicrotask(() => this.dispatchEvent(new Event(name)));
    }
    return Promise.resolve();
  };
  proto.pause = function pause() {
    const state = stateOf(this);
    if (state.paused) return;
    state.paused = true;
    queueMicrotask(() => this.dispatchEvent(new Event("pause")));
  };
  proto.load = function load() {
    announceLater(this);
  };
  let lastCallback = 0;
  HTMLVideoElement.prototype.requestVideoFrameCallback = function requestVideoFrameCallback(callback) {
    stateOf(this).callbacks.set(++lastCallback, callback);
    return lastCallback;
  };
  HTMLVideoElement.prototype.cancelVideoFrameCallback = function cancelVideoFrameCallback(handle) {
    stateOf(this).callbacks.delete(handle);
  };

  // Markup that a script wrote brings its sources as plain attributes.
  const adopt = (element) => {
    const url = native.getAttribute.call(element, "src");
    if (url === null) return;
    native.removeAttribute.call(element, "src");
    setSource(element, url);
    if (element instanceof HTMLMediaElement) native.load.call(element);
  };
  const adoptAll = (node) => {
    if (node.nodeType !== Node.ELEMENT_NODE) return;
    if (node.matches("video,audio,video>source,audio>source")) adopt(node);
    for (const element of node.querySelectorAll("video,audio,video>source,audio>source")) adopt(element);
  };
  new MutationObserver((records) => {
    for (const { addedNodes } of records) addedNodes.forEach(adoptAll);
  }).observe(document, { childList: true, subtree: true });

  document.addEventListener("DOMContentLoaded", () => {
    for (const element of document.querySelectorAll("video,audio")) announce(element);
  });

  // A video's new picture is there: tells those who asked for it.
  const tellNewPicture = (video) => {
    const { callbacks, time } = stateOf(video);
    const due = [...callbacks.values()];
    callbacks.clear();
    const now = performance.now();
    for (const callback of due) {
      callback(now, {
        presentationTime: now,
        expectedDisplayTime: now,
        width: video.videoWidth,
        height: video.videoHeight,
        mediaTime: time,
        presentedFrames: 1,
        processingDuration: 0,
      });
    }
  };

  Object.assign(lambda, { tellNewPicture });
})();
