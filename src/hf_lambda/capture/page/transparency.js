// `clearBackgrounds`, for output with alpha: page and compositions have no background, whatever their styles say.
(() => {
  const lambda = window.__hfLambda;
  if (!lambda) return;

  const clearBackgrounds = () => {
    const style = document.createElement("style");
    style.textContent = "html, body, [data-composition-id] { background: none transparent !important; }";
    document.head.append(style);
  };

  Object.assign(lambda, { clearBackgrounds });
})();
