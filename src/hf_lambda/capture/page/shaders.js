// Remembers every shader that the page's documents give to WebGL, for the plan (`shaders.py`) to look into; but not
// those of the HyperFrames runtime, which grade colours.
(() => {
  let lambda;
  try {
    lambda = window.top.__hfLambda;
  } catch {
    return; // a frame of another origin
  }
  if (!lambda) return;
  const shaders = lambda.shaders ?? new Map();
  const MOST = 256; // of pages that make new ones for every frame
  const { runtimePath } = lambda.settings;

  // Of the function below: after "Error", itself and that function.
  const caller = () => String(String(new Error().stack).split("\n")[3]);

  for (const [version, name] of [["webgl", "WebGLRenderingContext"], ["webgl2", "WebGL2RenderingContext"]]) {
    const context = window[name]?.prototype;
    if (!context) continue;
    const { createShader, shaderSource } = context;
    const types = new WeakMap();

    const remember = (type, source, by) => {
      const isLeft = !type || by.includes(runtimePath) || shaders.size >= MOST;
      if (!isLeft) shaders.set(`${version} ${type} ${source}`, { version, type, source });
    };

    context.createShader = function (type) {
      const shader = createShader.apply(this, arguments);
      if (shader) types.set(shader, type);
      return shader;
    };

    context.shaderSource = function (shader, source) {
      remember(types.get(shader), String(source), caller());
      return shaderSource.apply(this, arguments);
    };
  }

  Object.assign(lambda, { shaders });
})();
