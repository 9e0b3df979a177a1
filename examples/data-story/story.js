// The story as a pure function of time. Chart and globe both ask it, so they cannot disagree.
window.story = (() => {
  const DURATION = 10;
  const RAD = Math.PI / 180;
  const TILT = 23.44 * RAD;

  const PLACES = [
    { name: "London", about: "51.5° north: long days, long nights", latitude: 51.5, from: 0 },
    { name: "Longyearbyen", about: "78.2° north: four months of day, four of night", latitude: 78.2, from: 5.1 },
    { name: "Quito", about: "0.2° south: twelve hours, whatever the month", latitude: -0.2, from: 7.6 },
  ];

  // The year is swept once; afterwards the day goes on to the dates where the other places are most themselves.
  const SWEEP = { from: 1.0, to: 4.9 };
  const DAYS = [
    { from: SWEEP.from, to: SWEEP.to, start: 0, end: 365, ease: (u) => u },
    { from: 5.1, to: 6.7, start: 365, end: 365 + 171.5, ease: d3.easeCubicInOut },
    { from: 7.6, to: 9.0, start: 365 + 171.5, end: 365 + 264.5, ease: d3.easeCubicInOut },
  ];
  const MORPH = 1.3; // seconds from one latitude to the next

  const progress = (t, from, to) => Math.min(1, Math.max(0, (t - from) / (to - from)));

  function dayAt(t) {
    let day = 0;
    for (const s of DAYS) {
      if (t >= s.from) day = s.start + (s.end - s.start) * s.ease(progress(t, s.from, s.to));
    }
    return day % 365;
  }

  function latitudeAt(t) {
    let latitude = PLACES[0].latitude;
    for (const place of PLACES.slice(1)) {
      latitude += (place.latitude - latitude) * d3.easeCubicInOut(progress(t, place.from, place.from + MORPH));
    }
    return latitude;
  }

  /** Declination of the sun in radians; day 0 is 1 January. */
  const declination = (day) => Math.asin(Math.sin(TILT) * Math.sin((2 * Math.PI * (day - 79.5)) / 365));

  /** Half the length of the day in hours: 0 in the polar night, 12 in the polar day. */
  function halfDay(day, latitude) {
    const phi = latitude * RAD;
    const delta = declination(day);
    // Sunrise is when the upper rim shows, with the usual refraction: 0.833 degrees below the horizon.
    const cosine =
      (Math.sin(-0.833 * RAD) - Math.sin(phi) * Math.sin(delta)) / (Math.cos(phi) * Math.cos(delta));
    return (Math.acos(Math.min(1, Math.max(-1, cosine))) / RAD) / 15;
  }

  return {
    DURATION,
    PLACES,
    SWEEP,
    RAD,
    declination,
    halfDay,
    /** Everything the drawing code needs at time t. */
    at: (t) => ({
      day: dayAt(t),
      latitude: latitudeAt(t),
      revealed: progress(t, SWEEP.from, SWEEP.to),
    }),
  };
})();
