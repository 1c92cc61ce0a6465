// Takes in what has changed since the page was loaded, and lets the arrow keys move about the grids.
"use strict";

const EVERY = 10000;
let tag = null;

async function refresh() {
  if (document.hidden || document.querySelector("form:focus-within") || isFilledIn()) return;
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
  return [...document.querySelectorAll("form input")].some((field) =>
    field.value !== field.defaultValue || field.checked !== field.defaultChecked);
}

function exchange(fresh) {
  const scrolled = [...document.querySelectorAll(".wide")].map((box) => box.scrollLeft);
  const opened = [...document.querySelectorAll("details")].map((box) => box.open);
  const focused = document.activeElement?.getAttribute?.("href");
  for (const part of ["header", "main", "footer"]) {
    const before = document.querySelector(part), after = fresh.querySelector(part);
    if (before && after) before.replaceWith(document.adoptNode(after));
  }
  document.title = fresh.title;
  document.querySelectorAll(".wide").forEach((box, place) => { box.scrollLeft = scrolled[place] ?? 0; });
  document.querySelectorAll("details").forEach((box, place) => { box.open = opened[place] ?? box.open; });
  if (focused) [...document.querySelectorAll("a")].find((link) => link.getAttribute("href") === focused)?.focus({ preventScroll: true });
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
