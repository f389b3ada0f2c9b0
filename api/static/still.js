// What changes by itself moves nothing that somebody looks at (不跳动): parts of a page are exchanged in place; what would
// push others away waits behind a bar, which lies above the page and takes no room, until it is asked for.
"use strict";

const shownOf = new WeakMap(); // part → the content of the server that stands in it
const held = new Map(); // part → the content that waits
const near = (one, other) => Math.abs(one.top - other.top) < 1 && Math.abs(one.left - other.left) < 1;
const inSight = (place) => place.height > 0 && place.bottom > 0 && place.top < window.innerHeight;
const rowsOf = (part) => new Map(Array.from(part.querySelectorAll("[data-row]"), (row) => [row.dataset.row, row]));
const inHand = (part) => part.matches(":hover") || part.contains(document.activeElement);

// Where everything beside the part stands, and the part's own rows.
const places = (part) => ({
  beside: Array.from(document.querySelectorAll("main *, .foot"), (one) => [one, one.getBoundingClientRect()])
    .filter(([one, place]) => inSight(place) && !part.contains(one) && !one.contains(part)),
  rows: Array.from(rowsOf(part), ([key, row]) => [key, row.getBoundingClientRect(), row.classList.contains("clipped") ? null : row.innerHTML]),
  scrolled: part.getBoundingClientRect().top < 0,
});
// How far what the reader sees has gone down, where the part begins above the screen.
const drift = (before, part) => {
  const after = rowsOf(part);
  const row = before.rows.find(([key, place]) => inSight(place) && place.top >= 0 && after.has(key));
  if (row) return after.get(row[0]).getBoundingClientRect().top - row[1].top;
  const below = before.beside.find(([one, place]) => place.top >= part.getBoundingClientRect().top && one.isConnected);
  return below ? below[0].getBoundingClientRect().top - below[1].top : 0;
};
const moved = (before, part, rowsToo) => {
  if (before.beside.some(([one, place]) => !near(one.getBoundingClientRect(), place))) return true;
  const after = rowsToo ? rowsOf(part) : new Map();
  return before.rows.some(([key, place]) => inSight(place) && after.has(key) && !near(after.get(key).getBoundingClientRect(), place));
};
const fill = (part, content) => {
  const marked = new Set(Array.from(part.querySelectorAll("input:checked"), (box) => `${box.name}=${box.value}`));
  const open = Array.from(part.querySelectorAll("details"), (one) => one.open);
  const focus = part.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
  part.innerHTML = content;
  part.querySelectorAll("input[type=checkbox], input[type=radio]").forEach((box) => { if (marked.has(`${box.name}=${box.value}`)) box.checked = true; });
  const details = part.querySelectorAll("details");
  if (details.length === open.length) details.forEach((one, place) => { one.open = open[place]; });
  if (focus) { const link = Array.from(part.querySelectorAll("a")).find((one) => one.getAttribute("href") === focus); if (link) link.focus({ preventScroll: true }); }
};
// A row that says more than before keeps its height; what does not fit is cut off until it is asked for.
const clip = (before, part) => {
  const after = rowsOf(part);
  before.rows.forEach(([key, place, said]) => {
    const row = after.get(key);
    if (!row || row.matches("tr") || row.innerHTML === said) return;
    row.classList.add("clipped");
    row.style.height = `${place.height}px`;
  });
  return part.querySelector(".clipped") !== null;
};

// Put the server's content into a part; answers whether it stands there now, and nothing in sight has moved.
const exchange = (part, content) => {
  const before = places(part);
  const nodes = Array.from(part.childNodes);
  const focused = part.contains(document.activeElement) ? document.activeElement : null;
  const top = window.scrollY;
  fill(part, content);
  if (before.scrolled) window.scrollBy(0, drift(before, part));
  if (moved(before, part, inHand(part)) && !(clip(before, part) && !moved(before, part, true))) {
    part.replaceChildren(...nodes);
    window.scrollTo(window.scrollX, top);
    if (focused) focused.focus({ preventScroll: true });
    return false;
  }
  part.querySelectorAll("[data-row]").forEach((row) => { if (!before.rows.some(([key]) => key === row.dataset.row)) row.classList.add("arrived"); });
  return true;
};

const bar = document.createElement("div");
bar.className = "news-bar";
bar.setAttribute("role", "status");
document.body.append(bar);
const tell = () => {
  const waits = held.size > 0 || document.querySelector("[data-live] .clipped") !== null;
  if (!waits) { bar.replaceChildren(); return; }
  if (bar.firstChild) return;
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = "有新内容，点击查看";
  button.addEventListener("click", () => {
    document.querySelectorAll(".clipped").forEach((row) => { row.classList.remove("clipped"); row.style.height = ""; });
    held.forEach((content, part) => { fill(part, content); shownOf.set(part, content); });
    held.clear();
    tell();
  });
  bar.append(button);
};
// Bring a part up to what the server says, now or when it is asked for.
const renew = (part, content) => {
  if (!shownOf.has(part)) shownOf.set(part, part.innerHTML);
  held.delete(part);
  if (content !== shownOf.get(part)) {
    if (exchange(part, content)) shownOf.set(part, content);
    else held.set(part, content);
  }
  tell();
};
// What waited only because somebody's hand was on it need not wait any longer.
document.addEventListener("mouseout", (event) => { for (const [part, content] of [...held]) if (part.contains(event.target) && !part.contains(event.relatedTarget)) renew(part, content); });
