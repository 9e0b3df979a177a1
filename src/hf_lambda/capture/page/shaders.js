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
  const runtime = "/__hf_lambda__/runtime.js";

  for (const [version, name] of [["webgl", "WebGLRenderingContext"], ["webgl2", "WebGL2RenderingContext"]]) {
    const context = window[name]?.prototype;
    if (!context) continue;
    const { createShader, shaderSource } = context;
    const types = new WeakMap();

    context.createShader = function (type) {
      const shader = createShader.apply(this, arguments);
      if (shader) types.set(shader, type);
      return shader;
    };

    context.shaderSource = function (shader, source) {
      const type = types.get(shader);
      if (type && !new Error().stack.includes(runtime)) shaders.set(`${version} ${type} ${source}`, { version, type, source: String(source) });
      return shaderSource.apply(this, arguments);
    };
  }

  Object.assign(lambda, { shaders });
})();
