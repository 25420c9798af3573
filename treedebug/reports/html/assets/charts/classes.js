// Recall and precision of each class, and the confusion matrix.
(() => {
  const {charts, tables, plot, roundsAxis, percent, bands, legend, line, points, hover, COLORS, cut, isPhone, named} = treedebug;
  const SHOWN = 8;

  function curves(of, what, {width, marks, focus}) {
    const marked = named(marks);
    const classes = of.classes.map((c, i) => ({c, i})).slice(0, SHOWN);
    const data = classes.map(({c, i}) => points({x: of.rounds, y: of[what].map((r) => r[i]), c: of.rounds.map(() => c)}));
    const lowest = Math.min(...of[what].flatMap((r) => r.slice(0, SHOWN)).filter((v) => v !== null), 0.95);
    const color = (k) => COLORS[k % COLORS.length];
    const is = (c) => marked.has(String(c));
    const svg = plot({
      width, height: 220, label: `${what} of each class by round`, x: roundsAxis(width, {domain: [of.rounds[0], Math.max(of.rounds.at(-1), of.rounds[0] + 1)]}),
      y: {tickFormat: percent, ticks: 5, domain: [Math.max(0, Math.floor(10 * lowest - 0.5) / 10), 1], grid: true, label: null},
      marks: [
        ...bands(marks, focus),
        ...data.map((d, k) => line(d, {x: "x", y: "y", stroke: color(k), strokeWidth: is(classes[k].c) ? 3 : 1.75, className: `curve class-${classes[k].c}`})),
        ...(of.rounds.length === 1 ? data.map((d, k) => Plot.dot(d, {x: "x", y: "y", fill: color(k), r: 4})) : []),
        hover(data.flat().filter((d) => d.y !== null), {x: "x", y: "y"}, (d) => `class ${d.c}\nround ${d.x}: ${percent(d.y)}`),
      ],
    });
    const note = `on ${cut(of.dataset, 24)}${of.n_classes > classes.length ? `; the ${classes.length} worst of ${of.n_classes} classes` : ""}`;
    return {title: what, note, svg, legend: legend(classes.map(({c}, k) => ({text: `class ${c}${is(c) ? ` (${marked.get(String(c)).code})` : ""}`, color: color(k)})))};
  }

  function balance(of, {width}) {
    const last = of.predicted_share.at(-1);
    const bars = of.classes.slice(0, SHOWN).flatMap((c, i) => [{c, what: "labels", v: of.label_share[i]}, {c, what: "predictions", v: last[i]}]);
    const color = {labels: "var(--train)", predictions: "var(--c1)"};
    const svg = plot({
      width, height: 50 + 34 * (bars.length / 2), marginLeft: 70, marginRight: 60, marginBottom: 28, label: "share of the labels and of the predictions by class",
      x: {tickFormat: percent, ticks: 4, label: null, grid: true, domain: [0, Math.max(...bars.map((b) => b.v ?? 0), 0.01)]}, y: {axis: null, type: "band", padding: 0.1}, fy: {tickFormat: (c) => `class ${c}`, label: null, padding: 0.2, domain: of.classes.slice(0, SHOWN)},
      marks: [
        Plot.barX(bars, {x: "v", y: "what", fy: "c", fill: (b) => color[b.what], className: "bars"}),
        Plot.text(bars, {x: "v", y: "what", fy: "c", text: (b) => percent(b.v), textAnchor: "start", dx: 4}),
      ], color: {type: "identity"},
    });
    return {title: "balance", note: `on ${cut(of.dataset, 24)}, at the end`, svg, legend: legend([{text: "labels", color: color.labels, box: true}, {text: "predictions", color: color.predictions, box: true}])};
  }

  charts.class_curves = (picture, options) => {
    const of = picture.datasets[0];
    return options.focus ? [curves(of, "recall", options)] : [curves(of, "recall", options), curves(of, "precision", options), balance(of, options)];
  };
  tables.class_curves = (p) => p.datasets.map((d) => ({caption: `Classes of ${d.dataset} by round`, columns: {round: d.rounds, ...Object.fromEntries(d.classes.flatMap((c, i) => [[`recall of ${c}`, d.recall.map((r) => r[i])], [`precision of ${c}`, d.precision.map((r) => r[i])]]))}}));

  const nameOf = (c) => (c < 0 ? "rest" : String(c));
  function matrix(of, {width, marks}) {
    const marked = named(marks);
    const cells = of.counts.flatMap((row, i) => row.map((n, j) => ({i, j, n, share: n / Math.max(1, row.reduce((a, b) => a + b, 0))})));
    const k = of.classes.length;
    const side = Math.min(width, 90 + Math.max(150, 46 * k));
    const size = (side - 90) / k;
    const name = (i) => nameOf(of.classes[i]);
    const svg = plot({
      width: side, height: side, marginLeft: 60, marginTop: 46, marginRight: 16, marginBottom: 24, label: "confusion matrix: label down, prediction across",
      x: {type: "band", domain: of.classes.map((_, i) => i), tickFormat: name, tickRotate: k > 12 ? -60 : 0, axis: "top", label: "predicted", labelAnchor: "center", tickSize: 0, padding: 0.04},
      y: {type: "band", domain: of.classes.map((_, i) => i), tickFormat: name, label: "label", labelAnchor: "center", tickSize: 0, padding: 0.04}, color: {type: "identity"},
      marks: [
        Plot.cell(cells, {x: "j", y: "i", fill: (c) => (c.i === c.j ? "var(--c1)" : "var(--c2)"), fillOpacity: {value: (c) => 0.02 + 0.9 * Math.sqrt(c.share), scale: null}, className: "cells"}),
        ...(size >= 24 ? [Plot.text(cells, {x: "j", y: "i", text: (c) => String(c.n), fill: "var(--ink)", stroke: "var(--paper)", strokeWidth: 3, fontSize: size < 34 ? 10 : 12})] : []),
        Plot.cell(cells.filter((c) => c.i !== c.j && marked.has(String(of.classes[c.i])) && (marked.has(String(of.classes[c.j])) || marks.every((m) => m.names.length < 2))), {x: "j", y: "i", fill: "none", stroke: "var(--warning)", strokeWidth: 2}),
        Plot.tip(cells, Plot.pointer({x: "j", y: "i", title: (c) => `label ${name(c.i)}, predicted ${name(c.j)}\n${c.n} rows`, fill: "var(--paper)", stroke: "var(--soft)"})),
      ],
    });
    return {title: `${cut(of.dataset, 24)}, round ${of.round_index}`, note: `${of.role === "best" ? "near the best round" : "the last"}; accuracy ${percent(of.accuracy)}`, svg};
  }
  charts.confusion = (picture, options) => picture.matrices.filter((m) => !m.is_training).concat(picture.matrices.filter((m) => m.is_training)).slice(0, options.focus ? 1 : 2).map((m) => matrix(m, options));
  tables.confusion = (p) => p.matrices.flatMap((m) => [
    {caption: `${m.dataset} after round ${m.round_index}`, columns: {class: m.classes.map(nameOf), recall: m.recall, precision: m.precision, F1: m.f1}},
    {caption: `${m.dataset} after round ${m.round_index}: label down, prediction across`, columns: {label: m.classes.map(nameOf), ...Object.fromEntries(m.classes.map((c, j) => [`as ${nameOf(c)}`, m.counts.map((r) => r[j])]))}}]);
})();
