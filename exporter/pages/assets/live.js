// Takes in what has changed since the page was loaded, and lets the arrow keys move about the grids.
"use strict";

const EVERY = 1000 * document.documentElement.dataset.every;
let tag = null;

async function refresh() {
  if (document.hidden || isFilledIn()) return;
  const headers = tag === null ? {} : { "If-None-Match": tag };
  let answer;
  try {
    answer = await fetch(location.href, { headers, cache: "no-store", credentials: "same-origin" });
  } catch {
    return; // the exporter is away; the next attempt will tell
  }
  if (answer.status === 304 || !answer.ok) return;
  const known = tag;
  tag = answer.headers.get("ETag");
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (known === null && fresh.querySelector("main").innerHTML === document.querySelector("main").innerHTML) return;
  exchange(fresh);
}

// What somebody has typed must not be taken away.
function isFilledIn() {
  return document.querySelector("form:focus-within") !== null || [...document.querySelectorAll("form input, form textarea")]
    .some((field) => field.value !== field.defaultValue || field.checked !== field.defaultChecked);
}

const KEPT = "a[href], summary, .wide";

// What a person takes for the same thing on the page before and after: its heading, and what it is or leads to.
function nameOf(element) {
  const heading = element.parentElement?.closest("section, article")?.querySelector("h1, h2, h3");
  return `${heading?.textContent} ${element.getAttribute("href") ?? element.getAttribute("aria-label") ?? element.textContent}`;
}

function named() {
  return new Map([...document.querySelectorAll(KEPT)].reverse().map((element) => [nameOf(element), element]));
}

function headings() {
  return [...document.querySelectorAll("h2")];
}

function exchange(fresh) {
  const scrolled = [...document.querySelectorAll(".wide")].map((box) => [nameOf(box), box.scrollLeft]);
  const opened = [...document.querySelectorAll("summary")].map((line) => [nameOf(line), line.parentElement.open]);
  const focused = document.activeElement?.matches(KEPT) ? nameOf(document.activeElement) : null;
  const read = window.scrollY > 0 ? headings().find((heading) => heading.getBoundingClientRect().bottom > 0) : null;
  const height = read?.getBoundingClientRect().top;
  for (const part of ["header", "main", "footer"]) {
    const before = document.querySelector(part), after = fresh.querySelector(part);
    if (before && after) before.replaceWith(document.adoptNode(after));
  }
  document.title = fresh.title;
  const found = named();
  for (const [name, left] of scrolled) if (found.has(name)) found.get(name).scrollLeft = left;
  for (const [name, open] of opened) if (found.has(name)) found.get(name).parentElement.open = open;
  found.get(focused)?.focus({ preventScroll: true });
  const again = headings().find((heading) => heading.textContent === read?.textContent);
  if (again) window.scrollBy(0, again.getBoundingClientRect().top - height);
}

const STEPS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };

function move(event) {
  if (event.altKey || event.ctrlKey || event.metaKey) return;
  const page = { p: "prev", n: "next" }[event.key];
  if (page && !event.target.closest("input, textarea")) document.querySelector(`a[rel=${page}]`)?.click();
  const cell = event.target.closest(".grid td, .grid th"), step = STEPS[event.key];
  if (!cell || !step) return;
  const rows = [...cell.closest("table").rows];
  let row = rows.indexOf(cell.parentElement), column = cell.cellIndex;
  for (;;) {
    row += step[0];
    column += step[1];
    const next = rows[row]?.cells[column];
    if (!next) { if (step[0] && rows[row]) continue; return; }
    const link = next.querySelector("a");
    if (link) { event.preventDefault(); link.focus(); return; }
  }
}

document.addEventListener("keydown", move);
if (document.querySelector("main") && !document.querySelector("[data-still]")) setInterval(refresh, EVERY);
