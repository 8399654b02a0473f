"use strict";
// The report's own script. Texts of documents reach the page by textContent alone, never as HTML.
const unscrape = (window.unscrape = {});
const by = (id) => document.getElementById(id);
const state = { rows: [], shown: [], at: 0, doc: null, waiting: null, tab: "text" };
const FILTERS = ["q", "source", "state", "damage", "order"];
const TABS = ["text", "page", "facts", "history"];

function el(name, attributes, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes || {})) {
    if (key === "class") node.className = value;
    else if (value !== null && value !== undefined) node.setAttribute(key, value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}
function svg(name, attributes, ...children) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  node.append(...children);
  return node;
}
function load(path) {
  const script = document.createElement("script");
  script.src = path;
  script.onerror = () => { if (state.waiting) fail(); };
  script.onload = () => script.remove();
  document.head.append(script);
}
const plural = (n, one, many) => `${n.toLocaleString("en")} ${n === 1 ? one : many}`;

// ── the list ────────────────────────────────────────────────────────────────────────────────────────────
unscrape.list = (rows) => {
  state.rows = rows;
  for (const row of rows) row.find = `${row.t || ""}\n${row.u || ""}`.toLowerCase();
  options("source", "every source", [...new Set(rows.map((row) => row.s))].sort());
  options("damage", "every damage", [...new Set(rows.flatMap((row) => row.dm || []))].sort());
  route();
};
function options(id, all, names) {
  by(id).replaceChildren(el("option", { value: "" }, all), ...names.map((name) => el("option", { value: name }, name)));
}
const STATES = {
  damaged: (row) => (row.dm || []).length > 0,
  suspect: (row) => row.sp > 0,
};
const ORDERS = {
  c: (a, b) => (a.c ?? 2) - (b.c ?? 2),
  rp: (a, b) => (b.rp || 0) - (a.rp || 0),
  sp: (a, b) => (b.sp || 0) - (a.sp || 0),
  rm: (a, b) => (b.rm || 0) - (a.rm || 0),
  t: (a, b) => (a.t || "\uffff").localeCompare(b.t || "\uffff"),
};
function filter() {
  const want = Object.fromEntries(FILTERS.map((id) => [id, by(id).value]));
  const words = want.q.toLowerCase().split(/\s+/).filter(Boolean);
  const fits = STATES[want.state] || ((row) => !want.state || row.st === want.state);
  state.shown = state.rows.filter((row) =>
    (!want.source || row.s === want.source) && fits(row) &&
    (!want.damage || (row.dm || []).includes(want.damage)) && words.every((word) => row.find.includes(word)));
  if (ORDERS[want.order]) state.shown.sort(ORDERS[want.order]);
  state.at = Math.min(state.at, Math.max(state.shown.length - 1, 0));
  by("count").textContent = state.shown.length === state.rows.length
    ? plural(state.rows.length, "document", "documents")
    : `${state.shown.length.toLocaleString("en")} of ${plural(state.rows.length, "document", "documents")}`;
  draw(true);
}
const height = () => (matchMedia("(max-width:760px)").matches ? 92 : 64);
let drawn = "";
function draw(anew) {
  const box = by("rows"), pad = by("pad"), each = height();
  const first = Math.max(Math.floor(box.scrollTop / each) - 6, 0);
  const last = Math.min(Math.ceil((box.scrollTop + box.clientHeight) / each) + 6, state.shown.length);
  const key = `${first} ${last} ${state.at} ${each}`;
  if (!anew && key === drawn) return;
  drawn = key;
  pad.style.height = `${state.shown.length * each}px`;
  const rows = [];
  for (let n = first; n < last; n++) {
    const node = line(state.shown[n], n);
    node.style.transform = `translateY(${n * each}px)`;
    rows.push(node);
  }
  if (!state.shown.length) rows.push(el("p", { class: "empty" }, state.rows.length ? "No document fits these filters." : "No documents yet."));
  pad.replaceChildren(...rows);
}
function line(row, n) {
  return el("a", { class: "row", href: `#/doc/${row.n}`, role: "option", id: `row-${n}`, "aria-selected": String(n === state.at), tabindex: "-1" },
    el("span", { class: "t" }, row.t || row.u || "untitled"),
    el("span", { class: "u" }, [row.s, row.d || (row.f || "").slice(0, 10), row.u].filter(Boolean).join("  ·  ")),
    row.c === undefined ? el("span", { class: "meter" }) : meter(row.c),
    el("span", { class: "badges" }, ...badges(row)));
}
function meter(value) {
  return el("span", { class: "meter", title: "confidence" }, value.toFixed(2),
    svg("svg", { viewBox: "0 0 100 4", preserveAspectRatio: "none", "aria-hidden": "true" },
      svg("rect", { class: "track", width: 100, height: 4, rx: 1 }), svg("rect", { class: "bar", width: Math.max(value * 100, 1), height: 4, rx: 1 })));
}
function badges(row) {
  const found = [];
  if (row.sp) found.push(el("span", { class: "tag sus" }, plural(row.sp, "suspect", "suspects")));
  if (row.rp) found.push(el("span", { class: "tag ins" }, `${row.rp.toLocaleString("en")} repaired`));
  if (row.rv > 1) found.push(el("span", { class: "tag" }, `rev. ${row.rv}`));
  if (row.st !== "good") found.push(el("span", { class: `state ${row.st}` }, row.st));
  return found;
}
function select(n) {
  if (!state.shown.length) return;
  state.at = Math.min(Math.max(n, 0), state.shown.length - 1);
  const box = by("rows"), top = state.at * height();
  if (top < box.scrollTop) box.scrollTop = top;
  if (top + height() > box.scrollTop + box.clientHeight) box.scrollTop = top + height() - box.clientHeight;
  box.setAttribute("aria-activedescendant", `row-${state.at}`);
  draw(true);
}

