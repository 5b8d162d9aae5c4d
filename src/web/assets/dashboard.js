// Makes the pages quicker to use. Every page is whole without it.
"use strict";
(() => {
  const body = document.body;
  const files = body.dataset.files === "true";
  document.documentElement.classList.add("scripted");

  // --- What a page has, again after a part of it was replaced -------------------------------------------------------

  const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
  const units = [["year", 31536e6], ["month", 2592e6], ["day", 864e5], ["hour", 36e5], ["minute", 6e4]];

  function ago(time) {
    const past = new Date(time.dateTime) - Date.now();
    const [unit, size] = units.find(([, size]) => Math.abs(past) >= size) || ["second", 1e3];
    return relative.format(Math.trunc(past / size), unit);
  }

  function dress(root) {
    for (const time of root.querySelectorAll("time[title]:not([data-ago])")) {
      time.dataset.ago = "";
      time.title = `${time.title}, ${ago(time)}`;
    }
    for (const snippet of root.querySelectorAll(".snippet:not(:has(.copy))")) {
      const copy = document.createElement("button");
      copy.type = "button";
      copy.className = "copy";
      copy.textContent = "Copy";
      copy.addEventListener("click", async () => {
        await navigator.clipboard.writeText(snippet.querySelector("code").textContent);
        copy.textContent = "Copied";
        setTimeout(() => { copy.textContent = "Copy"; }, 1500);
      });
      if (navigator.clipboard) snippet.append(copy);
    }
    for (const form of root.querySelectorAll("form[data-instant]")) instant(form);
    if (files) for (const head of root.querySelectorAll("table[data-rows] thead th")) sortable(head);
  }

  // --- Filters -------------------------------------------------------------------------------------------------------

  function instant(form) {
    let waiting;
    const go = () => files ? filter(form) : visit(address(form), true);
    form.addEventListener("submit", (event) => { event.preventDefault(); clearTimeout(waiting); go(); });
    // A filter that is half written means something else, and is answered from every model's files.
    const pause = () => /[<>=]/.test(form.elements.q?.value) ? 900 : 160;
    form.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(go, files ? 0 : pause()); });
  }

  function address(form) {
    const query = new URLSearchParams();
    for (const [key, value] of new FormData(form)) if (value) query.append(key, value);
    const url = new URL(form.action);
    url.search = query;
    return url.href;
  }

  // Files have no server to ask: the rows that are there are shown or hidden.
  function filter(form) {
    const box = form.closest("[data-results]");
    const wanted = [...form.querySelectorAll("[data-filter]")].map((field) => [field.dataset.filter, field.value.trim()]);
    let shown = 0;
    for (const row of box.querySelectorAll("table[data-rows] tbody tr")) {
      row.hidden = !wanted.every(([key, value]) => {
        if (!value) return true;
        if (key === "text") return value.toLowerCase().split(/\s+/).every((word) => row.dataset.text.includes(word));
        return row.dataset[key].split("\n").includes(value);
      });
      shown += row.hidden ? 0 : 1;
    }
    const empty = box.querySelector("[data-empty]");
    if (empty) empty.hidden = shown > 0;
  }

  function sortable(head) {
    head.classList.add("sortable");
    head.tabIndex = 0;
    const sort = () => {
      const down = head.ariaSort === "ascending";
      for (const other of head.parentNode.children) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      const body = head.closest("table").tBodies[0];
      const at = [...head.parentNode.children].indexOf(head);
      const key = (row) => row.cells[at].dataset.sort ?? row.cells[at].textContent.trim().toLowerCase();
      const order = (a, b) => key(a).localeCompare(key(b), "en", { numeric: true }) * (down ? -1 : 1);
      // What is empty comes last in both directions.
      const last = (a, b) => (key(a) === "") - (key(b) === "");
      body.append(...[...body.rows].sort((a, b) => last(a, b) || order(a, b)));
    };
    head.addEventListener("click", sort);
    head.addEventListener("keydown", (event) => { if (event.key === "Enter") sort(); });
  }

  // --- Another view of the same page, without leaving it ---------------------------------------------------------------

  let last = 0;

  async function visit(url, replace) {
    const turn = ++last;
    let page;
    try {
      const answer = await fetch(url, { headers: { accept: "text/html" } });
      page = new DOMParser().parseFromString(await answer.text(), "text/html");
    } catch {
      if (replace) location.assign(url);
      return;
    }
    if (turn !== last) return;
    const part = page.querySelector("[data-results]");
    const here = document.querySelector("[data-results]");
    if (!part || !here) { location.assign(url); return; }
    if (replace) history.replaceState(null, "", url);
    // What is being typed into stays; what came is put around it.
    const form = here.querySelector("form");
    const fresh = part.querySelector("form");
    if (form && fresh && form.contains(document.activeElement)) {
      for (const child of [...here.children]) if (child !== form) child.remove();
      let before = true;
      for (const child of [...part.children]) {
        if (child === fresh) before = false;
        else if (before) form.before(child);
        else here.append(child);
      }
    } else {
      here.replaceWith(part);
    }
    dress(document);
  }

  document.addEventListener("click", (event) => {
    if (files || event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey) return;
    const link = event.target.closest("[data-results] thead a, [data-results] .pager a");
    if (!link) return;
    event.preventDefault();
    visit(link.href, true);
  });

  // --- News ------------------------------------------------------------------------------------------------------------

  // One that was refused comes back as it was filled in.
  let begun = Boolean(document.querySelector(".outcome.bad"));
  document.addEventListener("input", (event) => { begun ||= Boolean(event.target.closest("form[method=post]")); });

  // Which of a page's parts that open it is, whatever else comes or goes.
  const name = (details) => details.querySelector("input[name=form]")?.value ?? details.querySelector("summary").textContent;

  async function renew(stamp) {
    // A form that somebody fills in is not taken away, and none moves under a pointer that is about to send it.
    const open = document.querySelector("main details.act[open]");
    if (begun || open || (document.activeElement && document.activeElement.matches("input, select, textarea"))) {
      tell();
      return;
    }
    const turn = ++last;
    const answer = await fetch(location.href, { headers: { accept: "text/html" } });
    if (!answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (turn !== last) return;
    const known = new Map([...document.querySelectorAll("main details")].map((details) => [name(details), details.open]));
    const ticked = new Set([...document.querySelectorAll("main input[name=v]:checked")].map((box) => box.value));
    // The list of registries has neither of the last two.
    for (const part of ["main", ".bar nav", "footer code"]) {
      document.querySelector(part)?.replaceWith(page.querySelector(part));
    }
    for (const details of document.querySelectorAll("main details")) details.open = known.get(name(details)) ?? details.open;
    for (const box of document.querySelectorAll("main input[name=v]")) box.checked = ticked.has(box.value);
    body.dataset.stamp = page.body.dataset.stamp || stamp;
    dress(document);
  }

  function tell() {
    if (document.querySelector(".news")) return;
    const news = document.createElement("button");
    news.type = "button";
    news.className = "news";
    news.textContent = "The registry has changed: show it";
    // Not again what a form was sent to.
    news.addEventListener("click", () => location.replace(location.pathname + location.search));
    body.append(news);
  }

  // A browser has six connections to a server, and a stream holds one: a tab that nobody sees has none.
  let events;
  function listen() {
    events?.close();
    events = undefined;
    const live = document.querySelector(".live");
    if (live) live.hidden = true;
    if (document.hidden) return;
    events = new EventSource(body.dataset.events);
    events.addEventListener("open", () => { live.hidden = false; });
    events.addEventListener("error", () => { live.hidden = true; });
    events.addEventListener("message", (event) => {
      if (event.data !== body.dataset.stamp) renew(event.data);
    });
  }
  if (!files && body.dataset.events && window.EventSource) {
    listen();
    document.addEventListener("visibilitychange", listen);
    window.addEventListener("pagehide", () => events?.close());
    window.addEventListener("pageshow", (event) => { if (event.persisted) listen(); });
  }

  // --- The key to changes, which comes behind the address's `#`: what is there is sent to no server and kept in no log -----

  const door = document.querySelector("form[data-key]");
  function knock() {
    if (location.hash.length < 2) return;
    door.elements.key.value = location.hash.slice(1);
    history.replaceState(null, "", location.pathname);
    door.requestSubmit();
  }
  if (door) {
    knock();
    window.addEventListener("hashchange", knock);
  }

  // --- Keys ------------------------------------------------------------------------------------------------------------

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const typing = event.target.matches("input:not([type=checkbox], [type=radio]), select, textarea");
    if (event.key === "Escape" && typing) { event.target.blur(); return; }
    if (typing) return;
    if (event.key === "/") {
      const field = document.querySelector("[data-results] input[type=search]") || document.querySelector("[data-focus]");
      if (field) { event.preventDefault(); field.focus(); field.select(); }
    }
    if (event.key === "j" || event.key === "k") step(event.key === "j" ? 1 : -1);
    if (event.key === "Enter" && event.target === body) document.querySelector("tr.at th a")?.click();
  });

  function step(by) {
    const rows = [...document.querySelectorAll("main table.cards tbody tr")].filter((row) => row.offsetParent);
    if (!rows.length) return;
    const at = rows.findIndex((row) => row.classList.contains("at"));
    const next = rows[Math.min(rows.length - 1, Math.max(0, at < 0 ? 0 : at + by))];
    rows[at]?.classList.remove("at");
    next.classList.add("at");
    next.scrollIntoView({ block: "nearest" });
  }

  dress(document);
})();
