// What cannot be rendered the same way twice, or at all: live maps and WebGPU. Each is named by the code of its error.
(() => {
  const lambda = window.__hfLambda;
  if (!lambda) return;
  const maps = {
    "MapLibre GL": ".maplibregl-map",
    "Mapbox GL": ".mapboxgl-map",
    "Google Maps": ".gm-style",
    OpenLayers: ".ol-viewport",
    Cesium: ".cesium-viewer",
  };

  // Leaflet draws tiles as plain images, which may well lie in the project.
  const hasRemoteTiles = () =>
    [...document.querySelectorAll("img.leaflet-tile")].some((tile) => new URL(tile.src, location).origin !== location.origin);

  const liveMaps = () => {
    const found = Object.keys(maps).filter((name) => document.querySelector(maps[name]));
    return hasRemoteTiles() ? [...found, "Leaflet"] : found;
  };

  const lacksWebGpu = async () =>
    document.querySelector("[data-requires-webgpu]") && !(await navigator.gpu?.requestAdapter().catch(() => null));

  // A list of [code, text].
  const refusals = async () => {
    const found = liveMaps().map((name) => ["LIVE_MAP_NOT_SUPPORTED", `the page shows a map of ${name}`]);
    if (await lacksWebGpu()) found.push(["WEBGPU_NOT_SUPPORTED", "the page has data-requires-webgpu"]);
    return found;
  };

  Object.assign(lambda, { liveMaps, refusals });
})();
