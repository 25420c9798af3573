// Importance over the rounds, and ranked.
(() => {
  const {charts, tables, plot, roundsAxis, short, percent, cut, isPhone, choice, named} = treedebug;
  const nameWidth = (width) => (isPhone(width) ? 16 : 26);

  charts.importance_heatmap = (picture, {width, marks, focus}) => {
    const marked = named(marks);
    const order = picture.features.map((_, i) => i);
    const wanted = order.filter((i) => marked.has(picture.features[i]));
    const shown = focus ? [...wanted, ...order.filter((i) => !wanted.includes(i))].slice(0, Math.max(8, wanted.length)).sort((a, b) => a - b) : order;
    const names = shown.map((i) => picture.features[i]);
    const cells = shown.flatMap((i) => picture.rounds.map((r, b) => ({name: i, x1: r, x2: picture.last_rounds[b] + 1, share: picture.share[i][b]}))).filter((c) => c.share !== null);
    const letters = nameWidth(width);
    const most = Math.max(...cells.map((c) => c.share), 1e-9);
    const label = (i) => `${picture.rise[i] > 0.05 ? "▲ " : ""}${cut(picture.features[i], letters)}`;
    const svg = plot({
      width, height: 54 + 17 * shown.length, marginLeft: isPhone(width) ? 122 : 200, label: "share of the gain by feature and round",
      x: roundsAxis(width - 150, {domain: [picture.rounds[0], picture.last_rounds.at(-1) + 1]}),
      y: {type: "band", domain: shown, tickFormat: label, label: null, tickSize: 0, padding: 0.08},
      marks: [
        Plot.rect(cells, {x1: "x1", x2: "x2", y: "name", fill: "var(--heat)", fillOpacity: {value: (c) => 0.03 + 0.97 * Math.sqrt(c.share / most), scale: null}, inset: 0, className: "cells"}),
        Plot.rect(wanted.filter((i) => shown.includes(i)), {y: (i) => i, x1: () => picture.rounds[0], x2: () => picture.last_rounds.at(-1) + 1, fill: "none", stroke: (i) => `var(--${marked.get(picture.features[i]).severity})`, strokeWidth: 1.5}),
        Plot.tip(cells, Plot.pointer({x: (c) => (c.x1 + c.x2) / 2, y: "name", maxRadius: 30, title: (c) => `${cut(picture.features[c.name], 60)}\nrounds ${c.x1} to ${c.x2 - 1}\n${percent(c.share)} of the gain`, fill: "var(--paper)", stroke: "var(--soft)"})),
      ], color: {type: "identity"},
    });
    const late = picture.rise.some((r) => r > 0.05) ? "▲ gains weight late" : "";
    const rest = picture.n_used > names.length && !focus ? `the first ${names.length} of ${picture.n_used} used` : "";
    return [{title: "share of the gain of the rounds", note: ["the stronger the colour, the more", late, rest].filter(Boolean).join("; "), svg}];
  };
  tables.importance_heatmap = (p) => [{caption: "Share of the gain by feature and rounds", columns: {feature: p.features, "late less early": p.rise, ...Object.fromEntries(p.rounds.map((r, b) => [`from ${r}`, p.share.map((s) => s[b])]))}}];

  const KINDS = {total_gain: "total gain", mean_gain: "mean gain of a split", n_splits: "number of splits", total_cover: "total cover", mean_cover: "mean cover of a split"};
  charts.importance_bars = (picture, {width, marks, focus}) => {
    const marked = named(marks);
    const draw = (k) => {
      const n = focus ? 8 : isPhone(width) ? 15 : 30;
      const bars = picture.features[k].slice(0, n).map((f, i) => ({f, i, v: picture.values[k][i]}));
      return plot({
        width, height: 40 + 20 * bars.length, marginLeft: isPhone(width) ? 122 : 200, marginRight: 70, marginTop: 4, marginBottom: 24, label: `importance by ${KINDS[picture.kinds[k]]}`,
        x: {ticks: 4, tickFormat: short, label: null, grid: true, domain: [0, Math.max(...bars.map((b) => b.v), 1e-300)]}, y: {type: "band", domain: bars.map((b) => b.i), tickFormat: (i) => cut(bars[i].f, nameWidth(width)), label: null, tickSize: 0, padding: 0.2},
        marks: [
          Plot.barX(bars, {x: "v", y: "i", fill: (b) => (marked.has(b.f) ? `var(--${marked.get(b.f).severity})` : "var(--c1)"), className: "bars"}),
          Plot.text(bars, {x: "v", y: "i", text: (b) => (picture.kinds[k].startsWith("mean") ? short(b.v) : `${short(b.v)}${marked.has(b.f) ? ` ${marked.get(b.f).code}` : ""}`), textAnchor: "start", dx: 4}),
        ], color: {type: "identity"},
      });
    };
    return [{title: focus ? KINDS[picture.kinds[0]] : "", note: "", ...choice(picture, "Ranked by", picture.kinds.map((k) => KINDS[k] ?? k), draw, {focus})}];
  };
  tables.importance_bars = (p) => p.kinds.map((k, i) => ({caption: `Features by ${KINDS[k] ?? k}`, columns: {feature: p.features[i], [KINDS[k] ?? k]: p.values[i]}}));
})();
