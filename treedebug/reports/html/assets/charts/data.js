// The data: labels and columns. The time: what a round took.
(() => {
  const {charts, tables, plot, percent, short, line, points, hover, COLORS, cut, isPhone, legend, roundsAxis, value, bands, named, element, printable} = treedebug;

  function labels(picture, {width}) {
    const withClasses = picture.tables.filter((t) => t.classes.length).slice(0, 4);
    if (!withClasses.length) return null;
    const classes = withClasses[0].classes.map(([c]) => String(c)).slice(0, 20);
    const bars = withClasses.flatMap((t, k) => t.classes.filter(([c]) => classes.includes(String(c))).map(([c, share]) => ({c: String(c), t: t.table, k, share})));
    const svg = plot({
      width, height: 46 + classes.length * (12 + 14 * withClasses.length), marginLeft: 110, marginRight: 60, marginBottom: 28, label: "share of the labels by class",
      x: {tickFormat: percent, ticks: 4, label: null, grid: true, domain: [0, Math.max(...bars.map((b) => b.share), 0.01)]}, y: {axis: null, type: "band", domain: withClasses.map((t) => t.table), padding: 0.1}, fy: {tickFormat: (c) => cut(c, 14), label: null, domain: classes, padding: 0.15}, color: {type: "identity"},
      marks: [
        Plot.barX(bars, {x: "share", y: "t", fy: "c", fill: (b) => COLORS[b.k], className: "bars"}),
        Plot.text(bars, {x: "share", y: "t", fy: "c", text: (b) => percent(b.share), textAnchor: "start", dx: 4}),
      ],
    });
    const rest = withClasses[0].classes.length > classes.length ? `; the first ${classes.length} classes` : "";
    return {title: "labels", note: `${cut(withClasses[0].label || "label", 40)}${rest}`, svg, legend: legend(withClasses.map((t, k) => ({text: cut(t.table, 30), color: COLORS[k], box: true})))};
  }

  function ranked(picture, {width, marks}, field, title, note) {
    const marked = named(marks);
    const known = picture.columns.filter((c) => c[field] !== null && c[field] > 0).sort((a, b) => b[field] - a[field]).slice(0, 15);
    if (!known.length) return null;
    const svg = plot({
      width, height: 40 + 22 * known.length, marginLeft: isPhone(width) ? 122 : 190, marginRight: 80, marginTop: 4, marginBottom: 24, label: `${title} by column`,
      x: {ticks: 4, tickFormat: field === "missing_share" ? percent : short, domain: [0, field === "missing_share" ? Math.max(...known.map((c) => c[field])) : 1], label: null, grid: true}, y: {type: "band", domain: known.map((_, i) => i), tickFormat: (i) => cut(known[i].column, isPhone(width) ? 16 : 24), label: null, tickSize: 0, padding: 0.2}, color: {type: "identity"},
      marks: [
        Plot.barX(known, {x: field, y: (_, i) => i, fill: (c) => (marked.has(c.column) ? `var(--${marked.get(c.column).severity})` : "var(--c1)"), className: "bars"}),
        Plot.text(known, {x: field, y: (_, i) => i, text: (c) => [field === "missing_share" ? percent(c[field]) : short(c[field]), ...new Set(c.codes)].join(" "), textAnchor: "start", dx: 4}),
      ],
    });
    return {title, note, svg};
  }

  charts.data_profile = (picture, options) => [
    labels(picture, options),
    ranked(picture, options, "score", "what a column alone tells of the label", "0 nothing, 1 everything"),
    ranked(picture, options, "drift", "difference from the other set", "0 the same, 1 nothing in common"),
    ranked(picture, options, "missing_share", "missing values", "share of the rows"),
  ].filter(Boolean);
  const spread = (c, k) => (c.quantiles.length ? c.quantiles[Math.round(k * (c.quantiles.length - 1))] : null);
  tables.data_profile = (p) => [
    {caption: "Tables", columns: {table: p.tables.map((t) => t.table), rows: p.tables.map((t) => t.n_rows), columns: p.tables.map((t) => t.n_columns), label: p.tables.map((t) => t.label)}},
    {caption: `Columns${p.n_left_out ? ` (${p.n_left_out} more are left out)` : ""}`, columns: {
      column: p.columns.map((c) => c.column), kind: p.columns.map((c) => c.kind), findings: p.columns.map((c) => [...new Set(c.codes)].join(", ")), "tells of the label": p.columns.map((c) => c.score), drift: p.columns.map((c) => c.drift),
      missing: p.columns.map((c) => percent(c.missing_share)), distinct: p.columns.map((c) => c.n_distinct), minimum: p.columns.map((c) => spread(c, 0)), median: p.columns.map((c) => spread(c, 0.5)), maximum: p.columns.map((c) => spread(c, 1)), "most frequent": p.columns.map((c) => (c.top_values.length ? `${c.top_values[0][0]} (${percent(c.top_values[0][1])})` : ""))}},
  ];

  const secondsText = (s) => (s === null ? "–" : s >= 1 ? `${short(s)} s` : `${Number((1000 * s).toPrecision(3))} ms`);
  const bytesText = (b) => (b === null ? "–" : b >= 1e9 ? `${Number((b / 1e9).toPrecision(3))} GB` : `${Number((b / 1e6).toPrecision(3))} MB`);
  function timed(picture, {width, marks, focus}, {name, title, note, columns, text, rule = null}) {
    const known = columns.filter(([c]) => picture[c].some((v) => v !== null));
    if (!known.length) return null;
    const data = known.map(([c, what, style]) => points({x: picture.rounds, y: picture[c]}).filter((d) => d.y !== null).map((d) => ({...d, what, style})));
    const end = Math.max(picture.last_rounds.at(-1), picture.rounds[0] + 1);
    const svg = plot({
      width, height: 200, marginLeft: 62, label: `${title} by round`, x: roundsAxis(width, {domain: [picture.rounds[0], end]}), y: {ticks: 5, tickFormat: text, zero: true, grid: true, label: null},
      marks: [
        ...bands(marks, focus, name), ...(rule ? [Plot.ruleY([rule.at], {stroke: "var(--soft)", strokeDasharray: "2 4"})] : []),
        ...data.map((d, k) => line(d, {x: "x", y: "y", ...known[k][2], className: `curve ${known[k][0]}`})), ...(picture.rounds.length === 1 ? data.map((d, k) => Plot.dot(d, {x: "x", y: "y", fill: known[k][2].stroke, r: 4})) : []),
        hover(data.flat(), {x: "x", y: "y"}, (d) => `round ${d.x}\n${d.what}: ${text(d.y)}`),
      ],
    });
    return {name, title, note, svg, legend: known.length > 1 || rule ? legend([...known.map(([, what, style]) => ({text: what, color: style.stroke, dash: style.strokeDasharray ?? null})), ...(rule ? [{text: rule.text, color: "var(--soft)", dash: "2 4"}] : [])]) : null};
  }
  // Where each mark is one round, its mean is its slowest.
  const isBinned = (picture) => picture.rounds.some((r, i) => r < picture.last_rounds[i]);
  charts.time_by_round = (picture, options) => {
    const panels = [
      timed(picture, options, {name: "seconds", title: "time of a round", note: "", columns: [["seconds", "mean", {stroke: "var(--c1)"}], ...(isBinned(picture) ? [["slowest", "slowest", {stroke: "var(--c2)", strokeDasharray: "3 3"}]] : [])], text: secondsText}),
      picture.evaluation_seconds.every((v) => v === null) ? null : timed(picture, options, {name: "evaluation", title: "metrics and callbacks", note: "part of the time of a round", columns: [["seconds", "whole round", {stroke: "var(--train)", strokeDasharray: "6 3"}], ["evaluation_seconds", "metrics and callbacks", {stroke: "var(--c3)"}]], text: secondsText}),
      timed(picture, options, {name: "cores", title: "busy cores", note: "", columns: [["busy_cores", "busy", {stroke: "var(--c4)"}]], text: short, rule: picture.n_cores ? {at: picture.n_cores, text: `${picture.n_cores} there`} : null}),
      timed(picture, options, {name: "memory", title: "peak memory", note: "", columns: [["peak_memory", "peak", {stroke: "var(--c5)"}]], text: bytesText}),
    ].filter(Boolean);
    if (!options.focus) return panels;
    const wanted = panels.filter((p) => p.name === options.focus.panel);
    return wanted.length ? wanted : panels.slice(0, 1);
  };
  tables.time_by_round = (p) => [
    {caption: "All rounds, in seconds", columns: {what: ["all rounds", "boosting", "metrics and callbacks", "preparation in the first round", "a round, as a rule"], seconds: [p.total_seconds, p.total_boosting, p.total_evaluation, p.setup_seconds, p.usual_seconds]}},
    {caption: "Time by round, in seconds", columns: {"first round": p.rounds, "last round": p.last_rounds, mean: p.seconds, slowest: p.slowest, "metrics and callbacks": p.evaluation_seconds, "busy cores": p.busy_cores, "peak memory": p.peak_memory}}];
})();
