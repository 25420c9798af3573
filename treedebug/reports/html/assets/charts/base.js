"use strict";
// What all charts share. A chart is a function (picture, {width, findings, focus}) -> [{title, note, svg, legend, wide}]:
// it draws what a picture holds and computes no number. A table is a function (picture) -> [{caption, columns}].
const treedebug = (() => {
  const charts = {};
  const tables = {};
  const COLORS = ["var(--c1)", "var(--c2)", "var(--c3)", "var(--c4)", "var(--c5)", "var(--c6)", "var(--c7)", "var(--c8)"];

  // Numbers as treedebug's text reports write them: four significant digits.
  function short(value) {
    if (value === null || value === undefined) return "–";
    if (typeof value === "boolean") return value ? "yes" : "no";
    if (typeof value !== "number") return String(value);
    if (Number.isInteger(value) && Math.abs(value) < 1e15) return String(value);
    if (Math.abs(value) >= 1e4 && Math.abs(value) < 1e15) return value.toFixed(0);
    return String(Number(value.toPrecision(4)));
  }
  const percent = (share) => (share === null || share === undefined ? "–" : `${Number((100 * share).toPrecision(3))} %`);
  const cut = (text, most) => {
    const shown = printable(String(text));
    const letters = Array.from(shown);
    return letters.length <= most ? shown : `${letters.slice(0, most - 1).join("")}…`;
  };
  // Marks of direction and line ends in a name would disorder the text around it.
  const printable = (text) => text.replace(/[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g, "\u00b7");

  function element(tag, attributes = {}, ...children) {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) if (value !== null && value !== undefined) made.setAttribute(name, value);
    made.append(...children.filter((c) => c !== null && c !== undefined));
    return made;
  }

  // All plots are made here. The SVG is one image with a text; `chart.scale` reads marks back.
  function plot({label, ...options}) {
    const made = Plot.plot({
      marginTop: 16, marginRight: 16, marginBottom: 34, marginLeft: 48, height: 240,
      style: {background: "none", fontSize: "12px", fontFamily: "inherit", color: "currentColor", overflow: "visible"},
      ...options,
    });
    made.setAttribute("role", "img");
    made.setAttribute("aria-label", label);
    for (const part of made.querySelectorAll("[aria-label], [aria-description]")) {
      part.dataset.mark = part.getAttribute("aria-label") ?? "";
      part.removeAttribute("aria-label");
      part.removeAttribute("aria-description");
    }
    return made;
  }

  const isPhone = (width) => width < 480;
  // Rounds are whole: of a few rounds each has its tick, and none stands between two.
  const roundsAxis = (width, more = {}) => {
    const most = Math.max(3, Math.min(10, Math.round(width / 80)));
    const [first, last] = more.domain ?? [0, Infinity];
    const few = last - first <= most ? Array.from({length: Math.floor(last) - Math.ceil(first) + 1}, (_, i) => Math.ceil(first) + i) : most;
    return {label: "round", ticks: few, tickFormat: whole, nice: false, ...more};
  };
  const whole = (v) => (Number.isInteger(v) ? String(v) : "");
  const value = {tickFormat: short, ticks: 5, nice: true};
  const share = {tickFormat: percent, ticks: 5, domain: [0, 1]};
  const points = (columns) => {
    const names = Object.keys(columns);
    return Array.from(columns[names[0]], (_, i) => Object.fromEntries(names.map((n) => [n, columns[n][i]])));
  };
  // A line breaks where a number is missing.
  const line = (data, options) => Plot.line(data, {strokeWidth: 1.75, defined: undefined, ...options});
  const tipOf = (title) => ({title, fontSize: 12, lineWidth: 24, fill: "var(--paper)", stroke: "var(--soft)"});
  const hover = (data, options, title) => Plot.tip(data, Plot.pointer({...options, ...tipOf(title), maxRadius: 60}));

  // Rounds that a finding speaks of, as a band with its code; in a picture of its own it is drawn stronger.
  function bands(marks, focus, panel = null) {
    const told = marks.filter((m) => m.rounds && (panel === null || m.panel === panel));
    const shown = told.filter((m, i) => told.findIndex((o) => o.code === m.code) === i).slice(0, 3);
    return shown.flatMap((m, i) => {
      const tone = `var(--${m.severity})`;
      const [from, to] = m.rounds;
      return [
        ...(to > from ? [Plot.rect([m], {x1: from, x2: to, fill: tone, fillOpacity: focus ? 0.13 : 0.07})] : []),
        Plot.ruleX([from], {stroke: tone, strokeOpacity: 0.8, strokeDasharray: "3 3"}),
        Plot.text([m], {x: from, text: () => m.code, fill: tone, frameAnchor: "top", textAnchor: "start", dx: 4, dy: 2 + 13 * i, fontWeight: 600, stroke: "var(--paper)", strokeWidth: 4}),
      ];
    });
  }
  const named = (marks) => new Map(marks.flatMap((m) => m.names.map((n) => [n, m])));

  const swatch = (color, {dash = null, box = false, opacity = 1} = {}) => {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    for (const [k, v] of Object.entries({width: 22, height: 12, viewBox: "0 0 22 12", "aria-hidden": "true"})) svg.setAttribute(k, v);
    const mark = document.createElementNS("http://www.w3.org/2000/svg", box ? "rect" : "line");
    const shape = box ? {x: 1, y: 1, width: 20, height: 10, fill: color, "fill-opacity": opacity} : {x1: 1, x2: 21, y1: 6, y2: 6, stroke: color, "stroke-width": 2.5, "stroke-opacity": opacity};
    for (const [k, v] of Object.entries(shape)) mark.setAttribute(k, v);
    if (dash) mark.setAttribute("stroke-dasharray", dash);
    svg.append(mark);
    return svg;
  };
  const legend = (items) => {
    const list = element("ul", {class: "legend"});
    for (const {text, color, ...how} of items) list.append(element("li", {}, swatch(color, how), element("bdi", {}, text)));
    return list;
  };

  // One of several drawings at a time, chosen from a native list; in a finding's own picture the first alone.
  let lists = 0;
  function choice(picture, label, texts, draw, {focus} = {}) {
    const first = Math.min(picture.chosen ?? 0, texts.length - 1);
    const place = element("div", {}, draw(focus ? 0 : first));
    if (focus || texts.length < 2) return {svg: place, control: null};
    const id = `choice-${++lists}`;
    const select = element("select", {id});
    texts.forEach((text, i) => select.append(element("option", {value: i}, text)));
    select.value = String(first);
    select.addEventListener("change", () => {
      picture.chosen = Number(select.value);
      place.replaceChildren(draw(picture.chosen));
    });
    return {svg: place, control: element("div", {class: "control"}, element("label", {for: id}, label), select)};
  }

  function table({caption, columns, total = null}) {
    const names = Object.keys(columns);
    const n = Math.max(0, ...names.map((k) => columns[k].length));
    const most = 500;
    const numeric = new Set(names.filter((k) => columns[k].some((v) => typeof v === "number")));
    const head = element("tr", {}, ...names.map((k) => element("th", {scope: "col", class: numeric.has(k) ? "number" : null}, k)));
    const body = element("tbody");
    for (let i = 0; i < Math.min(n, most); i++)
      body.append(element("tr", {}, ...names.map((k) => element("td", {class: numeric.has(k) ? "number" : null}, element("bdi", {}, typeof columns[k][i] === "string" ? printable(columns[k][i]) : short(columns[k][i]))))));
    const rest = n > most ? ` (the first ${most} of ${total ?? n})` : "";
    return element("div", {class: "scroll", tabindex: "0", role: "region", "aria-label": caption},
      element("table", {}, element("caption", {}, caption + rest), element("thead", {}, head), body));
  }

  return {charts, tables, COLORS, short, percent, cut, printable, element, plot, isPhone, roundsAxis, value, share, points, line, hover, tipOf, bands, named, legend, choice, table};
})();
