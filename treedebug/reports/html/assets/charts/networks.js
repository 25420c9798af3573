// Networks: gradients, weights and updates of the layers, their activations, and the sizes of their values.
(() => {
  const {charts, tables, choice, plot, percent, short, value, line, points, hover, COLORS, cut, legend, named, isPhone} = treedebug;
  const FEW = 8;
  const raised = (n) => Array.from(String(n), (c) => (c === "-" ? "\u207b" : "\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079"[Number(c)])).join("");
  const power = (v) => (v >= 0.001 && v <= 1000 ? short(Number(v.toPrecision(1))) : `10${raised(Math.round(Math.log10(v)))}`);

  // Layers in the order of the net: a few by their own colour, many from light (the first) to dark (the last).
  function look(curves, marked) {
    const n = curves.layers.length;
    return (k) => {
      const mark = marked.get(curves.layers[k]);
      if (mark) return {stroke: `var(--${mark.severity})`, strokeOpacity: 1, strokeWidth: 3};
      if (n <= FEW) return {stroke: COLORS[k], strokeOpacity: 1, strokeWidth: 1.75};
      return {stroke: "var(--c1)", strokeOpacity: 0.25 + (0.75 * k) / (n - 1), strokeWidth: 1.5};
    };
  }

  function panel(curves, {width, marks, focus}, {name, title, note, log = false, shares = false}) {
    if (!curves.layers.length || !curves.steps.length) return null;
    const marked = named(marks.filter((m) => !m.panel || m.panel === name));
    const style = look(curves, marked);
    const seen = curves.values.flat().filter((v) => v !== null && v > 0);
    const isLog = log && seen.length > 1;
    const decades = isLog ? [Math.floor(Math.log10(Math.min(...seen))), Math.ceil(Math.log10(Math.max(...seen)))] : null;
    const step = decades ? Math.max(1, Math.ceil((decades[1] - decades[0]) / 6)) : 1;
    const ticks = decades ? Array.from({length: Math.floor((decades[1] - decades[0]) / step) + 1}, (_, i) => 10 ** (decades[0] + i * step)) : 5;
    const data = curves.layers.map((layer, k) => points({x: curves.steps, y: curves.values.map((v) => (isLog && !(v[k] > 0) ? null : v[k]))}).map((d) => ({...d, layer})));
    const y = shares ? {tickFormat: percent, ticks: 5, domain: [0, 1]} : {...value, type: isLog ? "log" : "linear", ticks, ...(isLog ? {nice: false, domain: decades[0] < decades[1] ? [10 ** decades[0], 10 ** decades[1]] : undefined, tickFormat: power} : {})};
    const svg = plot({
      width, height: focus ? 240 : 220, marginLeft: 56, label: `${title} of each layer by step`, x: {label: "step", ticks: Math.max(3, Math.round(width / 90)), tickFormat: short, nice: false}, y: {...y, grid: true, label: null},
      marks: [
        ...data.map((d, k) => line(d, {x: "x", y: "y", ...style(k), className: `curve layer-${k}`})),
        ...(curves.steps.length === 1 ? data.map((d, k) => Plot.dot(d, {x: "x", y: "y", fill: style(k).stroke, r: 4})) : []),
        hover(data.flat().filter((d) => d.y !== null), {x: "x", y: "y"}, (d) => `${cut(d.layer, 40)}\nstep ${d.x}: ${shares ? percent(d.y) : short(d.y)}`),
      ],
    });
    const n = curves.layers.length, alike = new Map();
    data.forEach((d, k) => {
      const same = JSON.stringify(d.map((p) => p.y));
      alike.set(same, [...(alike.get(same) ?? []), k]);
    });
    const wanted = (k) => n <= FEW || marked.has(curves.layers[k]) || k === 0 || k === n - 1;
    // The last of several curves that are the same hides the others: it stands for them.
    const shown = [...alike.values()].filter((ks) => ks.some(wanted)).map((ks) => ({layer: ks.filter(wanted).map((k) => `${cut(curves.layers[k], 30)}${marked.has(curves.layers[k]) ? ` (${marked.get(curves.layers[k]).code})` : ""}`).join(" = "), k: ks.at(-1)}));
    const order = n > FEW ? "faint: the first layers" : "";
    const rest = curves.n_layers > n ? `${n} of ${curves.n_layers} layers` : "";
    return {name, title, note: [note, isLog ? "logarithmic" : "", order, rest].filter(Boolean).join("; "), svg,
      legend: legend(shown.map(({layer, k}) => ({text: layer, color: style(k).stroke, opacity: style(k).strokeOpacity})))};
  }
  const wanted = (panels, focus) => {
    const found = panels.filter(Boolean);
    const own = focus ? found.filter((p) => p.name === focus.panel) : found;
    return own.length ? own : found.slice(0, 1);
  };
  const byStep = (curves, what) => ({caption: `${what} of each layer by step`, columns: {step: curves.steps, ...Object.fromEntries(curves.layers.map((l, k) => [l, curves.values.map((v) => v[k])]))}});

  charts.layer_norms = (picture, options) => wanted([
    panel(picture.gradient, options, {name: "gradient", title: "gradient", note: "Euclidean norm", log: true}),
    panel(picture.weight, options, {name: "weight", title: "weights", note: "Euclidean norm", log: true}),
    panel(picture.update_ratio, options, {name: "update_ratio", title: "update by weights", note: picture.usual.length ? `usual are ${picture.usual.join(" to ")}` : "", log: true}),
  ], options.focus);
  tables.layer_norms = (p) => [byStep(p.gradient, "Gradient"), byStep(p.weight, "Weights"), byStep(p.update_ratio, "Update by weights")];

  charts.activation_shares = (picture, options) => wanted([
    panel(picture.silent, options, {name: "silent", title: "silent units", note: "0 on every row of the batch", shares: true}),
    panel(picture.zero, options, {name: "zero", title: "zeros", note: "entries that are exactly 0", shares: true}),
    panel(picture.saturated, options, {name: "saturated", title: "saturated entries", note: "squashed flat by tanh or sigmoid", shares: true}),
  ], options.focus);
  tables.activation_shares = (p) => [byStep(p.silent, "Silent units"), byStep(p.zero, "Zeros"), byStep(p.saturated, "Saturated entries")];

  charts.kernel_regime = (picture, options) => wanted([
    panel(picture.movement, options, {name: "movement", title: "movement", note: "of the tangent kernel and of the weights since the start"}),
    panel(picture.linear, options, {name: "linear", title: "still linear", note: "R2; below 0 drawn as 0"}),
    panel(picture.labels, options, {name: "labels", title: "labels", note: "accuracy, or R2, of ridge regression on the kernel; its alignment"}),
  ], options.focus);
  tables.kernel_regime = (p) => [["Movement", p.movement], ["What is still linear", p.linear], ["Labels", p.labels]].map(([caption, c]) => ({...byStep(c, ""), caption: `${caption} by step`}));

  const sizeOf = (h, r) => (h.signs[r] === 0 ? (h.has_small ? "0 or too small" : "0") : `${h.signs[r] < 0 ? "\u2212" : ""}2${raised(h.octaves[r])}`);
  function histogram(h, width) {
    const rows = h.signs.map((_, r) => r);
    const cells = h.steps.flatMap((s, i) => h.share[i].map((share, r) => ({i, s, r, share}))).filter((c) => c.share > 0);
    const most = Math.max(...cells.map((c) => c.share), 1e-12);
    const shownTicks = rows.filter((r) => h.signs[r] === 0 || rows.length <= 16 || h.octaves[r] % Math.ceil(rows.length / 16) === 0);
    const labels = Math.max(1, Math.ceil(h.steps.length / Math.max(3, width / 90)));
    return plot({
      width, height: Math.max(160, Math.min(420, 40 + 14 * rows.length)), marginLeft: 100, marginBottom: 40, label: `sizes of the values of ${h.layer} by step`, color: {type: "identity"},
      x: {type: "band", domain: h.steps.map((_, i) => i), tickFormat: (i) => (i % labels ? "" : String(h.steps[i])), tickSize: 0, label: "step", labelAnchor: "center", labelArrow: "none", padding: 0.02}, y: {type: "band", domain: rows.slice().reverse(), ticks: shownTicks, tickFormat: (r) => (shownTicks.includes(r) ? sizeOf(h, r) : ""), tickSize: 0, label: null, padding: 0.02},
      marks: [
        Plot.cell(cells, {x: "i", y: "r", fill: "var(--heat)", fillOpacity: {value: (c) => 0.04 + 0.96 * Math.sqrt(c.share / most), scale: null}, className: "cells"}),
        Plot.tip(cells, Plot.pointer({x: "i", y: "r", title: (c) => `step ${c.s}\nsizes from ${sizeOf(h, c.r)}: ${percent(c.share)}`, fill: "var(--paper)", stroke: "var(--soft)"})),
      ],
    });
  }
  charts.value_histograms = (picture, options) => {
    const texts = picture.histograms.map((h) => `${cut(h.kind, 20)} of ${cut(h.layer, 40)}`);
    return [{title: "share of the values by their size", note: "the stronger the colour, the more", ...choice(picture, "Look at", texts, (i) => histogram(picture.histograms[i], options.width), options)}];
  };
  tables.value_histograms = (p) => p.histograms.map((h) => ({caption: `${h.kind} of ${h.layer}: share of the values by size and step`, columns: {"size from": h.signs.map((_, r) => sizeOf(h, r)), ...Object.fromEntries(h.steps.map((s, i) => [`step ${s}`, h.share[i]]))}}));
})();
