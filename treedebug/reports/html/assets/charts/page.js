// Puts the charts where the page asks for them, and their tables beside them.
(() => {
  const {charts, tables, element, table} = treedebug;
  const data = JSON.parse(document.getElementById("page-data").textContent);
  treedebug.data = data;

  function draw(place) {
    const picture = data.pictures[place.dataset.picture];
    const make = charts[place.dataset.picture];
    const width = Math.floor(place.clientWidth);
    if (!picture || !make || !width || place.dataset.width === String(width)) return;
    place.dataset.width = String(width);
    const found = data.findings.flatMap((f) => f.marks.filter((m) => m.picture === place.dataset.picture).map((m) => ({...m, id: f.id})));
    const focus = place.dataset.focus ? found.find((m) => m.id === place.dataset.focus) ?? null : null;
    const marks = focus ? [focus] : found;
    const columns = focus ? 1 : Number(place.dataset.columns ?? 1);
    const across = window.matchMedia("(min-width: 60rem)").matches || window.matchMedia("print").matches ? columns : 1;
    const inner = Math.floor((width - 32 * (across - 1)) / across);
    const panels = make(picture, {width: inner, marks, focus, full: width});
    place.hidden = !panels.length;  // the sentence and the table stand by themselves
    const grid = element("div", {class: `panels ${["", "", "halves", "thirds"][columns] ?? ""}`});
    for (const {title, note, svg, legend, control} of panels) {
      const caption = title ? element("figcaption", {}, element("bdi", {}, title), note ? element("span", {class: "note"}, ` – ${note}`) : null) : null;
      grid.append(element("figure", {}, caption, control ?? null, legend ?? null, svg));
    }
    place.replaceChildren(grid);
  }

  function fill(details) {
    if (!details.open || details.dataset.filled) return;
    details.dataset.filled = "yes";
    const name = details.dataset.picture;
    details.append(...(tables[name] ? tables[name](data.pictures[name]).map(table) : []));
  }

  const places = () => document.querySelectorAll(".chart[data-picture]");
  const drawAll = () => places().forEach(draw);
  let waiting = null;
  window.addEventListener("resize", () => { clearTimeout(waiting); waiting = setTimeout(drawAll, 120); });
  window.addEventListener("beforeprint", () => {
    document.querySelectorAll("details.symptoms, details.skipped").forEach((d) => { d.open = true; });
    drawAll();
  });
  document.querySelectorAll("details").forEach((d) => d.addEventListener("toggle", () => {
    if (d.open) d.querySelectorAll(".chart[data-picture]").forEach(draw);
  }));
  document.querySelectorAll("details.data").forEach((d) => d.addEventListener("toggle", () => fill(d)));
  document.querySelectorAll("button.copy").forEach((button) => button.addEventListener("click", async () => {
    const text = button.parentElement.querySelector("pre").textContent;
    try {
      await navigator.clipboard.writeText(text);
      button.textContent = "Copied";
    } catch {
      const range = document.createRange();
      range.selectNodeContents(button.parentElement.querySelector("pre"));
      getSelection().removeAllRanges();
      getSelection().addRange(range);
      button.textContent = "Selected: press Ctrl+C";
    }
    setTimeout(() => { button.textContent = "Copy"; }, 2500);
  }));
  document.querySelectorAll("table.sortable").forEach((table) => table.querySelectorAll("th button").forEach((button, column) => button.addEventListener("click", () => {
    const head = button.closest("th"), body = table.tBodies[0];
    const descending = head.getAttribute("aria-sort") === "ascending";
    table.querySelectorAll("th[aria-sort]").forEach((th) => th.removeAttribute("aria-sort"));
    head.setAttribute("aria-sort", descending ? "descending" : "ascending");
    const key = (row) => row.cells[column].dataset.value ?? row.cells[column].textContent.trim();
    const order = (a, b) => (key(a) === "-") - (key(b) === "-") || (descending ? -1 : 1) * (Number(key(a)) - Number(key(b)) || key(a).localeCompare(key(b), undefined, {numeric: true}));
    body.append(...[...body.rows].sort(order));
  })));
  drawAll();
  document.documentElement.dataset.drawn = "yes";
})();