// ── one document ────────────────────────────────────────────────────────────────────────────────────────
function open(number) {
  const row = state.rows.find((item) => item.n === number);
  if (!row) return show("list");
  state.doc = row;
  const at = state.shown.indexOf(row);
  if (at >= 0) state.at = at;
  by("where").textContent = [row.s, row.u].filter(Boolean).join("  ·  ");
  by("title").textContent = row.t || row.u || "untitled";
  by("badges").replaceChildren(...badges(row), ...(row.dm || []).map((kind) => el("span", { class: "tag" }, kind)));
  by("alert").hidden = true;
  for (const tab of TABS) (tab === "text" ? by("text") : by(`panel-${tab}`)).replaceChildren();
  state.waiting = number;
  load(`doc/${number}.js`);
  show("doc");
  window.scrollTo(0, 0);
}
function fail() {
  state.waiting = null;
  by("text").replaceChildren(el("p", { class: "empty" }, "This document's file is missing; write the report again."));
}
unscrape.doc = (data) => {
  if (state.waiting === null) return;
  state.waiting = null;
  const refused = data.refused;
  by("alert").hidden = !refused;
  if (refused) by("alert").textContent = `${state.doc.st === "rejected" ? "Rejected" : "Quarantined"} by ${refused.stage}: ${refused.reason}. ${refused.detail}`;
  if (data.title && data.title.some((piece) => piece.length > 1)) by("title").replaceChildren(...marks(data.title, "after"));
  by("text").replaceChildren(...text(data));
  by("panel-page").replaceChildren(...page(data));
  by("panel-facts").replaceChildren(facts(data));
  by("panel-history").replaceChildren(...past(data));
  tab(data.rows ? (TABS.includes(state.tab) ? state.tab : "text") : "page");
};
function text(data) {
  if (!data.rows) return [el("p", { class: "empty" }, "No record was made of this page; see the page as fetched.")];
  const head = el("div", { class: "pair heads" }, el("div", {}, "As it stood"), el("div", {}, "The record"));
  return [head, ...data.rows.map(pair)];
}
function pair(row) {
  if (row.r !== undefined) {
    const rest = row.n > row.x.length ? ` … (${row.n.toLocaleString("en")} characters)` : "";
    return el("div", { class: "pair gone", title: row.p }, el("div", {}, el("span", { class: "reason" }, row.r), row.x.trim() + rest), el("div", {}));
  }
  const changed = row.x.some((piece) => piece.length > 1 && !folded(piece)) ? " changed" : "";
  return el("div", { class: `pair ${row.k}${changed}`, title: row.p },
    el("div", { class: "before" }, ...marks(row.x, "before")), el("div", { class: "after" }, ...marks(row.x, "after")));
}
// Blanks folded, lines joined, ends trimmed: shown, but quietly.
const folded = (piece) => piece.length > 2 && piece[2].length && piece[2].every((rule) => rule.startsWith("segment.")) && !piece[3];
function marks(pieces, side) {
  const nodes = [];
  for (const piece of pieces) {
    if (piece.length === 1) { nodes.push(piece[0]); continue; }
    const [before, after, rules, suspect] = piece;
    const said = side === "before" ? before : after;
    const quiet = folded(piece);
    if (!said && (quiet || side === "after" && !before)) continue;
    const name = suspect ? "mark" : side === "before" ? "del" : "ins";
    const label = suspect || `${rules.join(", ")}: ${show1(before)} → ${show1(after)}`;
    const gap = !/\S/.test(said);
    nodes.push(el(name, { title: label, class: (gap ? "gap" : "") + (quiet ? " fold" : ""), ...(quiet ? {} : { "data-place": side }) },
      gap && !quiet ? said.replace(/\n/g, "↵") || "\u200b" : quiet && side === "after" ? said : said));
  }
  return nodes;
}
const show1 = (part) => (part === "" ? "nothing" : JSON.stringify(part));
function page(data) {
  if (data.page === null) return [el("p", { class: "empty" }, "The bytes of this page are not in raw/.")];
  const frame = el("iframe", { sandbox: "", title: "The page as fetched", referrerpolicy: "no-referrer" });
  frame.srcdoc = by("frame").innerHTML + data.page;
  return [frame, el("p", {}, "Text and structure as fetched, in a sandbox: no scripts, no styles of its own, no pictures, no network.")];
}
function facts(data) {
  const box = el("div", { class: "facts" });
  if (data.facts) box.append(el("section", { class: "card" }, el("h2", {}, "Facts"), el("dl", {}, ...data.facts.map(([name, value, why]) =>
    el("div", {}, el("dt", {}, name), el("dd", {}, value, why ? el("small", {}, why) : null))))));
  const damage = el("section", { class: "card" }, el("h2", {}, "Damage"));
  if (data.damages && data.damages.length) damage.append(el("dl", {}, ...data.damages.map((found) => el("div", {}, el("dt", {}, found.kind),
    el("dd", {}, `${plural(found.repaired, "place", "places")} repaired, confidence ${found.confidence.toFixed(2)}`, el("small", {}, found.evidence))))));
  else damage.append(el("p", { class: "none" }, "none found"));
  box.append(damage);
  if (data.notes && data.notes.length) box.append(el("section", { class: "card" }, el("h2", {}, "What speaks against it"), el("ul", {}, ...data.notes.map((note) => el("li", {}, note)))));
  return box;
}
function past(data) {
  if (!data.history || !data.history.length) return [el("p", { class: "none" }, "There is one revision.")];
  const parts = { s: (t) => t, a: (t) => el("ins", {}, t), r: (t) => el("del", {}, t) };
  return [...data.history].reverse().map((revision) => el("article", { class: "card rev" },
    el("h3", {}, `Revision ${revision.rv}`, el("small", {}, [revision.why && `because of: ${revision.why}`, revision.f].filter(Boolean).join(" · "))),
    ...(revision.x.length ? revision.x.map((change) => el("p", {}, el("b", {}, change.w), ...change.x.map(([kind, part]) => parts[kind](part)))) : [el("p", { class: "none" }, "Nothing a reader sees.")])));
}
function tab(name) {
  state.tab = name;
  for (const other of TABS) {
    by(`tab-${other}`).setAttribute("aria-selected", String(other === name));
    by(`tab-${other}`).tabIndex = other === name ? 0 : -1;
    by(`panel-${other}`).hidden = other !== name;
  }
}
let place = -1;
function nextPlace() {
  const places = [...document.querySelectorAll('#text [data-place="after"]')];
  if (!places.length) return;
  document.querySelector(".here")?.classList.remove("here");
  place = (place + 1) % places.length;
  places[place].classList.add("here");
  places[place].scrollIntoView({ block: "center" });
}

