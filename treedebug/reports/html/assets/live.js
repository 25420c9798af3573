"use strict";
// Follows what a served page shows: events bring curves and lines; where more has changed, the page is fetched again and
// its parts are exchanged in place. Nothing is reloaded: what is open, ticked, chosen and scrolled stays as it is.
(() => {
  const body = document.body, address = body.dataset.events, status = document.getElementById("live-status");
  if (!address) return;
  let source = null, fetching = false, waiting = null, allowed = 0, stale = false;
  const parts = () => [...document.querySelectorAll("[data-live]")];
  const say = (text) => { if (status.textContent !== text) status.firstElementChild.textContent = text; };

  function keep(part) {
    const inside = (selector) => [...part.querySelectorAll(selector)];
    const name = (node) => [node.closest("[id]")?.id, node.className, node.querySelector("summary")?.textContent.replace(/\d+/g, "")].join("|");
    const open = new Map(inside("details").map((d) => [name(d), d.open]));
    const ticked = new Set(inside("input:checked").map((i) => i.value));
    const scrolled = inside(".scroll").map((s) => [s.getAttribute("aria-label"), s.scrollLeft, s.scrollTop]);
    const focused = part.contains(document.activeElement) ? document.activeElement : null;
    const again = focused && (focused.id ? `#${CSS.escape(focused.id)}` : focused.getAttribute("href") ? `a[href="${CSS.escape(focused.getAttribute("href"))}"]` : focused.value ? `input[value="${CSS.escape(focused.value)}"]` : null);
    return () => {
      for (const d of inside("details")) if (open.has(name(d))) d.open = open.get(name(d));
      for (const i of inside("input[type=checkbox]")) i.checked = ticked.has(i.value);
      for (const s of inside(".scroll")) {
        const was = scrolled.find(([label]) => label === s.getAttribute("aria-label"));
        if (was) [, s.scrollLeft, s.scrollTop] = was;
      }
      if (again) part.querySelector(again)?.focus({preventScroll: true});
    };
  }

  function exchange(fresh) {
    const restores = [];
    for (const part of parts()) {
      const other = fresh.getElementById(part.id);
      if (!other) continue;
      restores.push(keep(part));
      part.replaceChildren(...[...other.childNodes].map((n) => document.importNode(n, true)));
    }
    body.dataset.version = fresh.body.dataset.version;
    say(fresh.getElementById("live-status").textContent);
    restores.forEach((restore) => restore());
    treedebug.show(JSON.parse(fresh.getElementById("page-data").textContent));
    restores.forEach((restore) => restore());
  }

  async function fetchAgain() {
    stale = true;
    if (fetching) return;
    const left = allowed - performance.now();
    if (left > 0) { clearTimeout(waiting); waiting = setTimeout(fetchAgain, left); return; }
    fetching = true;
    stale = false;
    const began = performance.now();
    try {
      const answer = await fetch(location.href, {cache: "no-store"});
      if (answer.ok) exchange(new DOMParser().parseFromString(await answer.text(), "text/html"));
      else say(answer.status === 404 ? "gone: it was deleted or moved; what stands here was read before" : `the server answers ${answer.status}`);
    } catch {
      say("the server does not answer; what stands here was read before");
    } finally {
      fetching = false;
      allowed = performance.now() + Math.max(1000, 10 * (performance.now() - began));
      if (stale) fetchAgain();
    }
  }

  const pageOf = (id) => Number(document.querySelector(`[data-run="${id}"]`)?.dataset.page ?? body.dataset.version);
  function hear(news) {
    const card = document.querySelector(`[data-run="${news.id}"]`);
    if (card) card.querySelector("[data-status]").firstElementChild.textContent = news.status;
    else say(news.status);
    const line = document.getElementById("sentence-learning_curves");
    if (!card && line && news.sentence) line.firstElementChild.textContent = news.sentence;
    const name = card ? news.id : "learning_curves";
    const shown = treedebug.data.pictures[name];
    if (news.curves && shown && JSON.stringify({...shown, chosen: undefined}) !== JSON.stringify(news.curves)) treedebug.show({pictures: {[name]: news.curves}}, [name]);
    if (news.page > pageOf(news.id)) fetchAgain();
  }

  function listen() {
    source = new EventSource(address);
    source.addEventListener("run", ({data}) => hear(JSON.parse(data)));
    source.addEventListener("page", ({data}) => { if (JSON.parse(data).version > Number(body.dataset.version)) fetchAgain(); });
    source.addEventListener("error", () => say("the server does not answer; trying again"));
  }
  // A browser keeps few connections to one server: pages in the background hold none.
  document.addEventListener("visibilitychange", () => {
    source?.close();
    if (!document.hidden) listen();
  });
  if (!document.hidden) listen();
})();
