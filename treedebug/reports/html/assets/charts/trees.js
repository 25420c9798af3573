// The trees over the rounds, and single trees.
(() => {
  const {charts, tables, choice, plot, roundsAxis, value, short, bands, legend, line, points, hover, cut, isPhone, element, printable} = treedebug;

  const span = (p) => (p.rounds.length > 1 ? [p.rounds[0], p.last_rounds.at(-1)] : [p.rounds[0] - 0.5, p.rounds[0] + 0.5]);
  const roundOf = (p, i) => (p.rounds[i] === p.last_rounds[i] ? `round ${p.rounds[i]}` : `rounds ${p.rounds[i]} to ${p.last_rounds[i]}`);

  // Powers of ten, at most about five of them.
  const decades = (values) => {
    const low = Math.floor(Math.log10(Math.min(...values))), high = Math.ceil(Math.log10(Math.max(...values)));
    const step = Math.max(1, Math.ceil((high - low) / 5));
    return Array.from({length: Math.floor((high - low) / step) + 1}, (_, i) => 10 ** (low + i * step));
  };

  function panel(picture, {width, marks, focus}, {name, title, note = "", columns, log = false, zero = true}) {
    const positive = columns.flatMap(([c]) => picture[c]).filter((v) => v !== null && v > 0);
    const isLog = log && positive.length > 1 && Math.max(...positive) > 50 * Math.min(...positive);
    const kept = columns.map(([c, text, style]) => [points({x: picture.rounds, y: picture[c].map((v) => (isLog && !(v > 0) ? null : v)), i: picture.rounds.map((_, i) => i)}), text, style]);
    const svg = plot({
      width, height: focus ? 220 : 190, label: `${title} by round`, x: roundsAxis(width, {domain: span(picture)}),
      y: {...value, type: isLog ? "log" : "linear", ...(isLog ? {ticks: decades(positive)} : {zero}), grid: true, label: null},
      marks: [
        ...bands(marks, focus, name),
        ...kept.map(([data, , style], k) => line(data, {x: "x", y: "y", ...style, className: `curve ${columns[k][0]}`})),
        ...(picture.rounds.length === 1 ? kept.map(([data, , style]) => Plot.dot(data, {x: "x", y: "y", fill: style.stroke, r: 4})) : []),
        hover(kept.flatMap(([data, text]) => data.filter((d) => d.y !== null).map((d) => ({...d, text}))), {x: "x", y: "y"}, (d) => `${roundOf(picture, d.i)}\n${d.text}: ${short(d.y)}`),
      ],
    });
    const notes = [note, isLog ? "logarithmic" : ""].filter(Boolean).join("; ");
    return {name, title, note: notes, svg, legend: columns.length > 1 ? legend(columns.map(([, text, style]) => ({text, color: style.stroke, dash: style.strokeDasharray ?? null}))) : null};
  }

  function leafValues(picture, {width, marks, focus}) {
    const at = (k) => picture.leaf_quantiles.map((q) => q[k]);
    const n = picture.probabilities.length;
    const all = points({x: picture.rounds, low: at(0), high: at(n - 1), a: at(1), b: at(n - 2), c: at(2), d: at(n - 3), mid: at(Math.floor(n / 2)), i: picture.rounds.map((_, i) => i)}).filter((d) => d.mid !== null);
    const band = (y1, y2, opacity) => Plot.areaY(all, {x: "x", y1, y2, fill: "var(--c4)", fillOpacity: opacity});
    const svg = plot({
      width, height: focus ? 220 : 190, label: "leaf values by round", x: roundsAxis(width, {domain: span(picture)}), y: {...value, grid: true, label: null},
      marks: [
        ...bands(marks, focus, "leaf_values"), Plot.ruleY([0], {stroke: "var(--soft)"}), band("low", "high", 0.18), band("a", "b", 0.25), band("c", "d", 0.35),
        line(all, {x: "x", y: "mid", stroke: "var(--c4)", className: "curve leaf_values"}),
        ...(all.length === 1 ? [Plot.link(all, {x1: "x", x2: "x", y1: "low", y2: "high", stroke: "var(--c4)", strokeWidth: 4})] : []),
        hover(all, {x: "x", y: "mid"}, (d) => `${roundOf(picture, d.i)}\nsmallest ${short(d.low)}\nmedian ${short(d.mid)}\nlargest ${short(d.high)}`),
      ],
    });
    return {name: "leaf_values", title: "leaf values", note: "median, half, nine tenths and all of the leaves", svg};
  }

  charts.tree_anatomy = (picture, options) => {
    const blue = {stroke: "var(--c1)"};
    const panels = [
      () => panel(picture, options, {name: "depth", title: "depth", columns: [["depth", "mean", blue], ["deepest", "deepest tree", {stroke: "var(--c2)", strokeDasharray: "5 3"}]]}),
      () => panel(picture, options, {name: "leaves", title: "leaves of a tree", columns: [["leaves", "mean", blue]]}),
      () => panel(picture, options, {name: "gain", title: "gain of a tree", note: "what its splits bring on the training rows", columns: [["gain", "mean", {stroke: "var(--c3)"}]], log: true}),
      () => leafValues(picture, options),
      () => panel(picture, options, {name: "sum_hessian", title: "sum of the hessian", note: "what is left to learn from", columns: [["sum_hessian", "mean", {stroke: "var(--c5)"}]], log: true}),
    ].map((make) => make());
    return options.focus ? panels.filter((p) => p.name === (options.focus.panel || "gain")) : panels;
  };
  tables.tree_anatomy = (p) => [{caption: "Trees by round", columns: {"first round": p.rounds, "last round": p.last_rounds, trees: p.n_trees, depth: p.depth, deepest: p.deepest, leaves: p.leaves, gain: p.gain, "sum of the hessian": p.sum_hessian, "median leaf": p.leaf_quantiles.map((q) => q[Math.floor(q.length / 2)])}}];

  // One tree: boxes where they fit, points where they do not.
  const textOf = (t, i) => (t.n_hidden[i] ? `${t.n_hidden[i]} more nodes` : t.condition[i] || short(t.value[i]));
  const rows = (t, i) => (t.n_rows[i] < 0 ? "" : `rows: ${t.n_rows[i]}`);
  const all = (t, i) => [textOf(t, i), t.gain[i] === null ? "" : `gain: ${short(t.gain[i])}`, `hessian: ${short(t.sum_hessian[i])}`, rows(t, i), t.condition[i] ? `missing values go ${t.missing_left[i] ? "left, where it holds" : "right"}` : "a leaf"].filter(Boolean).join("\n");

  function drawn(tree, width) {
    const deepest = Math.max(...tree.depth);
    const leaves = tree.depth.filter((_, i) => !tree.condition[i]).length;
    const wide = Math.max(width, Math.min(leaves * 74, 9000));
    const fits = leaves * 74 <= 9000;
    const labelled = (d) => fits || d.y <= 5;
    const nodes = points({x: tree.x, y: tree.depth, i: tree.x.map((_, i) => i)});
    const links = nodes.filter((d) => tree.parent[d.i] >= 0).map((d) => ({x1: tree.x[tree.parent[d.i]], y1: tree.depth[tree.parent[d.i]], x2: d.x, y2: d.y, i: d.i}));
    const largest = Math.max(...tree.gain.map((g) => g ?? 0), 1e-300);
    const isLeaf = (d) => !tree.condition[d.i];
    const label = (d) => (isLeaf(d) ? textOf(tree, d.i) : `${cut(tree.condition[d.i], 24)}\ngain ${short(tree.gain[d.i])}${rows(tree, d.i) ? `\n${rows(tree, d.i)}` : ""}`);
    const svg = plot({
      width: wide, height: Math.max(120, 66 * (deepest + 1) + 30), marginLeft: 60, marginRight: 60, marginTop: 26, marginBottom: 30,
      label: `tree of round ${tree.round_index}`, x: {axis: null, domain: [0, 1]}, y: {axis: null, reverse: true, domain: [0, Math.max(deepest, 1)]},
      marks: [
        Plot.link(links, {x1: "x1", y1: "y1", x2: "x2", y2: "y2", stroke: "var(--line)", strokeWidth: 1.5, strokeDasharray: null}),
        ...(fits ? [Plot.text(links.filter((l) => l.i <= 40), {x: (l) => (l.x1 + l.x2) / 2, y: (l) => (l.y1 + l.y2) / 2, text: (l) => (tree.is_left[l.i] ? "yes" : "no"), fill: "var(--soft)", stroke: "var(--paper)", strokeWidth: 4, fontSize: 10})] : []),
        Plot.dot(nodes, {x: "x", y: "y", r: (d) => (isLeaf(d) ? 3 : 3 + 6 * Math.sqrt((tree.gain[d.i] ?? 0) / largest)), fill: (d) => (isLeaf(d) ? "var(--c3)" : "var(--c1)"), className: "nodes"}),
        ...[Plot.text(nodes.filter(labelled), {x: "x", y: "y", text: label, lineAnchor: "top", dy: 9, fontSize: 10.5, lineHeight: 1.25, stroke: "var(--paper)", strokeWidth: 4, fill: "var(--ink)"})],
        hover(nodes, {x: "x", y: "y"}, (d) => all(tree, d.i)),
      ],
      r: {type: "identity"}, color: {type: "identity"},
    });
    const scroll = element("div", {class: "scroll tree", tabindex: "0", role: "region", "aria-label": `tree of round ${tree.round_index}`}, svg);
    return scroll;
  }

  charts.one_tree = (picture, options) => {
    const several = picture.trees.some((t) => t.n_trees > 1);
    const texts = picture.trees.map((t) => `round ${t.round_index}${several ? `, tree ${t.tree} (class ${t.class_index})` : ""}`);
    const draw = (i) => {
      const region = drawn(picture.trees[i], options.width - 2);
      requestAnimationFrame(() => { region.scrollLeft = (region.scrollWidth - region.clientWidth) * picture.trees[i].x[0]; });
      return region;
    };
    return [{title: "", note: "", ...choice(picture, "Look at", texts, draw, options)}];
  };
  tables.one_tree = (picture) => picture.trees.map((t) => ({caption: `Tree ${t.tree} of round ${t.round_index}`, columns: {
    node: t.x.map((_, i) => i), parent: t.parent.map((p) => (p < 0 ? "" : String(p))), "is where the condition holds": t.is_left, condition: t.condition, gain: t.gain, hessian: t.sum_hessian, rows: t.n_rows.map((n) => (n < 0 ? null : n)), "leaf value": t.value}}));
})();
