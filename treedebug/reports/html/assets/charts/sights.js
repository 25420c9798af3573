// What a network sees: rows in the latent space of a layer, and the inputs that the output follows.
(() => {
  const {charts, tables, choice, plot, percent, short, hover, tipOf, COLORS, cut, legend, element} = treedebug;
  const FEW = 8;
  const named = (c) => (c < 0 ? "unknown" : `class ${c}`);

  function space(s, width) {
    const known = [...new Set(s.classes)].sort((a, b) => a - b);
    const color = (c) => (c < 0 ? "var(--soft)" : COLORS[known.indexOf(c) % COLORS.length]);
    const rows = s.x.map((x, i) => ({x, y: s.y[i], c: s.classes[i], step: s.steps[i]}));
    const side = Math.min(width, 520), how = {x: "x", y: "y", fill: (d) => color(d.c)};
    // More classes than colours are written out: a digit says what a colour cannot.
    const mark = known.length > FEW ? Plot.text(rows, {...how, text: (d) => String(d.c), fontSize: 11, fontWeight: 600, className: "rows"}) : Plot.dot(rows, {...how, r: 3.2, fillOpacity: 0.85, className: "rows"});
    const svg = plot({
      width: side, height: Math.round(0.8 * side), marginLeft: 8, marginBottom: 8, label: `${rows.length} rows as layer ${s.layer} sees them`, color: {type: "identity"},
      x: {axis: null}, y: {axis: null}, marks: [Plot.frame({stroke: "var(--line)"}), mark, hover(rows, {x: "x", y: "y"}, (d) => `${named(d.c)}\nstep ${d.step}`)],
    });
    return element("div", {}, known.length > 1 && known.length <= FEW ? legend(known.map((c) => ({text: named(c), color: color(c)}))) : "", svg);
  }
  charts.latent_space = (picture, options) => [{
    title: "rows that the layer finds alike lie close together", note: "t-SNE; axes and sizes of clusters mean nothing",
    ...choice(picture, "Layer", picture.spaces.map((s) => cut(s.layer, 40)), (i) => space(picture.spaces[i], options.width), options),
  }];
  tables.latent_space = (p) => p.spaces.map((s) => ({caption: `Rows as layer ${s.layer} sees them`, columns: {x: s.x, y: s.y, class: s.classes, step: s.steps}}));

  function bars(picture, width) {
    const data = picture.inputs.map((name, i) => ({name, strength: picture.strength[i]}));
    return plot({
      width, height: 40 + 18 * data.length, marginLeft: Math.min(150, width / 3), marginRight: 48, label: "strength of the inputs",
      x: {axis: null, zero: true}, y: {type: "band", domain: picture.inputs, label: null, tickSize: 0, padding: 0.25, tickFormat: (n) => cut(n, 22)},
      marks: [
        Plot.rect(data, {x1: 0, x2: "strength", y: "name", fill: "var(--c1)", className: "bars"}),
        Plot.text(data, {x: "strength", y: "name", text: (d) => short(Number(d.strength.toPrecision(3))), textAnchor: "start", dx: 4}),
        Plot.tip(data, Plot.pointerY({x: "strength", y: "name", ...tipOf((d) => `${d.name}\n${short(d.strength)}`)})),
      ],
    });
  }
  function map(values, width, label, color) {
    const cells = values.flatMap((row, y) => row.map((v, x) => ({x, y, v})));
    const all = cells.map((c) => c.v).filter((v) => v !== null), low = Math.min(0, ...all), high = Math.max(...all, low + 1e-30);
    const wide = values[0].length, tall = values.length, size = Math.max(2, Math.floor(width / wide));
    return plot({
      width: size * wide, height: Math.max(Math.min(size * tall, width), 16), marginTop: 0, marginRight: 0, marginBottom: 0, marginLeft: 0, label, color: {type: "identity"}, x: {axis: null, domain: [0, wide]}, y: {axis: null, domain: [tall, 0]},
      marks: [Plot.frame({stroke: "var(--line)"}), Plot.rect(cells, {x1: "x", x2: (c) => c.x + 1, y1: "y", y2: (c) => c.y + 1, fill: color, fillOpacity: {value: (c) => (c.v - low) / (high - low), scale: null}, className: "cells"})],
    });
  }
  charts.saliency = (picture, {width}) => {
    if (picture.inputs.length) return [{title: "how far the output moves", note: "as an input moves by its standard deviation", svg: bars(picture, Math.min(width, 520))}];
    const side = Math.min(150, (width - 32) / 2), shown = (text, ...maps) => element("div", {}, element("p", {class: "note"}, text), element("div", {class: "sights"}, ...maps));
    return [
      {title: "mean of all rows", note: "the stronger, the more the output moves", svg: map(picture.mean_map, Math.min(width, 240), "mean size of the gradient", "var(--heat)")},
      {title: "some rows", note: "what came in, and what the output follows in it", svg: element("div", {class: "sights"}, ...picture.examples.map((e, i) => shown(named(e.label), map(e.input, side, `row ${i + 1}`, "var(--ink)"), map(e.gradient, side, `what the output follows in row ${i + 1}`, "var(--heat)"))))},
    ];
  };
  tables.saliency = (p) => [p.inputs.length ? {caption: "Strongest inputs", columns: {input: p.inputs, strength: p.strength}, total: p.n_inputs} : {caption: "Mean size of the gradient, a row a line of the map", columns: Object.fromEntries((p.mean_map[0] ?? []).map((_, x) => [String(x), p.mean_map.map((row) => row[x])]))}];
})();
