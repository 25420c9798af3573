// What the predictions are worth: of classes, of amounts, of rankings.
(() => {
  const {charts, tables, choice, plot, percent, short, line, points, hover, COLORS, cut, isPhone, legend, roundsAxis, value, element} = treedebug;
  const MOST = 5;
  const unit = {tickFormat: percent, ticks: 5, domain: [0, 1], grid: true};
  const where = (d) => `${cut(d.dataset, 24)}, round ${d.round_index}`;
  const role = (d) => (d.role === "best" ? "the best round" : "the last round");
  const square = (width) => Math.min(width, 420);

  // One round and dataset at a time: the last of the validation set first.
  function chosen(picture, items, draw, {focus}) {
    const groups = items.slice(0, 4);
    const first = (g) => (Array.isArray(g) ? g[0] : g);
    const texts = groups.map((g) => `${where(first(g))} (${role(first(g))})`);
    const shown = choice(picture, "Predictions on", texts, (i) => figure(draw(groups[i])), {focus});
    return [{title: texts.length < 2 || focus ? where(first(groups[0])) : "", note: "", ...shown}];
  }
  const figure = ({note, svg, legend}) => element("div", {}, element("p", {class: "note"}, note), legend ?? "", svg);

  // Curves of one dataset and round belong into one panel: one a class.
  const groups = (curves) => {
    const found = new Map();
    for (const c of curves) {
      const key = `${c.dataset}\u0000${c.round_index}`;
      if (!found.has(key)) found.set(key, []);
      found.get(key).push(c);
    }
    return [...found.values()];
  };

  function ranked(curves, width, {x, y, area, diagonal}) {
    const side = square(width);
    const data = curves.slice(0, MOST).map((c, k) => points({x: c.x, y: c.y, t: c.threshold}).map((d) => ({...d, c: c.class_index, k})));
    const svg = plot({
      width: side, height: Math.round(side * 0.82), marginBottom: 40, label: `${y} by ${x}`, x: {...unit, label: x, labelAnchor: "center", labelArrow: "none"}, y: {...unit, label: null},
      marks: [
        ...(diagonal ? [Plot.link([0], {x1: 0, y1: 0, x2: 1, y2: 1, stroke: "var(--soft)", strokeDasharray: "2 4"})] : curves.slice(0, 1).map((c) => Plot.ruleY([c.share], {stroke: "var(--soft)", strokeDasharray: "2 4"}))),
        ...data.map((d, k) => line(d, {x: "x", y: "y", stroke: COLORS[k], strokeWidth: 2, className: `curve class-${curves[k].class_index}`})),
        ...curves.filter((c) => c.half).map((c) => Plot.dot([c.half], {x: (h) => h[0], y: (h) => h[1], r: 5, stroke: "var(--paper)", fill: "var(--c1)"})),
        ...curves.filter((c) => c.half).map((c) => Plot.text([c.half], {x: (h) => h[0], y: (h) => h[1], text: () => "threshold ½", dx: c.half[0] > 0.6 ? -9 : 9, dy: 12, textAnchor: c.half[0] > 0.6 ? "end" : "start", stroke: "var(--paper)", strokeWidth: 4, fill: "var(--ink)"})),
        hover(data.flat(), {x: "x", y: "y"}, (d) => `class ${d.c}${d.t === null ? "" : `, threshold ${short(d.t)}`}\n${x} ${percent(d.x)}\n${y} ${percent(d.y)}`),
      ],
    });
    return {note: `${y} by ${x}`, svg, legend: legend([...curves.slice(0, MOST).map((c, k) => ({text: `class ${c.class_index}: ${area} ${short(c.area)}`, color: COLORS[k]})), {text: "guessing", color: "var(--soft)", dash: "2 4"}])};
  }
  charts.roc = (picture, options) => chosen(picture, groups(picture.curves), (g) => ranked(g, options.width, {x: "false alarms", y: "hits", area: "area", diagonal: true}), options);
  charts.precision_recall = (picture, options) => chosen(picture, groups(picture.curves), (g) => ranked(g, options.width, {x: "recall", y: "precision", area: "average precision", diagonal: false}), options);
  tables.roc = (p) => p.curves.map((c) => ({caption: `ROC of class ${c.class_index}, ${where(c)}`, columns: {threshold: c.threshold, "false positive rate": c.x, "true positive rate": c.y}}));
  tables.precision_recall = (p) => p.curves.map((c) => ({caption: `Precision and recall of class ${c.class_index}, ${where(c)}`, columns: {threshold: c.threshold, recall: c.x, precision: c.y}}));

  function calibrated(curves, width) {
    const side = square(width);
    const data = curves.slice(0, 3).map((c, k) => points({x: c.predicted, y: c.observed, low: c.low, high: c.high, n: c.n_rows}).map((d) => ({...d, c: c.class_index, k})));
    const most = Math.min(1, 1.1 * Math.max(...data.flat().map((d) => Math.max(d.x, d.high)), 0.01));
    const svg = plot({
      width: side, height: Math.round(side * 0.82), marginBottom: 40, label: "share of the rows that are of the class by predicted probability", x: {...unit, domain: [0, most], label: "predicted probability", labelAnchor: "center", labelArrow: "none"}, y: {...unit, domain: [0, most], label: null},
      marks: [
        Plot.link([0], {x1: 0, y1: 0, x2: most, y2: most, stroke: "var(--soft)", strokeDasharray: "2 4"}),
        ...data.map((d, k) => Plot.ruleX(d, {x: "x", y1: "low", y2: "high", stroke: COLORS[k], strokeWidth: 3, strokeOpacity: 0.35})),
        ...data.map((d, k) => line(d, {x: "x", y: "y", stroke: COLORS[k], className: `curve class-${curves[k].class_index}`})),
        ...data.map((d, k) => Plot.dot(d, {x: "x", y: "y", r: 4, fill: COLORS[k]})),
        hover(data.flat(), {x: "x", y: "y"}, (d) => `class ${d.c}, ${d.n} rows\npredicted ${percent(d.x)}\nseen ${percent(d.y)} (${percent(d.low)} to ${percent(d.high)})`),
      ],
    });
    return {note: `share that is of the class, with its 95 % interval`, svg, legend: legend([...curves.slice(0, 3).map((c, k) => ({text: `class ${c.class_index}: off by ${percent(c.error)}`, color: COLORS[k]})), {text: "calibrated", color: "var(--soft)", dash: "2 4"}])};
  }
  charts.calibration = (picture, options) => chosen(picture, groups(picture.curves), (g) => calibrated(g, options.width), options);
  tables.calibration = (p) => p.curves.map((c) => ({caption: `Calibration of class ${c.class_index}, ${where(c)}`, columns: {predicted: c.predicted, observed: c.observed, low: c.low, high: c.high, rows: c.n_rows}}));

  function histogram(h, width) {
    const bars = h.classes.flatMap((c, k) => h.counts[k].map((n, i) => ({c, k, n, x1: h.edges[i], x2: h.edges[i + 1]})));
    const svg = plot({
      width, height: 200, marginBottom: 40, label: `rows by ${h.of}`, x: {tickFormat: percent, ticks: 5, domain: [0, 1], label: h.of, labelAnchor: "center", labelArrow: "none"}, y: {...value, label: null, grid: true, type: "sqrt"},
      marks: [
        Plot.rectY(bars, {x1: "x1", x2: "x2", y1: 0, y2: "n", fill: (b) => COLORS[b.k % COLORS.length], fillOpacity: 0.45, stroke: (b) => (b.n ? COLORS[b.k % COLORS.length] : "none"), insetLeft: 1, insetRight: 1, className: "bars"}),
        Plot.tip(bars.filter((b) => b.n), Plot.pointerX({x: (b) => (b.x1 + b.x2) / 2, y: "n", title: (b) => `${b.c < 0 ? "all classes" : `label ${b.c}`}\n${percent(b.x1)} to ${percent(b.x2)}: ${b.n} rows`, fill: "var(--paper)", stroke: "var(--soft)"})),
      ], color: {type: "identity"},
    });
    return {note: `rows by ${h.of}, on a square-root scale`, svg, legend: h.classes.length > 1 ? legend(h.classes.map((c, k) => ({text: `label ${c}`, color: COLORS[k % COLORS.length], box: true, opacity: 0.55}))) : null};
  }
  charts.score_histogram = (picture, options) => chosen(picture, picture.histograms, (d) => histogram(d, options.width), options);
  tables.score_histogram = (p) => p.histograms.map((h) => ({caption: `Rows by ${h.of}, ${where(h)}`, columns: {from: h.edges.slice(0, -1), to: h.edges.slice(1), ...Object.fromEntries(h.classes.map((c, k) => [c < 0 ? "rows" : `label ${c}`, h.counts[k]]))}}));

  // A few points are seen one by one, many as a cloud.
  const cloud = (n) => (n <= 400 ? 0.75 : 0.35);
  function residual(d, width) {
    const groups = points({x: d.groups, low: d.group_quantiles.map((q) => q[0]), a: d.group_quantiles.map((q) => q[1]), mid: d.group_quantiles.map((q) => q[2]), b: d.group_quantiles.map((q) => q[3]), high: d.group_quantiles.map((q) => q[4])});
    const svg = plot({
      width, height: 260, marginBottom: 40, label: "residual by prediction", x: {...value, label: "prediction", labelAnchor: "center", labelArrow: "none", nice: false}, y: {...value, label: null, grid: true, domain: [d.edges[0], d.edges.at(-1)]},
      marks: [
        Plot.dot(points({x: d.predicted, y: d.residual}), {x: "x", y: "y", r: 2, fill: "var(--c1)", fillOpacity: cloud(d.predicted.length), clip: true, className: "rows"}), Plot.ruleY([0], {stroke: "var(--soft)"}),
        Plot.areaY(groups, {x: "x", y1: "low", y2: "high", fill: "var(--c2)", fillOpacity: 0.16, clip: true}), line(groups, {x: "x", y: "mid", stroke: "var(--c2)", strokeWidth: 2.5, className: "curve"}),
        hover(groups, {x: "x", y: "mid"}, (g) => `prediction about ${short(g.x)}\nresidual ${short(g.mid)}\neight tenths from ${short(g.low)} to ${short(g.high)}`),
      ],
    });
    return {note: "label less prediction, by prediction", svg, legend: legend([{text: "a row", color: "var(--c1)", dash: "3 6"}, {text: "median, and eight tenths of the rows", color: "var(--c2)"}])};
  }
  charts.residuals = (picture, options) => chosen(picture, picture.datasets, (d) => residual(d, options.width), options);
  tables.residuals = (p) => p.datasets.map((d) => ({caption: `Residuals by group of predictions, ${where(d)}`, columns: {"median prediction": d.groups, ...Object.fromEntries(p.probabilities.map((q, k) => [`${Math.round(100 * q)} %`, d.group_quantiles.map((g) => g[k])]))}}));

  function against(d, width) {
    const side = square(width);
    const low = Math.min(...d.true, ...d.predicted), high = Math.max(...d.true, ...d.predicted);
    const groups = points({x: d.groups, y: d.group_mean});
    const svg = plot({
      width: side, height: Math.round(side * 0.82), marginBottom: 40, label: "prediction by true value", x: {...value, nice: false, domain: [low, high], label: "true", labelAnchor: "center", labelArrow: "none"}, y: {...value, nice: false, domain: [low, high], label: null, grid: true},
      marks: [
        Plot.dot(points({x: d.true, y: d.predicted}), {x: "x", y: "y", r: 2, fill: "var(--c1)", fillOpacity: cloud(d.true.length), className: "rows"}),
        Plot.link([0], {x1: low, y1: low, x2: high, y2: high, stroke: "var(--soft)", strokeDasharray: "2 4"}),
        line(groups, {x: "x", y: "y", stroke: "var(--c2)", strokeWidth: 2.5, className: "curve"}), Plot.dot(groups, {x: "x", y: "y", fill: "var(--c2)", r: 3.5}),
        hover(groups, {x: "x", y: "y"}, (g) => `true about ${short(g.x)}\npredicted ${short(g.y)} on average`),
      ],
    });
    return {note: `prediction by true value; R² ${short(d.r2)}`, svg, legend: legend([{text: "a row", color: "var(--c1)", dash: "3 6"}, {text: "mean prediction", color: "var(--c2)"}, {text: "perfect", color: "var(--soft)", dash: "2 4"}])};
  }
  charts.predicted_vs_true = (picture, options) => chosen(picture, picture.datasets, (d) => against(d, options.width), options);
  tables.predicted_vs_true = (p) => p.datasets.map((d) => ({caption: `Predictions by group of labels, ${where(d)}`, columns: {"median label": d.groups, "mean prediction": d.group_mean}}));

  function byLabel(d, width) {
    const cells = d.rounds.flatMap((r, i) => d.mean_absolute_error[i].map((e, b) => ({r, x1: r, x2: d.rounds[i + 1] ?? r + 1, b, e, mean: d.mean_error[i][b]}))).filter((c) => c.e !== null);
    const bins = d.n_rows.map((_, b) => b);
    const label = (b) => `${short(d.edges[b])} to ${short(d.edges[b + 1])}`;
    // The first rounds are off everywhere: by their errors, all that comes later would look alike.
    const late = cells.filter((c) => c.r >= d.rounds.at(-1) / 10), most = Math.max(...late.map((c) => c.e), 1e-300);
    const svg = plot({
      width, height: 60 + 24 * bins.length, marginLeft: 118, label: "mean absolute error by label and round", x: roundsAxis(width - 90, {domain: [d.rounds[0], d.rounds.at(-1) + 1]}), y: {type: "band", domain: bins.slice().reverse(), tickFormat: label, label: "label", tickSize: 0, padding: 0.06, labelAnchor: "top"}, color: {type: "identity"},
      marks: [
        Plot.rect(cells, {x1: "x1", x2: "x2", y: "b", fill: "var(--c2)", fillOpacity: {value: (c) => 0.05 + 0.95 * Math.min(1, c.e / most), scale: null}, className: "cells"}),
        Plot.tip(cells, Plot.pointer({x: (c) => (c.x1 + c.x2) / 2, y: "b", title: (c) => `label ${label(c.b)}, ${d.n_rows[c.b]} rows\nround ${c.r}: off by ${short(c.e)}\nprediction less label: ${short(c.mean)}`, fill: "var(--paper)", stroke: "var(--soft)"})),
      ],
    });
    return {title: cut(d.dataset, 24), note: "mean absolute error; the stronger the colour, the worse", svg};
  }
  charts.error_by_label_bin = (picture, {width}) => picture.datasets.slice(0, 2).map((d) => byLabel(d, width));
  tables.error_by_label_bin = (p) => p.datasets.map((d) => ({caption: `Mean absolute error on ${d.dataset} by label and round`, columns: {round: d.rounds, ...Object.fromEntries(d.n_rows.map((_, b) => [`${short(d.edges[b])} to ${short(d.edges[b + 1])}`, d.mean_absolute_error.map((r) => r[b])]))}}));

  function ranking(d, width) {
    const data = points({low: d.smallest, high: d.largest, n: d.n_queries, y: d.ndcg, e: d.error, i: d.ndcg.map((_, i) => i)});
    const label = (i) => (d.smallest[i] === d.largest[i] ? String(d.smallest[i]) : `${d.smallest[i]}–${d.largest[i]}`);
    const svg = plot({
      width, height: 250, marginBottom: 56, label: "NDCG by rows of a query", x: {type: "band", domain: data.map((d) => d.i), tickFormat: (i) => `${label(i)}\n${data[i].n} ${data[i].n === 1 ? "query" : "queries"}`, label: "rows of the query", labelAnchor: "center", padding: 0.25}, y: {ticks: 5, tickFormat: short, domain: [0, 1], grid: true, label: null},
      marks: [
        Plot.barY(data, {x: "i", y: "y", fill: "var(--c1)", fillOpacity: 0.75, className: "bars"}),
        Plot.link(data.filter((b) => b.e !== null), {x1: "i", x2: "i", y1: (b) => b.y - b.e, y2: (b) => b.y + b.e, stroke: "var(--ink)", strokeWidth: 2}),
        Plot.tip(data, Plot.pointerX({x: "i", y: "y", title: (b) => `${label(b.i)} rows, ${b.n} queries\nNDCG ${short(b.y)} ± ${short(b.e)}`, fill: "var(--paper)", stroke: "var(--soft)"})),
      ],
    });
    return {note: "NDCG with its standard error", svg};
  }
  charts.ranking_by_query_size = (picture, options) => chosen(picture, picture.datasets, (d) => ranking(d, options.width), options);
  tables.ranking_by_query_size = (p) => p.datasets.map((d) => ({caption: `NDCG by rows of a query, ${where(d)}`, columns: {"smallest query": d.smallest, "largest query": d.largest, queries: d.n_queries, NDCG: d.ndcg, "standard error": d.error}}));
})();
