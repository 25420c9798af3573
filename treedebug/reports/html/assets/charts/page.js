// Puts the charts where the page asks for them, and their tables beside them.
(() => {
  const {charts, tables, element, table} = treedebug;
  let data = {};

  function draw(place) {
    const picture = data.pictures[place.dataset.source ?? place.dataset.picture];
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
    const panels = make(picture, {width: inner, marks, focus, full: width}).slice(0, Number(place.dataset.most ?? Infinity));
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
  // The page is wired as a whole: what a served page puts in later works as what was there at first.
  document.addEventListener("toggle", ({target: d}) => {
    if (d.tagName === "DETAILS" && d.open) d.querySelectorAll(".chart[data-picture]").forEach(draw);
    if (d.matches?.("details.data")) fill(d);
  }, true);
  document.addEventListener("click", ({target}) => {
    const button = target.closest?.("button");
    if (button?.matches(".copy")) copy(button);
    else if (button?.matches("table.sortable th button")) sort(button);
  });

  async function copy(button) {
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
  }

  function sort(button) {
    const head = button.closest("th"), table = head.closest("table"), body = table.tBodies[0];
    const descending = head.getAttribute("aria-sort") === "ascending";
    table.querySelectorAll("th[aria-sort]").forEach((th) => th.removeAttribute("aria-sort"));
    head.setAttribute("aria-sort", descending ? "descending" : "ascending");
    const key = (row) => row.cells[head.cellIndex].dataset.value ?? row.cells[head.cellIndex].textContent.trim();
    const order = (a, b) => (key(a) === "-") - (key(b) === "-") || (descending ? -1 : 1) * (Number(key(a)) - Number(key(b)) || key(a).localeCompare(key(b), undefined, {numeric: true}));
    body.append(...[...body.rows].sort(order));
  }

  // Draws new data; what was chosen of a picture stays chosen. `only` names the pictures that changed.
  treedebug.show = (fresh, only = null) => {
    for (const [name, picture] of Object.entries(fresh.pictures)) picture.chosen = data.pictures?.[name]?.chosen;
    data = treedebug.data = only ? {...data, pictures: {...data.pictures, ...fresh.pictures}} : fresh;
    for (const place of places()) if (!only || only.includes(place.dataset.source ?? place.dataset.picture)) {
      delete place.dataset.width;
      place.hidden = false;
    }
    drawAll();
  };
  treedebug.show(JSON.parse(document.getElementById("page-data").textContent));
  document.documentElement.dataset.drawn = "yes";
})();
