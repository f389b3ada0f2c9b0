// What the applicant's pages do better with a script: printing, the code's dash, photographs of a size that can be sent.
"use strict";

document.querySelectorAll("[data-print]").forEach((button) => {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
});

// On paper nothing stays folded.
window.addEventListener("beforeprint", () => document.querySelectorAll("details").forEach((one) => { one.open = true; }));

// The code is written as on the receipt: capital letters, a dash in the middle.
document.querySelectorAll("[data-code]").forEach((field) => field.addEventListener("input", () => {
  if (field.selectionStart !== field.value.length) return;
  const plain = field.value.toUpperCase().replace(/[^0-9A-Z]/g, "").slice(0, 10);
  field.value = plain.length > 5 ? `${plain.slice(0, 5)}-${plain.slice(5)}` : plain;
}));

// A photograph is shown, and made smaller (or a JPG) where it is larger than can be sent; a PDF stays as it is.
const LARGEST = 4 * 1024 * 1024, LONGEST_SIDE = 2600, PREVIEW_SIDE = 480;
const drawn = (picture, side, type) => {
  const scale = Math.min(1, side / Math.max(picture.width, picture.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(picture.width * scale);
  canvas.height = Math.round(picture.height * scale);
  const pen = canvas.getContext("2d");
  pen.fillStyle = "#fff";
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.drawImage(picture, 0, 0, canvas.width, canvas.height);
  return type === "url" ? canvas.toDataURL("image/jpeg", 0.8) : new Promise((ready) => canvas.toBlob(ready, "image/jpeg", 0.9));
};
const prepare = async (field) => {
  const place = field.parentElement;
  place.querySelectorAll(".preview").forEach((old) => old.remove());
  const file = field.files[0];
  if (!file || !file.type.startsWith("image/")) return;
  let picture;
  try { picture = await createImageBitmap(file); } catch { return; }
  if (field.files[0] !== file) return;
  if (file.size > LARGEST || !/^image\/(jpeg|png)$/.test(file.type)) {
    const smaller = await drawn(picture, LONGEST_SIDE, "blob");
    if (smaller) {
      const basket = new DataTransfer();
      basket.items.add(new File([smaller], file.name.replace(/\.[^.]*$/, "") + ".jpg", { type: "image/jpeg" }));
      field.files = basket.files;
    }
  }
  const preview = document.createElement("img");
  preview.className = "preview";
  preview.alt = "所选照片的预览";
  preview.src = drawn(picture, PREVIEW_SIDE, "url");
  place.append(preview);
};
document.querySelectorAll("input[data-photo]").forEach((field) => field.addEventListener("change", () => prepare(field)));
