// What every page can do better with a script: live parts, keys in lists, one click one act. Without it everything works.
"use strict";

const csrf = document.body.dataset.csrf || "";

// One click, one act: a form that was sent is not sent again while the answer is on its way.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented) return;
  const asked = (event.submitter && event.submitter.dataset.confirm) || form.dataset.confirm;
  if (asked && !window.confirm(asked)) { event.preventDefault(); return; }
  if (form.method === "post") {
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "1";
    window.setTimeout(() => { delete form.dataset.sent; }, 4000);
  }
});
window.addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach((form) => { delete form.dataset.sent; }));

// What was said or went wrong is read first.
const errors = document.getElementById("errors");
if (errors) errors.focus();

// Who types for long is not taken for gone: what was typed is not lost to a session that ended meanwhile.
const AWAKE = 5 * 60 * 1000;
let awake = Date.now();
document.addEventListener("input", () => {
  if (!csrf || Date.now() - awake < AWAKE) return;
  awake = Date.now();
  fetch("/news", { headers: { "X-Lianban-Typing": "1" }, credentials: "same-origin", cache: "no-store" }).catch(() => {});
});

// Filters act when they are chosen.
document.querySelectorAll("form[data-auto] select").forEach((select) => select.addEventListener("change", () => select.form.requestSubmit()));

// Keys in a list (table[data-keys]): j/k go down and up, Enter opens, x marks; further keys are links or buttons with data-key.
const table = document.querySelector("table[data-keys]");
const rows = () => (table ? Array.from(table.tBodies[0].rows) : []);
let current = -1;
const choose = (index) => {
  const all = rows();
  if (!all.length) return;
  current = Math.max(0, Math.min(index, all.length - 1));
  all.forEach((row, place) => row.setAttribute("aria-selected", String(place === current)));
  all[current].scrollIntoView({ block: "nearest" });
  const link = all[current].querySelector("a");
  if (link) link.focus({ preventScroll: true });
};
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, select, textarea")) return;
  if (table && event.key === "j") choose(current + 1);
  else if (table && event.key === "k") choose(current - 1);
  else if (table && event.key === "x" && current >= 0) { const box = rows()[current].querySelector("input[type=checkbox]"); if (box) box.click(); }
  else {
    const target = Array.from(document.querySelectorAll("[data-key]")).find((one) => one.dataset.key === event.key);
    if (!target) return;
    if (target.matches("details")) { target.open = true; const first = target.querySelector("select, textarea, input:not([type=hidden])"); if (first) first.focus(); }
    else if (target.matches("input, select, textarea")) target.focus();
    else target.click();
  }
  event.preventDefault();
});
document.querySelectorAll("input[data-all]").forEach((box) => box.addEventListener("change", () => {
  document.querySelectorAll(`input[name="${box.dataset.all}"]`).forEach((one) => { one.checked = box.checked; });
}));

// What is new (新到) stands in the menu of every page; more of it is said once, politely.
const count = (fresh) => {
  const more = [];
  document.querySelectorAll("[data-news]").forEach((one) => {
    const other = fresh.getElementById(one.id);
    if (!other || other.innerHTML === one.innerHTML) return;
    if (Number(other.dataset.news) > Number(one.dataset.news)) more.push(one.closest("a").textContent.replace(one.textContent, "") + other.querySelector(".away").textContent);
    one.dataset.news = other.dataset.news;
    one.innerHTML = other.innerHTML;
  });
  if (more.length) document.getElementById("news-said").textContent = more.join("；");
};
// A page whose session has ended meanwhile says so: who only looks on would wait for news that does not come.
const over = (door) => {
  if (document.getElementById("over")) return;
  const applicant = door === "/progress";
  const said = Object.assign(document.createElement("p"), { id: "over", className: "said said-warn over", textContent: `${applicant ? "查询" : "登录"}已超时，本页不再更新。` });
  const back = encodeURIComponent(window.location.pathname + window.location.search);
  said.setAttribute("role", "alert");
  said.append(Object.assign(document.createElement("a"), { href: applicant ? door : `${door}?next=${back}`, textContent: applicant ? "重新查询" : "重新登录" }));
  document.getElementById("main").append(said);
};
const fetched = async (address) => {
  try {
    const answer = await fetch(address, { headers: { Accept: "text/html" }, credentials: "same-origin", cache: "no-store" });
    const door = answer.redirected ? new URL(answer.url).pathname : "";
    if (["/sign-in", "/progress"].includes(door)) over(door);
    if (answer.status !== 200 || answer.redirected) return null;
    return new DOMParser().parseFromString(await answer.text(), "text/html");
  } catch { return null; } // the line is down, or the page is being left: the next look makes up for it
};

// Live (实时): the server says that something one may see has changed; the parts marked data-live are fetched and exchanged.
// Nothing is exchanged under the fingers of somebody who is typing in it; what is marked or open stays so, what stands stays
// where it is (still.js).
const parts = () => Array.from(document.querySelectorAll("[data-live]"));
let waiting = 0;
const refresh = async () => {
  waiting = 0;
  const fresh = await fetched(window.location.href);
  if (!fresh) return;
  count(fresh);
  for (const part of parts()) {
    const other = fresh.getElementById(part.id);
    if (!other || part.contains(document.activeElement) && document.activeElement.matches("input:not([type=checkbox]), select, textarea")) continue;
    renew(part, other.innerHTML);
  }
  document.dispatchEvent(new CustomEvent("lianban:refreshed"));
  again();
};
const soon = () => { if (!waiting) waiting = window.setTimeout(refresh, 300); };
// Where the page itself has nothing that changes, or something else changed, only what is new is asked for, and not at once:
// on a busy day something changes every instant.
let asking = 0;
const ask = () => { if (!asking && document.querySelector("[data-news]")) asking = window.setTimeout(async () => { asking = 0; const fresh = await fetched("/news"); if (fresh) count(fresh); }, 1500); };
const look = () => (parts().length ? soon() : ask());
const lives = () => parts().length || document.querySelector("[data-news]");
// Where numbers are not as of now (data-again: seconds), they are asked for again; where there are none yet (data-reload), the page is.
let later = 0;
const again = () => {
  const one = document.querySelector("[data-again]");
  window.clearTimeout(later);
  const asked = () => { if ("reload" in one.dataset) window.location.reload(); else if (!document.hidden) soon(); };
  if (one) later = window.setTimeout(asked, Number(one.dataset.again) * 1000);
};
again();
let source = null;
const listen = () => {
  if (source || document.hidden || !lives() || !window.EventSource) return;
  const only = document.body.dataset.case || "";
  source = new EventSource("/live");
  source.addEventListener("changed", (event) => { if (!only || event.data === "*" || event.data.split(" ").includes(only)) look(); else ask(); });
};
const rest = () => { if (source) { source.close(); source = null; } };
// A hidden page hears nothing (a browser has few connections to one server); shown again it looks at once.
document.addEventListener("visibilitychange", () => { if (document.hidden) rest(); else if (lives()) { look(); listen(); } });
window.addEventListener("pagehide", rest);
listen();
window.setInterval(() => { if (!document.hidden && lives()) look(); }, 60000);
