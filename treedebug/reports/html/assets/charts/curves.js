// Learning curves: one panel a metric, the deciding one first.
(() => {
  const {charts, tables, plot, roundsAxis, value, short, bands, legend, line, points, hover, COLORS, cut, isPhone} = treedebug;

  const byMetric = (picture) => {
    const deciding = picture.deciding === null ? null : picture.curves[picture.deciding].metric;
    const metrics = [...new Set(picture.curves.map((c) => c.metric))];
    return metrics.sort((a, b) => (b === deciding) - (a === deciding));
  };
  const look = (curve, i, decides) =>
    curve.is_training ? {stroke: "var(--train)", strokeDasharray: "6 3"} : {stroke: decides ? "var(--valid)" : COLORS[(i + 1) % COLORS.length]};

  // The first rounds fall steeply: where the rest of the curves spans little of the whole, it is shown, not the fall.
  function domain(curves, picture, decides) {
    const all = curves.flatMap((c) => c.values);
    const late = curves.flatMap((c) => c.values.filter((_, i) => i >= Math.min(10, c.values.length / 10)));
    const band = decides && picture.band ? picture.band : [];
    const span = (v) => [Math.min(...v, ...band), Math.max(...v, ...band)];
    const [low, high] = span(all), [a, b] = span(late);
    if (late.length < 30 || b - a >= 0.5 * (high - low)) return {domain: [low, high], cuts: false};
    return {domain: [a - 0.05 * (b - a), b + 0.05 * (b - a)], cuts: true};
  }

  function panel(picture, metric, {width, marks: found, focus}) {
    const curves = picture.curves.filter((c) => c.metric === metric && c.values.length);
    if (!curves.length) return null;
    const decides = picture.deciding !== null && picture.curves[picture.deciding].metric === metric;
    const best = decides ? picture.curves[picture.deciding] : null;
    const direction = curves[0].higher_is_better;
    const scale = domain(curves, picture, decides);
    const end = Math.max(...curves.map((c) => c.rounds.at(-1)), ...(picture.wasted && decides ? [picture.wasted[1]] : []));
    const start = Math.min(...curves.map((c) => c.rounds[0]));
    const marks = [], shown = [];
    if (decides && picture.wasted) {
      marks.push(Plot.rect([picture.wasted], {x1: (w) => w[0], x2: (w) => w[1], fill: "var(--wasted)", fillOpacity: 0.16, className: "wasted"}));
      shown.push({text: "rounds after the best one", color: "var(--wasted)", box: true, opacity: 0.3});
    }
    if (decides && picture.band && picture.band[1] > picture.band[0]) {
      marks.push(Plot.rect([picture.band], {x1: start, x2: end, y1: (b) => b[0], y2: (b) => b[1], fill: "var(--valid)", fillOpacity: 0.15, clip: true, className: "band"}));
      shown.push({text: "no different from the best, beyond the noise", color: "var(--valid)", box: true, opacity: 0.3});
    }
    marks.push(...bands(found, focus));
    curves.forEach((curve, i) => {
      const style = look(curve, i, curve === best);
      marks.push(line(points({rounds: curve.rounds, values: curve.values}), {x: "rounds", y: "values", ...style, strokeWidth: curve === best ? 2.5 : 1.75, clip: true, className: `curve curve-${picture.curves.indexOf(curve)}`}));
      if (curve.values.length === 1) marks.push(Plot.dot([0], {x: curve.rounds[0], y: curve.values[0], fill: style.stroke, r: 4}));
      shown.unshift({text: cut(curve.dataset, 40), color: style.stroke, dash: style.strokeDasharray ?? null});
    });
    if (best && best.best_round !== null) {
      const at = {x: best.best_round, y: best.best_value};
      const right = best.best_round > (start + end) / 2;
      const up = direction;
      marks.push(Plot.ruleX([at.x], {stroke: "var(--valid)", strokeOpacity: 0.7}));
      marks.push(Plot.dot([at], {x: "x", y: "y", r: 4.5, fill: "var(--valid)", stroke: "var(--paper)", className: "best-mark"}));
      marks.push(Plot.text([at], {x: "x", y: "y", text: () => `best: ${short(at.y)} in round ${at.x}`, textAnchor: right ? "end" : "start", dx: right ? -8 : 8, dy: up ? -12 : 14, fill: "var(--ink)", stroke: "var(--paper)", strokeWidth: 5, fontWeight: 600}));
    }
    const data = curves.flatMap((c) => points({rounds: c.rounds, values: c.values}).map((p) => ({...p, dataset: c.dataset})));
    marks.push(hover(data, {x: "rounds", y: "values"}, (d) => `${cut(d.dataset, 30)}\nround ${d.rounds}: ${short(d.values)}`));
    const svg = plot({
      width, height: isPhone(width) ? 230 : 290, marginLeft: 52, label: `${metric} by round`,
      x: roundsAxis(width, {domain: start === end ? [start - 0.5, end + 0.5] : [start, end]}),
      y: {...value, nice: false, domain: scale.domain[0] === scale.domain[1] ? [scale.domain[0] - 0.5, scale.domain[1] + 0.5] : scale.domain, grid: true, label: null, insetTop: 8, insetBottom: 8}, marks,
    });
    const way = direction === null ? "" : direction ? "higher is better" : "lower is better";
    return {title: cut(metric, 60), note: [way, scale.cuts ? "the first rounds run off the picture" : ""].filter(Boolean).join("; "), svg, legend: legend(shown), wide: decides};
  }

  function rates(picture, width) {
    const rounds = [...picture.learning_rate_rounds, picture.n_rounds], rate = [...picture.learning_rates, picture.learning_rates.at(-1)];
    const svg = plot({
      width, height: 150, marginLeft: 52, label: "learning rate by round", x: roundsAxis(width), y: {...value, zero: true, grid: true, label: null},
      marks: [line(points({rounds, rate}), {x: "rounds", y: "rate", stroke: "var(--c3)", curve: "step-after", className: "rate"})],
    });
    return {title: "learning rate", note: "", svg};
  }

  charts.learning_curves = (picture, options) => {
    const told = options.focus ? byMetric(picture).filter((m) => options.focus.subject.split(/[ ,]+/).includes(m)) : [];
    const metrics = options.focus ? (told.length ? told.slice(0, 2) : byMetric(picture).slice(0, 1)) : byMetric(picture);
    const found = metrics.map((m) => panel(picture, m, options)).filter(Boolean);
    if (!options.focus && picture.learning_rates.length > 1) found.push(rates(picture, options.width));
    return found;
  };
  tables.learning_curves = (picture) => [
    {caption: "Curves", columns: {
      dataset: picture.curves.map((c) => c.dataset), metric: picture.curves.map((c) => c.metric),
      best: picture.curves.map((c) => c.best_value), "best round": picture.curves.map((c) => c.best_round), last: picture.curves.map((c) => c.last_value)}},
    ...picture.curves.map((c) => ({caption: `${c.dataset} ${c.metric} by round`, columns: {round: c.rounds, [c.metric]: c.values}})),
  ];
})();
