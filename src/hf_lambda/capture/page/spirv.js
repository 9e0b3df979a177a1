// Translates every shader of the page once more, in a context of our own: a list of SPIR-V modules, as ANGLE writes them
// out, of what compiles; null where a page broke what this needs.
(() => {
  const contexts = new Map();

  const contextOf = (version) => {
    if (!contexts.has(version)) {
      const gl = document.createElement("canvas").getContext(version);
      for (const extension of gl.getSupportedExtensions()) gl.getExtension(extension);
      contexts.set(version, gl);
    }
    return contexts.get(version);
  };

  const translated = ({ version, type, source }) => {
    const gl = contextOf(version);
    const shader = gl.createShader(type);
    gl.shaderSource(shader, source);
    gl.compileShader(shader);
    return gl.getShaderParameter(shader, gl.COMPILE_STATUS)
      ? gl.getExtension("WEBGL_debug_shaders").getTranslatedShaderSource(shader)
      : null;
  };

  try {
    return [...window.__hfLambda.shaders.values()].map(translated).filter((text) => text !== null);
  } catch {
    return null;
  } finally {
    for (const gl of contexts.values()) gl.getExtension("WEBGL_lose_context")?.loseContext();
  }
})();
