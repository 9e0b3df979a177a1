// Virtual time and seeded randomness, before any script of the page, in every frame.
// Date, Temporal, performance, document.timeline, event times and requestAnimationFrame follow the seek (timers:
// see timers.js). Randomness restarts at each seek, so that a frame does not depend on how many random
// numbers the frames before it drew.
(() => {
  if (window.__HF_VIRTUAL_TIME__) return;
  try {
    void window.top.document;
  } catch {
    return; // a frame of another origin cannot be seeked, so it keeps real time
  }
  const NativeDate = Date;
  const realNow = performance.now.bind(performance);
  let nowMs = 0;

  function VirtualDate(...parts) {
    if (!new.target) return new NativeDate(nowMs).toString();
    return Reflect.construct(NativeDate, parts.length ? parts : [nowMs], new.target);
  }
  Object.setPrototypeOf(VirtualDate, NativeDate);
  VirtualDate.prototype = NativeDate.prototype;
  VirtualDate.prototype.constructor = VirtualDate;
  VirtualDate.now = () => Math.floor(nowMs);
  window.Date = VirtualDate;
  // Scripts that remember when they began take 0 for not yet. Added to any other time this changes nothing.
  const begun = () => nowMs || Number.MIN_VALUE;
  performance.now = begun;
  const getter = (owner, name, get) => Object.defineProperty(owner, name, { get, configurable: true });
  getter(performance, "timeOrigin", () => 0);
  getter(Event.prototype, "timeStamp", () => nowMs);
  getter(document.timeline, "currentTime", () => nowMs);

  // Without a date these take now.
  const formats = Intl.DateTimeFormat.prototype;
  const { formatToParts } = formats;
  const { get: formatOf } = Object.getOwnPropertyDescriptor(formats, "format");
  getter(formats, "format", function () {
    const format = formatOf.call(this);
    return (date = nowMs) => format(date);
  });
  formats.formatToParts = function (date = nowMs) {
    return formatToParts.call(this, date);
  };
  if (window.Temporal) {
    const { Instant, Now } = window.Temporal;
    const instant = () => Instant.fromEpochMilliseconds(Math.floor(nowMs));
    const zonedDateTimeISO = (zone = Now.timeZoneId()) => instant().toZonedDateTimeISO(zone);
    Object.assign(Now, {
      instant,
      zonedDateTimeISO,
      plainDateTimeISO: (zone) => zonedDateTimeISO(zone).toPlainDateTime(),
      plainDateISO: (zone) => zonedDateTimeISO(zone).toPlainDate(),
      plainTimeISO: (zone) => zonedDateTimeISO(zone).toPlainTime(),
    });
  }

  let queue = new Map();
  let due = new Map();
  let lastHandle = 0;
  window.requestAnimationFrame = (callback) => {
    queue.set(++lastHandle, callback);
    return lastHandle;
  };
  window.cancelAnimationFrame = (handle) => {
    queue.delete(handle);
    due.delete(handle);
  };

  // Callbacks that ask for another frame while they run get it at the next seek.
  const runAnimationFrame = () => {
    due = queue;
    queue = new Map();
    for (const [handle, callback] of due) {
      try {
        callback(begun());
      } catch (error) {
        console.error(`requestAnimationFrame callback ${handle}:`, error);
      }
    }
  };

  // Mulberry32.
  let state = 0;
  const reseed = () => {
    state = (Math.imul(Math.floor(nowMs), -1640531527) + 0x9e3779b9) | 0;
  };
  const nextWord = () => {
    state = (state + 0x6d2b79f5) | 0;
    let word = Math.imul(state ^ (state >>> 15), 1 | state);
    word = (word + Math.imul(word ^ (word >>> 7), 61 | word)) ^ word;
    return (word ^ (word >>> 14)) >>> 0;
  };
  Math.random = () => nextWord() / 2 ** 32;
  Crypto.prototype.getRandomValues = function getRandomValues(target) {
    const bytes = new Uint8Array(target.buffer, target.byteOffset, target.byteLength);
    for (let at = 0, word = 0; at < bytes.length; at += 1) {
      if (at % 4 === 0) word = nextWord();
      bytes[at] = word >>> (8 * (at % 4));
    }
    return target;
  };
  Crypto.prototype.randomUUID = function randomUUID() {
    const bytes = this.getRandomValues(new Uint8Array(16));
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
  };
  reseed();

  window.__HF_VIRTUAL_TIME__ = {
    getTime: () => nowMs,
    realNow,
    runAnimationFrame,
    setTime(ms) {
      nowMs = ms;
      reseed();
    },
  };
})();