// ── moving about ────────────────────────────────────────────────────────────────────────────────────────
function show(view) {
  for (const name of ["overview", "list", "doc"]) by(name).hidden = name !== view;
  for (const link of document.querySelectorAll("[data-view]")) {
    if (link.dataset.view === view || (view === "doc" && link.dataset.view === "list")) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  if (view === "list") filter();
}
function route() {
  place = -1;
  const [path, query] = location.hash.slice(1).split("?");
  const [, view, number] = path.split("/");
  if (view === "list") {
    if (query !== undefined) {
      const wanted = new URLSearchParams(query);
      for (const id of FILTERS) by(id).value = wanted.get(id) || "";
      by("rows").scrollTop = 0;
    }
    show("list");
    select(state.at);
  } else if (view === "doc") {
    if (!state.shown.length) state.shown = state.rows.slice();
    open(Number(number));
  } else show("overview");
}
function step(by_) {
  const next = state.at + by_;
  if (next >= 0 && next < state.shown.length) location.hash = `#/doc/${state.shown[next].n}`;
}
function theme() {
  const dark = (document.documentElement.dataset.theme || (matchMedia("(prefers-color-scheme:dark)").matches ? "dark" : "light")) === "dark";
  document.documentElement.dataset.theme = dark ? "light" : "dark";
}
const inDoc = () => !by("doc").hidden, inList = () => !by("list").hidden;
const KEYS = {
  "/": () => { location.hash = "#/list"; setTimeout(() => by("q").focus()); },
  j: () => (inDoc() ? step(1) : inList() && select(state.at + 1)),
  k: () => (inDoc() ? step(-1) : inList() && select(state.at - 1)),
  ArrowDown: () => inList() && select(state.at + 1),
  ArrowUp: () => inList() && select(state.at - 1),
  Enter: () => inList() && state.shown[state.at] && (location.hash = `#/doc/${state.shown[state.at].n}`),
  Escape: () => inDoc() && (location.hash = "#/list"),
  n: () => inDoc() && nextPlace(),
  o: () => (location.hash = "#/"),
  t: theme,
  "?": () => by("help").showModal(),
  1: () => inDoc() && tab("text"), 2: () => inDoc() && tab("page"), 3: () => inDoc() && tab("facts"), 4: () => inDoc() && tab("history"),
};
addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || by("help").open) return;
  const typing = ["INPUT", "SELECT", "TEXTAREA"].includes(event.target.tagName);
  if (typing && event.key === "Escape") { event.target.blur(); by("rows").focus(); return; }
  if (typing && event.target.id === "q" && event.key === "Enter") { event.target.blur(); by("rows").focus(); event.preventDefault(); return; }
  if (typing || (event.key === "Enter" && event.target.closest("a,button"))) return;
  const act = KEYS[event.key];
  if (act) { event.preventDefault(); act(); }
});
by("rows").addEventListener("scroll", () => draw(false), { passive: true });
addEventListener("resize", () => inList() && draw(true));
for (const id of FILTERS) by(id).addEventListener("input", () => { by("rows").scrollTop = 0; state.at = 0; filter(); });
document.querySelector(".filters").addEventListener("submit", (event) => event.preventDefault());
for (const name of TABS) by(`tab-${name}`).addEventListener("click", () => tab(name));
document.querySelector(".tabs").addEventListener("keydown", (event) => {
  const move = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!move) return;
  const next = TABS[(TABS.indexOf(state.tab) + move + TABS.length) % TABS.length];
  tab(next);
  by(`tab-${next}`).focus();
});
by("quiet").addEventListener("change", () => by("text").classList.toggle("quiet", by("quiet").checked));
by("prev").addEventListener("click", () => step(-1));
by("next").addEventListener("click", () => step(1));
by("theme").addEventListener("click", theme);
by("keys").addEventListener("click", () => by("help").showModal());
addEventListener("hashchange", route);
load("list.js");
