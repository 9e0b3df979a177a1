// How much of the picture something fills.
(() => {
  const lambda = window.__hfLambda;
  if (!lambda) return;

  // Of a rectangle, with a margin around it in pixels.
  const shareOf = ({ left, top, right, bottom }, margin = 0) => {
    const { innerWidth: width, innerHeight: height } = window;
    const across = Math.min(right + margin, width) - Math.max(left - margin, 0);
    const down = Math.min(bottom + margin, height) - Math.max(top - margin, 0);
    return across > 0 && down > 0 ? (across * down) / (width * height) : 0;
  };

  Object.assign(lambda, { shareOf });
})();
