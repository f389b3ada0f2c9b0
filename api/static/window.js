// What a script can spare a clerk: fields that do not matter are put away, a number fills in birthday and sex, the
// place in the form is shown, names of the family stand where they are ticked. The server does all of it anyway.
"use strict";

(() => {
  document.querySelectorAll("[data-print]").forEach((button) => { button.hidden = false; button.addEventListener("click", () => window.print()); });
  const form = document.querySelector("form[data-sheet]");
  if (!form) return;

  // Fields that depend on another: put away, and not sent, unless they hold an error.
  const values = (name) => Array.from(form.elements).filter((one) => one.name === name && (one.type !== "radio" && one.type !== "checkbox" || one.checked)).map((one) => one.value);
  const watching = Array.from(form.querySelectorAll("[data-watch]"));
  const settle = () => watching.forEach((part) => {
    const wanted = part.dataset.in.split(" ");
    const shown = values(part.dataset.watch).some((value) => wanted.includes(value)) || part.matches(".wrong") || part.querySelector(".wrong, .error");
    part.toggleAttribute("data-hidden", !shown);
    part.querySelectorAll("input, select, textarea").forEach((one) => { one.disabled = !shown; });
    const around = part.parentElement;
    const title = around.previousElementSibling;
    if (title && title.matches("h3")) title.toggleAttribute("data-hidden", !around.querySelector(":scope > :not([data-hidden])"));
  });
  form.addEventListener("change", settle);
  settle();

  // A resident's number says when somebody was born and whether it is a man or a woman.
  const WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
  const said = (number) => {
    if (!/^\d{17}[\dX]$/.test(number)) return null;
    const sum = WEIGHTS.reduce((total, weight, place) => total + weight * Number(number[place]), 0);
    if ("10X98765432"[sum % 11] !== number[17]) return null;
    const born = `${number.slice(6, 10)}-${number.slice(10, 12)}-${number.slice(12, 14)}`;
    return Number.isNaN(Date.parse(born)) ? null : { born, sex: Number(number[16]) % 2 ? "male" : "female" };
  };
  const put = (field, value) => {
    if (!field || field.value && !field.dataset.filled || field.value === value) return;
    field.value = value; field.dataset.filled = "1"; field.classList.add("auto-filled");
  };
  form.addEventListener("input", (event) => {
    const field = event.target;
    delete field.dataset.filled;
    field.classList.remove("auto-filled");
    if (field.matches("[data-identity]")) {
      const around = field.name.slice(0, field.name.lastIndexOf("/"));
      const facts = said(field.value.replace(/\s/g, "").toUpperCase());
      if (facts) { put(form.elements[`${around}/birth_date`], facts.born); put(form.elements[`${around}/sex`], facts.sex); }
    }
    const member = field.name.match(/^\/applicant\/family\/(\d+)\/(name|id_number)$/);
    if (member) family();
  });

  // The family as it stands on the page: names beside the boxes, numbers offered where one is asked for again.
  const family = () => {
    const list = document.getElementById("family-numbers");
    const members = Array.from(form.querySelectorAll("[name^='/applicant/family/'][name$='/id_number']")).map((one) => {
      const place = one.name.split("/")[3];
      const name = form.elements[`/applicant/family/${place}/name`];
      return { place, number: one.value, name: name ? name.value : "" };
    });
    if (list) list.replaceChildren(...members.filter((one) => one.number).map((one) => new Option(one.name, one.number)));
    members.forEach((one) => form.querySelectorAll(`input[type=checkbox][value='#${one.place}']`).forEach((box) => {
      if (one.name && box.nextSibling) box.nextSibling.textContent = one.name;
    }));
  };

  // A file that was chosen is a paper that was brought; a promise may have its day.
  form.addEventListener("change", (event) => {
    const field = event.target;
    if (field.type === "file" && field.name.startsWith("upload:") && field.files.length) {
      const box = form.querySelector(`input[type=radio][name="paper:${field.name.slice(7)}"][value="file"]`);
      if (box) box.checked = true;
      const limit = 10 * 1024 * 1024;
      field.setCustomValidity(field.files[0].size > limit ? "文件超过 10 MB，请压缩后再上传。" : "");
      field.reportValidity();
    }
  });
  form.querySelectorAll(".paper").forEach((paper) => {
    const until = paper.querySelector(".until");
    const file = paper.querySelector("input[type=file]");
    const show = () => {
      if (until) until.toggleAttribute("data-hidden", !paper.querySelector("input[value=promised]:checked"));
      if (file) file.toggleAttribute("data-hidden", !paper.querySelector("input[value=file]:checked"));
    };
    paper.addEventListener("change", show);
    show();
  });

  // Where one is in the form.
  const links = new Map(Array.from(document.querySelectorAll(".steps a")).map((link) => [link.hash.slice(1), link]));
  if (links.size && window.IntersectionObserver) {
    const seen = new IntersectionObserver((entries) => entries.forEach((entry) => {
      if (!entry.isIntersecting) return;
      links.forEach((link) => link.classList.remove("here"));
      links.get(entry.target.id)?.classList.add("here");
    }), { rootMargin: "-20% 0px -70% 0px" });
    links.forEach((_, id) => { const part = document.getElementById(id); if (part) seen.observe(part); });
  }

  // What was typed is not lost by a click elsewhere.
  let changed = false;
  form.addEventListener("input", () => { changed = true; });
  form.addEventListener("submit", () => { changed = false; });
  window.addEventListener("beforeunload", (event) => { if (changed) event.preventDefault(); });
  document.querySelectorAll("details:has(.error), details:has([aria-invalid])").forEach((one) => { one.open = true; });
})();
