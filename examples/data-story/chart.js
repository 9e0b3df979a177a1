// The heat map (canvas) with its axes and curves (SVG, joined by D3). draw(t) shows time t, whatever was shown before.
window.createChart = () => {
  const { at, declination, halfDay, RAD } = window.story;
  const WIDTH = 1920;
  const HEIGHT = 612;
  const x = d3.scaleLinear([0, 365], [0, WIDTH]);
  const y = d3.scaleLinear([0, 24], [0, HEIGHT]);

  // -- colours of the sky by the sun's altitude ------------------------------------------------

  const sky = d3
    .scaleLinear()
    .domain([-18, -12, -6, -2, 0.5, 5, 14, 32, 60])
    .range(["#0a0f2c", "#1a1d54", "#55357f", "#bd4a72", "#fb7d5b", "#ffab59", "#ffcb68", "#ffe19a", "#fff3d2"])
    .interpolate(d3.interpolateLab)
    .clamp(true);
  const STEPS = 2048; // looked up by the sine of the altitude, which spares an asin per pixel
  const palette = Array.from({ length: STEPS + 1 }, (_, i) => {
    const { r, g, b } = d3.rgb(sky(Math.asin((2 * i) / STEPS - 1) / RAD));
    return [r, g, b];
  });

  // -- heat map ----------------------------------------------------------------------------------

  // A small field, enlarged smoothly: the sky has no sharp edges.
  const COLUMNS = 480;
  const ROWS = 153;
  const field = new OffscreenCanvas(COLUMNS, ROWS);
  const fieldContext = field.getContext("2d");
  const pixels = fieldContext.createImageData(COLUMNS, ROWS);
  pixels.data.fill(255);
  const deltas = Array.from({ length: COLUMNS }, (_, i) => declination(((i + 0.5) / COLUMNS) * 365));
  const hourCosines = Array.from({ length: ROWS }, (_, j) => Math.cos((((j + 0.5) / ROWS) * 24 - 12) * 15 * RAD));

  function paintField(latitude) {
    const sinPhi = Math.sin(latitude * RAD);
    const cosPhi = Math.cos(latitude * RAD);
    for (let i = 0; i < COLUMNS; i++) {
      const a = sinPhi * Math.sin(deltas[i]);
      const b = cosPhi * Math.cos(deltas[i]);
      for (let j = 0; j < ROWS; j++) {
        const colour = palette[Math.round(((a + b * hourCosines[j] + 1) / 2) * STEPS)];
        const k = 4 * (j * COLUMNS + i);
        pixels.data[k] = colour[0];
        pixels.data[k + 1] = colour[1];
        pixels.data[k + 2] = colour[2];
      }
    }
    fieldContext.putImageData(pixels, 0, 0);
  }

  const context = document.getElementById("heat").getContext("2d");
  context.imageSmoothingQuality = "high";

  function drawHeat({ day, latitude, revealed }) {
    context.clearRect(0, 0, WIDTH, HEIGHT);
    if (revealed === 0) return;
    paintField(latitude);
    context.save();
    context.beginPath();
    context.rect(0, 0, revealed * WIDTH, HEIGHT);
    context.clip();
    context.drawImage(field, 0, 0, WIDTH, HEIGHT);
    context.restore();

    // Today, inverted so that it reads on night and noon alike.
    context.save();
    context.globalCompositeOperation = "difference";
    context.fillStyle = "#fff";
    context.fillRect((revealed < 1 ? revealed * WIDTH : x(day)) - 1.5, 0, 3, HEIGHT);
    context.restore();
  }

  // -- axes --------------------------------------------------------------------------------------

  const hours = d3
    .select("#grid")
    .selectAll("g")
    .data([
      [6, "06:00"],
      [12, "noon"],
      [18, "18:00"],
    ])
    .join("g")
    .attr("transform", ([hour]) => `translate(0 ${y(hour)})`);
  hours.append("line").attr("x2", WIDTH);
  hours
    .append("text")
    .attr("x", 24)
    .attr("y", -12)
    .text(([, label]) => label);

  const monthStarts = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334];
  const monthNames = "January February March April May June July August September October November December".split(" ");
  const months = d3.select("#months").selectAll("g").data(monthStarts).join("g");
  months.append("line").attr("x1", x).attr("x2", x).attr("y2", 14);
  months
    .append("text")
    .attr("x", (day) => x(day) + 14)
    .attr("y", 43)
    .text((_, i) => monthNames[i].slice(0, 3));

  // -- sunrise, sunset, turning points -------------------------------------------------------------

  const curves = d3.select("#curves");
  const reveal = curves.append("clipPath").attr("id", "revealed").append("rect").attr("height", HEIGHT);
  const risesAndSets = (day, latitude) => halfDay(day, latitude) > 0 && halfDay(day, latitude) < 12;
  const STEP = 0.5;
  const days = d3.range(0, 365.01, STEP);
  const line = (sign, latitude) =>
    d3
      .line()
      // One step into the polar night or day, so that the curve closes.
      .defined((day) => risesAndSets(day - STEP, latitude) || risesAndSets(day + STEP, latitude))
      .x(x)
      .y((day) => y(12 + sign * halfDay(day, latitude)))(days);
  const paths = curves
    .append("g")
    .attr("clip-path", "url(#revealed)")
    .selectAll("path")
    .data([-1, 1])
    .join("path")
    .attr("class", "horizon");

  const turningDays = [
    [79.5, "equinox"],
    [171.5, "solstice"],
    [264.5, "equinox"],
    [354.5, "solstice"],
  ];
  const turning = curves.selectAll("g.turning").data(turningDays).join("g").attr("class", "turning");
  turning
    .selectAll("circle")
    .data(([day]) => [
      [day, -1],
      [day, 1],
    ])
    .join("circle")
    .attr("cx", ([day]) => x(day));

  // -- readout -------------------------------------------------------------------------------------

  const date = document.getElementById("date");
  const daylight = document.getElementById("daylight");

  function drawReadout({ day, latitude }) {
    const whole = Math.floor(day);
    const month = d3.bisectRight(monthStarts, whole) - 1;
    date.textContent = `${whole - monthStarts[month] + 1} ${monthNames[month]}`;
    const minutes = Math.round(halfDay(day, latitude) * 120);
    const rest = String(minutes % 60).padStart(2, "0");
    daylight.innerHTML = `${Math.floor(minutes / 60)}<small>h</small> ${rest}<small>m</small>`;
  }

  function draw(t) {
    const state = at(t);
    drawHeat(state);
    reveal.attr("width", state.revealed * WIDTH);
    paths.attr("d", (sign) => line(sign, state.latitude));
    turning
      .selectAll("circle")
      .attr("cy", ([day, sign]) => y(12 + sign * halfDay(day, state.latitude)))
      .attr("r", ([day]) => (risesAndSets(day, state.latitude) ? 9 : 0));
    drawReadout(state);
  }

  return {
    draw,
    turningPoints: turningDays.map(([day], i) => ({ day, node: turning.nodes()[i] })),
  };
};
