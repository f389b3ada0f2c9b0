// The department's desk: Ctrl+Enter sends the form one writes in; a paper that was marked is ready for its note.
"use strict";

document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    const form = event.target.closest("details.act form");
    if (form) { event.preventDefault(); form.requestSubmit(); }
  }
  if (event.key === "Escape") {
    const act = event.target.closest("details.act[open]");
    if (act) { act.open = false; act.querySelector("summary").focus(); }
  }
});

// One act is open at a time, so that its button is in sight.
document.querySelectorAll(".act-side").forEach((side) => side.addEventListener("toggle", (event) => {
  if (!event.target.matches("details.act") || !event.target.open) return;
  side.querySelectorAll("details.act[open]").forEach((one) => { if (one !== event.target) one.open = false; });
}, true));

// A paper that is shown is marked in the list.
document.querySelectorAll('a[target="paper"]').forEach((link) => link.addEventListener("click", () => {
  document.querySelectorAll('a[target="paper"]').forEach((one) => one.removeAttribute("aria-current"));
  link.setAttribute("aria-current", "true");
}));
