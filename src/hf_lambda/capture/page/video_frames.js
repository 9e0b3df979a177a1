// Shows source video: each `<video>` has an image for a sibling, which gets the picture of the frame and the looks
// of the video. Pictures are there before the seek, so that scripts which draw a video while they are seeked draw the
// right one; looks are copied after it.
(() => {
  const lambda = window.__hfLambda;
  if (!lambda) return;
  const imageClass = "__render_frame__";
  const copied = [
    ...["object-fit", "object-position", "z-index", "filter", "mix-blend-mode", "backdrop-filter"],
    ...["border-top", "border-right", "border-bottom", "border-left", "border-image"],
    ...["border-top-left-radius", "border-top-right-radius", "border-bottom-right-radius", "border-bottom-left-radius"],
    ...["padding-top", "padding-right", "padding-bottom", "padding-left", "background", "box-shadow", "outline"],
    ...["outline-offset", "overflow", "clip-path", "mask", "mask-image", "mask-size", "mask-position", "mask-repeat"],
    ...["mask-mode", "mask-composite", "transform", "transform-origin", "transform-style", "translate", "rotate"],
    ...["scale", "perspective", "perspective-origin", "backface-visibility", "image-rendering", "isolation"],
    ...["offset-path", "offset-distance", "offset-rotate", "offset-anchor", "will-change"],
  ];
  const fixed = {
    "position": "absolute",
    "inset": "auto",
    "margin": "0",
    "min-width": "0",
    "min-height": "0",
    "max-width": "none",
    "max-height": "none",
    "box-sizing": "border-box",
    "display": "block",
    "float": "none",
    "pointer-events": "none",
    "transition": "none",
    "animation": "none",
    "content-visibility": "visible",
  };
  const visibilities = new WeakMap();
  const images = new WeakMap();

  const keyOf = (video) => video.dataset.hfRenderId;
  const imageOf = (video) => {
    let image = images.get(video);
    if (!image) {
      image = document.createElement("img");
      image.className = imageClass;
      image.decoding = "sync";
      image.id = `__render_frame_${keyOf(video)}__`;
      image.style.setProperty("visibility", "hidden", "important");
      for (const [name, value] of Object.entries(fixed)) image.style.setProperty(name, value, "important");
      images.set(video, image);
    }
    if (video.nextSibling !== image) video.after(image);
    return image;
  };

  // Gives promises for the pictures that are not there yet.
  const loadVideos = (shown) => {
    lambda.nameMedia();
    const pending = [];
    for (const video of document.querySelectorAll("video")) {
      const url = shown[keyOf(video)];
      if (url === undefined) continue;
      const image = imageOf(video);
      if (image.getAttribute("src") === url) continue;
      image.src = url;
      pending.push(image.decode());
    }
    return pending;
  };

  // The runtime says by `visibility` which videos are to be seen: its last word is put back before it speaks again.
  const uncoverVideos = () => {
    for (const video of document.querySelectorAll("video")) {
      const saved = visibilities.get(video);
      if (!saved) continue;
      visibilities.delete(video);
      video.style.removeProperty("visibility");
      if (saved.value) video.style.setProperty("visibility", saved.value, saved.priority);
    }
  };

  const cover = (video) => {
    visibilities.set(video, {
      value: video.style.getPropertyValue("visibility"),
      priority: video.style.getPropertyPriority("visibility"),
    });
    video.style.setProperty("visibility", "hidden", "important");
  };

  const copyLooks = (video, image) => {
    const style = getComputedStyle(video);
    const isGraded = video.hasAttribute("data-hf-color-grading-source-hidden");
    const looks = {
      left: `${video.offsetLeft}px`,
      top: `${video.offsetTop}px`,
      width: `${video.offsetWidth}px`,
      height: `${video.offsetHeight}px`,
      opacity: isGraded ? "1" : style.opacity,
      visibility: style.visibility === "visible" && style.display !== "none" ? "visible" : "hidden",
    };
    for (const name of copied) looks[name] = style.getPropertyValue(name);
    return () => {
      for (const [name, value] of Object.entries(looks)) {
        if (image.style.getPropertyValue(name) !== value) image.style.setProperty(name, value, "important");
      }
    };
  };

  const hide = (image) => image.style.setProperty("visibility", "hidden", "important");

  const placeVideos = (shown) => {
    const videos = [...document.querySelectorAll("video")];
    // All are read before any is written, or each would lay the page out anew.
    const writes = videos.map((video) => {
      const isShown = shown[keyOf(video)] !== undefined;
      if (isShown) return copyLooks(video, imageOf(video));
      return () => images.has(video) && hide(images.get(video));
    });
    writes.forEach((write) => write());
    for (const video of videos) if (!video.srcObject) cover(video); // a live stream shows itself
    const active = videos.filter((video) => shown[keyOf(video)] !== undefined);
    active.forEach((video) => lambda.tellNewPicture(video));
    if (active.length) window.__hf.colorGrading?.redraw?.();
  };

  const pictureOf = (source) => {
    const image = source instanceof HTMLVideoElement ? images.get(source) : null;
    return image?.complete && image.naturalWidth ? image : source;
  };
  for (const type of [CanvasRenderingContext2D, OffscreenCanvasRenderingContext2D]) {
    for (const name of ["drawImage", "createPattern"]) {
      const drawn = type.prototype[name];
      type.prototype[name] = function draw(source, ...rest) {
        return drawn.call(this, pictureOf(source), ...rest);
      };
    }
  }
  const toBitmap = window.createImageBitmap.bind(window);
  window.createImageBitmap = (source, ...rest) => toBitmap(pictureOf(source), ...rest);

  Object.assign(lambda, { loadVideos, uncoverVideos, placeVideos });
})();
