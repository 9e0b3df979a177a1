// GIF, APNG and animated WebP images show the frame of the composition's time, not of the clock on the wall.
(() => {
  const lambda = window.__hfLambda;
  if (!lambda) return;
  const leastMicroseconds = 10_000; // browsers take shorter delays as none given …
  const usualMicroseconds = 100_000; // … and use this
  const animations = [];
  const undriven = [];

  const read = async (image) => {
    const answer = await fetch(image.src);
    const decoder = new ImageDecoder({ data: await answer.arrayBuffer(), type: image.dataset.hfLambdaAnimated });
    await decoder.tracks.ready;
    await decoder.completed;
    const { frameCount, repetitionCount } = decoder.tracks.selectedTrack;
    if (frameCount < 2) return;
    const ends = [];
    for (let frameIndex = 0, end = 0; frameIndex < frameCount; frameIndex += 1) {
      const { image: frame } = await decoder.decode({ frameIndex });
      end += frame.duration > leastMicroseconds ? frame.duration : usualMicroseconds;
      ends.push(end / 1e6);
      frame.close();
    }
    const override = { true: Infinity, false: 0 }[image.dataset.loop];
    animations.push({ image, decoder, ends, cycles: (override ?? repetitionCount) + 1, urls: new Map() });
  };

  const readOrTell = (image) => read(image).catch(() => undriven.push(image.getAttribute("src")));

  const prepareAnimated = () =>
    Promise.all([...document.querySelectorAll("img[data-hf-lambda-animated]")].map(readOrTell));

  const undrivenImages = () => undriven.map((src) => `animated image cannot be decoded, and moves on real time: ${src}`);

  const frameAt = ({ image, ends, cycles }, seconds) => {
    const local = Math.max(0, seconds - window.__hfResolveMediaStartSeconds(image)) + 1e-6;
    const length = ends[ends.length - 1];
    if (local >= cycles * length) return ends.length - 1;
    const phase = local % length;
    return ends.findIndex((end) => phase < end);
  };

  const draw = async ({ decoder, urls }, frameIndex) => {
    const { image: frame } = await decoder.decode({ frameIndex });
    const canvas = document.createElement("canvas");
    Object.assign(canvas, { width: frame.displayWidth, height: frame.displayHeight });
    canvas.getContext("2d").drawImage(frame, 0, 0);
    frame.close();
    urls.set(frameIndex, canvas.toDataURL()); // a blob waits for an idle moment, a second where no frames run
  };

  const put = async (animation, frameIndex) => {
    if (!animation.urls.has(frameIndex)) await draw(animation, frameIndex);
    animation.image.src = animation.urls.get(frameIndex);
    animation.shown = frameIndex;
    await animation.image.decode();
  };

  // Gives promises for the pictures that are not there yet.
  const loadAnimated = (seconds) =>
    animations
      .map((animation) => ({ animation, frameIndex: frameAt(animation, seconds) }))
      .filter(({ animation, frameIndex }) => animation.shown !== frameIndex)
      .map(({ animation, frameIndex }) => put(animation, frameIndex));

  Object.assign(lambda, { prepareAnimated, undrivenImages, loadAnimated });
})();
