// `frame` is called once for every picture: seek, then wait for whatever the seek brought in.
(() => {
  const lambda = window.__hfLambda;
  if (!lambda) return;
  const { settings, bounded, waitingFor, picturesIn, fetchPictures, wantsUnseen } = lambda;
  const { realNow } = window.__HF_VIRTUAL_TIME__;
  const frameMs = Math.min(settings.readyMs, 20000);
  const picturesOf = new WeakMap();

  const hasNew = (element, pictures) => {
    const isNew = picturesOf.get(element) !== pictures;
    picturesOf.set(element, pictures);
    return isNew;
  };

  // Pictures that this seek brought into the page: nothing else waits for them.
  const newPictures = () => {
    const pending = [...document.images].filter((image) => !image.complete).map((image) => image.decode());
    for (const image of document.getElementsByTagNameNS("http://www.w3.org/2000/svg", "image")) {
      if (hasNew(image, image.href.baseVal)) pending.push(image.decode());
    }
    for (const element of document.querySelectorAll('[style*="url("]')) {
      const css = element.getAttribute("style");
      if (hasNew(element, picturesIn(css).join())) pending.push(...fetchPictures(css));
    }
    return pending;
  };

  const settle = async (pending) => {
    const end = realNow() + frameMs;
    lambda.isSettling = true;
    const pictures = await bounded("pictures of a frame", Promise.allSettled(pending), frameMs);
    document.body?.offsetHeight;
    const fonts = await bounded("fonts of a frame", document.fonts.ready, end - realNow());
    lambda.isSettling = false;
    if (!pictures || !fonts) throw new Error(`a frame still waits for ${waitingFor().join(", ")}`);
    return wantsUnseen();
  };

  const arrive = (seconds, shown) => {
    window.__hf.seek(seconds);
    const pending = lambda.loadVideos(shown); // of videos that only this seek has made
    lambda.placeVideos(shown);
    if (Object.keys(shown).length) window.__hfReseekGpu?.(seconds);
    pending.push(...newPictures());
    const seekDone = window.__hfWaitForSeekCompletion?.();
    const lutsDone = window.__hf.colorGrading?.waitForActiveLuts?.();
    if (seekDone?.then) pending.push(seekDone);
    if (lutsDone?.then) pending.push(lutsDone);
    document.body?.offsetHeight; // lays text out, which asks for its fonts; the frame would do it anyway
    if (pending.length || document.fonts.status === "loading") return settle(pending);
    return wantsUnseen();
  };

  const seekTo = (seconds, shown) => {
    lambda.uncoverVideos();
    const way = lambda.approach(seconds, lambda.nameMedia);
    return way ? way.then((isThere) => (isThere ? arrive(seconds, shown) : "on the way")) : arrive(seconds, shown);
  };

  const whenLoaded = async (loading, seconds, shown) => {
    const loaded = Promise.allSettled(loading);
    if (!(await bounded("moving pictures", loaded, frameMs))) throw new Error("a frame waits for its moving pictures");
    const failed = (await loaded).find(({ status }) => status === "rejected");
    if (failed) throw new Error(`a moving picture could not be shown: ${failed.reason}`);
    return seekTo(seconds, shown);
  };

  // Everything for one frame; `shown` has the URL of the picture of each video that is on. Gives whether an unseen
  // frame is wanted, or that the page is still on the way, in a promise where there is something to wait for.
  const frame = (seconds, shown = {}) => {
    const loading = [...lambda.loadVideos(shown), ...lambda.loadAnimated(seconds)];
    return loading.length ? whenLoaded(loading, seconds, shown) : seekTo(seconds, shown);
  };

  Object.assign(lambda, { frame });
})();
