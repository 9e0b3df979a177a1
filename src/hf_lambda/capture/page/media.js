// What the plan asks of a page: every media element with the window in which it plays, in seconds of the whole video.
(() => {
  const lambda = window.__hfLambda;
  if (!lambda) return;
  const number = (text) => {
    const value = Number((text ?? "").trim() || NaN);
    return Number.isFinite(value) ? value : null;
  };
  const first = (...values) => values.find((value) => value !== null && value !== undefined) ?? null;
  const positive = (value) => (value > 0 ? value : null);
  const isHost = (element) => element.matches("[data-composition-id],[data-composition-src],[data-composition-file]");
  const trim = (element) => {
    const starts = [element.dataset.playbackStart, element.dataset.mediaStart].map(number);
    return first(...starts.map((value) => (value >= 0 ? value : null)), 0);
  };

  // The length that an element declares, from `start` where it declares its end.
  const declaredSeconds = (element, start) => {
    const { duration, hfAuthoredDuration, end, hfAuthoredEnd } = element.dataset;
    const ends = [end, hfAuthoredEnd].map(number).map((value) => (value > start ? value - start : null));
    return first(positive(number(duration)), positive(number(hfAuthoredDuration)), ...ends);
  };

  // The runtime resolves the start of media only: it is asked for that of a clip which begins with its host.
  const hostStart = (host) => {
    const clip = {
      parentElement: host,
      closest: (selector) => host.closest(selector),
      hasAttribute: (name) => name === "data-start",
      getAttribute: (name) => (name === "data-start" ? "0" : null),
    };
    return window.__hfResolveMediaStartSeconds(clip) + trim(host);
  };

  // A root inside a host that has no start of its own is that host once more, without its length.
  const isInnerRoot = (element) =>
    element.dataset.compositionId !== undefined && !element.dataset.start && element.parentElement && isHost(element.parentElement);

  const clipToHosts = (element, slot) => {
    for (let host = element.parentElement; host; host = host.parentElement) {
      if (!isHost(host) || isInnerRoot(host)) continue;
      const start = host.dataset.compositionId === undefined ? slot.start : hostStart(host);
      const seconds = declaredSeconds(host, start);
      slot.start = Math.max(slot.start, start);
      if (seconds !== null) slot.stop = Math.min(slot.stop ?? Infinity, start + seconds);
    }
    if (slot.stop !== null) slot.stop = Math.max(slot.start, slot.stop);
    return slot;
  };

  const sourceOf = (element) => {
    const urls = [element, ...element.querySelectorAll("source")].map(
      (item) => item.dataset.hfLambdaSrc ?? item.getAttribute("src"),
    );
    const url = urls.find(Boolean);
    return url ? new URL(url, document.baseURI).href : null;
  };

  const rateOf = (element) => {
    const rate = Number.parseFloat(element.dataset.playbackRate ?? "");
    const value = rate > 0 ? rate : element.defaultPlaybackRate;
    return value > 0 && Number.isFinite(value) ? Math.min(10, Math.max(0.1, value)) : 1;
  };

  const describe = (element, order) => {
    const start = window.__hfResolveMediaStartSeconds(element);
    const rate = rateOf(element);
    const mediaStart = trim(element);
    const isVideo = element.localName === "video";
    const isMuted = element.defaultMuted || element.muted;
    const hasAudio = element.dataset.hasAudio;
    const natural = positive((element.duration - mediaStart) / rate);
    const seconds = first(declaredSeconds(element, start), Number.isFinite(natural) ? natural : null);
    const clipped = clipToHosts(element, { start, stop: seconds === null ? null : start + seconds });
    return {
      kind: element.localName,
      key: element.dataset.hfRenderId,
      source: sourceOf(element),
      origin: start,
      start: clipped.start,
      stop: clipped.stop,
      mediaStart,
      rate,
      loop: element.loop,
      volume: first(number(element.dataset.volume), 1),
      muted: isMuted,
      hasAudio: isVideo ? (hasAudio === undefined ? !isMuted : hasAudio === "true") : true,
      hidden: element.closest("[data-hidden]") !== null,
      group: element.dataset.audioGroup || null,
      automation: element.dataset.automation || null,
      fadeIn: Math.max(0, number(element.dataset.fadeIn) ?? 0),
      fadeOut: Math.max(0, number(element.dataset.fadeOut) ?? 0),
      fxChain: element.dataset.fxChain || null,
      order,
    };
  };

  const media = () => {
    lambda.nameMedia();
    return [...document.querySelectorAll("video, audio")].map(describe);
  };

  Object.assign(lambda, { media });
})();
