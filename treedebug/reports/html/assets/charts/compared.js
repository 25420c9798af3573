// Several runs: differences, curves, ranks, cost, parameters, folds.
(() => {
  const {charts, tables, plot, short, percent, line, points, hover, COLORS, cut, isPhone, legend, roundsAxis, value, element} = treedebug;
  const FEW = 8;
  const color = (position, n) => (n <= FEW ? COLORS[position % COLORS.length] : "var(--train)");

  charts.score_differences = (picture, {width}) => {
    const rows = [...picture.rows].sort((a, b) => (picture.higher_is_better ? b.difference - a.difference : a.difference - b.difference)).slice(0, 30);
    const tone = (r) => (r.is_better ? "var(--good)" : r.is_worse ? "var(--error)" : "var(--soft)");
    const low = Math.min(0, ...rows.map((r) => r.low)), high = Math.max(0, ...rows.map((r) => r.high));
    const svg = plot({
      width, height: 60 + 26 * rows.length, marginLeft: isPhone(width) ? 110 : 200, marginBottom: 40, label: `difference of ${rows[0].metric} from ${picture.reference}, with its 95 % interval`,
      x: {...value, domain: [low, high], label: `${rows[0].metric} less that of ${cut(picture.reference, 30)}`, labelAnchor: "center", labelArrow: "none", grid: true, tickFormat: short, ticks: isPhone(width) ? 4 : 7}, y: {type: "band", domain: rows.map((_, i) => i), tickFormat: (i) => cut(rows[i].run, isPhone(width) ? 14 : 26), label: null, tickSize: 0}, color: {type: "identity"},
      marks: [
        Plot.ruleX([0], {stroke: "var(--soft)"}),
        Plot.link(rows, {x1: "low", x2: "high", y1: (_, i) => i, y2: (_, i) => i, stroke: tone, strokeWidth: 3, className: "intervals"}),
        Plot.dot(rows, {x: "difference", y: (_, i) => i, fill: tone, r: 5, className: "dots"}),
        hover(rows.map((r, i) => ({...r, i})), {x: "difference", y: "i"}, (r) => `${cut(r.run, 40)}: ${short(r.value)}\n${short(r.difference)} (${short(r.low)} to ${short(r.high)})${r.is_paired ? "\nrow by row" : ""}`),
      ],
    });
    return [{title: "difference and its 95 % interval", note: `${picture.higher_is_better ? "right" : "left"} is better; an interval over zero is no difference beyond chance`, svg, legend: legend([{text: "better", color: "var(--good)"}, {text: "worse", color: "var(--error)"}, {text: "no difference beyond chance", color: "var(--soft)"}])}];
  };
  tables.score_differences = (p) => [{caption: `Differences from ${p.reference}`, columns: {run: p.rows.map((r) => r.run), value: p.rows.map((r) => r.value), difference: p.rows.map((r) => r.difference), low: p.rows.map((r) => r.low), high: p.rows.map((r) => r.high), "row by row": p.rows.map((r) => r.is_paired)}}];

  charts.fold_scores = (picture, {width}) => {
    const shown = picture.candidates.slice(0, 25);
    const dots = shown.flatMap((c, i) => c.values.map((v, k) => ({i, v, fold: c.folds[k], far: c.disagree.includes(c.folds[k])})));
    const svg = plot({
      width, height: 60 + 34 * shown.length, marginLeft: isPhone(width) ? 110 : 200, marginBottom: 40, label: `${shown[0].metric} of each fold`, x: {...value, label: `${shown[0].metric} at the best round`, labelAnchor: "center", labelArrow: "none", grid: true}, y: {type: "band", domain: shown.map((_, i) => i), tickFormat: (i) => cut(shown[i].candidate, isPhone(width) ? 14 : 26), label: null, tickSize: 0}, color: {type: "identity"},
      marks: [
        Plot.link(shown, {x1: (c) => c.mean - c.deviation, x2: (c) => c.mean + c.deviation, y1: (_, i) => i, y2: (_, i) => i, stroke: "var(--c1)", strokeOpacity: 0.3, strokeWidth: 12}),
        Plot.dot(dots, {x: "v", y: "i", r: 4, fill: (d) => (d.far ? "var(--error)" : "var(--c1)"), fillOpacity: 0.75, className: "dots"}),
        Plot.text(dots.filter((d) => d.far), {x: "v", y: "i", text: "fold", dy: -11, fill: "var(--error)"}),
        Plot.tickX(shown, {x: "mean", y: (_, i) => i, stroke: "var(--ink)", strokeWidth: 2, inset: 8}),
        hover(dots, {x: "v", y: "i"}, (d) => `${cut(shown[d.i].candidate, 30)} ${d.fold}: ${short(d.v)}`),
      ],
    });
    return [{title: "folds, their mean and standard deviation", note: shown[0].higher_is_better ? "right is better" : "left is better", svg}];
  };
  tables.fold_scores = (p) => [{caption: "Candidates", columns: {candidate: p.candidates.map((c) => c.candidate), folds: p.candidates.map((c) => c.values.length), mean: p.candidates.map((c) => c.mean), deviation: p.candidates.map((c) => c.deviation), "disagree": p.candidates.map((c) => c.disagree.join(", "))}}];

  function curves(picture, width, by) {
    const known = picture.curves.filter((c) => c[by].some((v) => v !== null));
    if (known.length < 2) return null;
    const groups = picture.groups ?? [];
    const groupOf = (c) => groups.findIndex((g) => g.positions.includes(c.position));
    const paint = (c) => (groups.length && groups.length <= FEW ? color(groupOf(c), 1) : color(c.position, known.length));
    const data = known.map((c) => points({x: c[by], y: c.values}).filter((d) => d.x !== null && d.y !== null).map((d) => ({...d, run: c.run})));
    const n = known.length, isMany = n > FEW && !(groups.length && groups.length <= FEW);
    const better = (a, b) => (picture.higher_is_better ? a > b : a < b);
    const top = known.reduce((a, b) => (b.best_value !== null && (a.best_value === null || better(b.best_value, a.best_value)) ? b : a));
    const late = data.flatMap((d) => d.filter((_, i) => i >= d.length / 10).map((p) => p.y));
    const all = data.flatMap((d) => d.map((p) => p.y));
    const low = Math.min(...late), high = Math.max(...late);
    const cuts = high - low < 0.5 * (Math.max(...all) - Math.min(...all));
    const best = points({x: known.map((c) => { const i = c.rounds.indexOf(c.best_round); return i < 0 ? null : c[by][i]; }), y: known.map((c) => c.best_value), c: known}).filter((d) => d.x !== null);
    const svg = plot({
      width, height: 270, label: `${picture.metric} by ${by}`, x: by === "rounds" ? roundsAxis(width) : {label: "seconds", ticks: 6, tickFormat: short, nice: false},
      y: {...value, nice: false, grid: true, label: null, domain: cuts ? [low - 0.05 * (high - low), high + 0.05 * (high - low)] : [Math.min(...all), Math.max(...all)], insetTop: 6, insetBottom: 6},
      marks: [
        ...data.map((d, k) => ({d, c: known[k]})).sort((a, b) => isMany * ((a.c === top) - (b.c === top))).map(({d, c}) => line(d, {x: "x", y: "y", ...(isMany && c === top ? {stroke: "var(--c1)", strokeWidth: 3} : {stroke: paint(c), ...(n <= FEW ? {} : {strokeOpacity: 0.8, strokeWidth: 1.2})}), clip: true, className: `curve run-${c.position}`})),
        Plot.dot(isMany ? best.filter((d) => d.c === top) : best, {x: "x", y: "y", r: 4.5, fill: (d) => (isMany ? "var(--c1)" : paint(d.c)), stroke: "var(--paper)", clip: true}),
        hover(data.flat(), {x: "x", y: "y"}, (d) => `${cut(d.run, 40)}\n${by === "rounds" ? `round ${d.x}` : `${short(d.x)} s`}: ${short(d.y)}`),
      ], color: {type: "identity"},
    });
    const note = [picture.higher_is_better ? "higher is better" : "lower is better", isMany ? "dot: its best round" : "dots: best rounds", cuts ? "the first rounds run off the picture" : ""].filter(Boolean).join("; ");
    return {title: `${cut(picture.metric, 40)} by ${by === "rounds" ? "round" : "time"}`, note, svg, legend: groups.length && groups.length <= FEW ? legend(groups.map((g, k) => ({text: `folds of ${cut(g.candidate, 30)}`, color: color(k, 1)}))) : legend(isMany ? [{text: `${cut(top.run, 40)}, the best`, color: "var(--c1)"}, {text: `${n - 1} others`, color: "var(--train)"}] : known.map((c) => ({text: cut(c.run, 40), color: paint(c)})))};
  }
  charts.compared_curves = (picture, {width}) => [curves(picture, width, "rounds"), curves(picture, width, "seconds")].filter(Boolean);
  tables.compared_curves = (p) => [
    {caption: `${p.metric} of the runs`, columns: {run: p.curves.map((c) => c.run), dataset: p.curves.map((c) => c.dataset), best: p.curves.map((c) => c.best_value), "best round": p.curves.map((c) => c.best_round), last: p.curves.map((c) => c.last_value)}},
    ...p.curves.slice(0, 12).map((c) => ({caption: `${c.run} by round`, columns: {round: c.rounds, seconds: c.seconds, [p.metric]: c.values}}))];

  charts.importance_ranks = (picture, {width}) => {
    const n = picture.features.length, runs = picture.runs.length;
    const at = (j) => j;
    const data = picture.features.map((f, i) => points({x: picture.runs.map((_, j) => at(j)), y: picture.ranks[i]}).map((d) => ({...d, f, i})));
    const shown = Math.min(15, Math.max(...picture.ranks.flat().filter((r) => r !== null)));
    const slanted = runs > (isPhone(width) ? 3 : 7);
    const ends = data.map((d) => d.filter((p) => p.y !== null && p.y <= shown)).filter((d) => d.length);
    const left = ends.filter((d) => d[0].x === 0).map((d) => d[0]), right = ends.filter((d) => d[0].x !== 0 && d.at(-1).x === runs - 1).map((d) => d.at(-1));
    const across = Math.max(width, (isPhone(width) ? 100 : 190) + (right.length ? 130 : 70) + 24 * runs);
    const svg = plot({
      width: across, height: (slanted ? 120 : 60) + 24 * shown, marginLeft: isPhone(width) ? 100 : 190, marginRight: right.length ? 130 : slanted ? 70 : 24, marginTop: slanted ? 96 : 36, marginBottom: 10, label: "rank of each feature in each run", color: {type: "identity"},
      x: {type: "point", domain: picture.runs.map((_, j) => j), tickFormat: (j) => (runs > 30 ? "" : cut(picture.runs[j], isPhone(width) ? 10 : 18)), tickRotate: slanted ? -45 : 0, axis: "top", label: null, tickSize: 0}, y: {domain: [0.5, shown + 0.5], reverse: true, axis: null, clamp: false},
      marks: [
        ...data.map((d, k) => line(d, {x: "x", y: "y", stroke: COLORS[k % COLORS.length], strokeWidth: 2, clip: true, className: "rank"})),
        Plot.dot(data.flat().filter((d) => d.y !== null && d.y <= shown), {x: "x", y: "y", r: 9, fill: (d) => COLORS[d.i % COLORS.length]}),
        Plot.text(data.flat().filter((d) => d.y !== null && d.y <= shown), {x: "x", y: "y", text: (d) => String(d.y), fill: "var(--paper)", fontSize: 10, fontWeight: 600}),
        Plot.text(left, {x: "x", y: "y", text: (d) => cut(d.f, isPhone(width) ? 12 : 24), textAnchor: "end", dx: -14}),
        Plot.text(right, {x: "x", y: "y", text: (d) => cut(d.f, 16), textAnchor: "start", dx: 14}),
        hover(data.flat().filter((d) => d.y !== null), {x: "x", y: "y"}, (d) => `${cut(d.f, 40)}\n${cut(picture.runs[d.x], 40)}: rank ${d.y}`),
      ],
    });
    return [{title: "rank by total gain", note: "1 is first", svg: across > width ? element("div", {class: "scroll tree", tabindex: "0", role: "region", "aria-label": "ranks of the features"}, svg) : svg}];
  };
  tables.importance_ranks = (p) => [{caption: "Ranks by total gain", columns: {feature: p.features, ...Object.fromEntries(p.runs.map((r, j) => [r, p.ranks.map((row) => row[j])]))}}];

  function front(picture, width, by, label) {
    const on = picture[`on_front_of_${by}`];
    const data = points({x: picture[by], y: picture.values, run: picture.runs}).map((d, i) => ({...d, on: on[i]})).filter((d) => d.x !== null && d.y !== null);
    if (data.length < 2) return null;
    const edge = data.filter((d) => d.on).sort((a, b) => a.x - b.x);
    const svg = plot({
      width, height: 260, marginBottom: 40, label: `${picture.metric} by ${label}`, color: {type: "identity"}, x: {...value, label, labelAnchor: "center", labelArrow: "none", ticks: 5}, y: {...value, grid: true, label: null}, insetLeft: 40, insetRight: 40, insetTop: 18, insetBottom: 12,
      marks: [
        line(edge, {x: "x", y: "y", stroke: "var(--c2)", strokeDasharray: "5 3"}),
        Plot.dot(data, {x: "x", y: "y", r: 5, fill: (d) => (d.on ? "var(--c2)" : "var(--train)"), className: "dots"}),
        Plot.text(edge.slice(0, 5), {x: "x", y: "y", text: (d) => cut(d.run, 18), dy: -12, stroke: "var(--paper)", strokeWidth: 4, fill: "var(--ink)"}),
        hover(data, {x: "x", y: "y"}, (d) => `${cut(d.run, 40)}\n${short(d.x)} ${label}\n${picture.metric} ${short(d.y)}`),
      ],
    });
    return {title: `${cut(picture.metric, 30)} and ${label}`, note: picture.higher_is_better ? "upper left is better" : "lower left is better", svg, legend: legend([{text: "no run is better at less", color: "var(--c2)"}, {text: "beaten", color: "var(--train)"}])};
  }
  charts.pareto = (picture, {width}) => [front(picture, width, "leaves", "leaves"), front(picture, width, "seconds", "seconds")].filter(Boolean);
  tables.pareto = (p) => [{caption: "Metric and cost", columns: {run: p.runs, [p.metric]: p.values, leaves: p.leaves, seconds: p.seconds, "on the front of leaves": p.on_front_of_leaves, "on the front of seconds": p.on_front_of_seconds}}];

  charts.parallel_coordinates = (picture, {width}) => {
    const axes = picture.axes, last = axes.at(-1);
    const good = (i) => (picture.higher_is_better ? last.position[i] : 1 - last.position[i]);
    const rows = picture.runs.flatMap((run, i) => axes.map((a, k) => ({k, y: a.position[i], i, run, v: a.values[i]})));
    const ends = axes.flatMap((a, k) => {
      const known = a.position.map((p, i) => ({p, v: a.values[i]})).filter((d) => d.p !== null);
      const seen = new Map(known.map((d) => [String(d.p), d]));
      const kept = [...seen.values()].sort((x, y) => x.p - y.p);
      return (kept.length <= 6 ? kept : [kept[0], kept.at(-1)]).map((d) => ({k, y: d.p, text: cut(short(d.v), 12)}));
    });
    const wide = Math.max(width, 110 * axes.length);
    const svg = plot({
      width: wide, height: 300, marginLeft: 40, marginRight: 60, marginTop: 44, marginBottom: 12, label: "parameters and metric of each run", color: {type: "identity"},
      x: {type: "point", domain: axes.map((_, k) => k), tickFormat: (k) => cut(axes[k].axis, 16), axis: "top", label: null, tickSize: 0}, y: {axis: null, domain: [0, 1]},
      marks: [
        Plot.ruleX(axes.map((_, k) => k), {stroke: "var(--soft)", strokeOpacity: 0.6}),
        Plot.line(rows, {x: "k", y: "y", z: "i", stroke: "var(--c1)", strokeOpacity: {value: (r) => 0.12 + 0.88 * (good(r.i) ?? 0) ** 3, scale: null}, strokeWidth: 1.75, className: "runs"}),
        Plot.text(ends, {x: "k", y: "y", text: "text", textAnchor: "start", dx: 5, stroke: "var(--paper)", strokeWidth: 4, fill: "var(--ink)", fontSize: 11}),
        hover(rows.filter((r) => r.y !== null), {x: "k", y: "y"}, (r) => `${cut(r.run, 40)}\n${cut(axes[r.k].axis, 30)}: ${short(r.v)}`),
      ],
    });
    return [{title: "a line a run", note: "the stronger the colour, the better", svg: element("div", {class: "scroll tree", tabindex: "0", role: "region", "aria-label": "parameters and metric of each run"}, svg)}];
  };
  tables.parallel_coordinates = (p) => [{caption: "Parameters that differ, and the metric", columns: {run: p.runs, ...Object.fromEntries(p.axes.map((a) => [a.axis, a.values.map((v) => (typeof v === "number" || v === null ? v : String(v)))]))}}];
})();
