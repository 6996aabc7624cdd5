// Import pages: what is pasted from Word or Excel keeps its table; the review of 150 rows needs no mouse.
"use strict";

document.addEventListener("paste", (event) => {
  const box = event.target.closest?.("[data-paste-html]");
  const html = box && event.clipboardData?.getData("text/html");
  if (!box) return;
  const hidden = box.form.elements[box.dataset.pasteHtml];
  hidden.value = html && /<t[dr]/i.test(html) ? html : "";
  const preview = box.form.querySelector("[data-paste-preview]");
  const tables = hidden.value ? new DOMParser().parseFromString(html, "text/html").querySelectorAll("table") : [];
  preview.replaceChildren();
  preview.hidden = !tables.length;
  for (const table of tables) {
    const copy = document.createElement("table");
    for (const row of [...table.rows].slice(0, 6)) {
      const line = copy.insertRow();
      for (const cell of row.cells) line.insertCell().textContent = cell.textContent.trim().slice(0, 120);
    }
    preview.append(copy);
  }
});

document.addEventListener("input", (event) => {
  // What is typed after pasting counts, not the table that was pasted.
  const box = event.target.closest?.("[data-paste-html]");
  if (box && event.inputType !== "insertFromPaste") box.form.elements[box.dataset.pasteHtml].value = "";
});

document.addEventListener("keydown", (event) => {
  const form = event.target.closest?.("[data-keys-save]");
  if (!form) return;
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    form.requestSubmit(form.querySelector("[data-keys-next]"));
  } else if (event.key === "Escape" && !document.querySelector("dialog[open]")) {
    form.querySelector("[data-keys-leave]")?.click();
  }
});

// The current row of the table has the focus, so that j, k and n go on from there.
function makeCurrent(row) {
  for (const old of row.closest("table").querySelectorAll("tr.is-current")) old.classList.remove("is-current");
  row.classList.add("is-current");
  row.tabIndex = -1;
  row.focus({ preventScroll: true });
  row.scrollIntoView({ block: "nearest" });
}

const isToDecide = (row) => row.classList.contains("is-near") && !row.classList.contains("row-editing");

const rowsOf = (table) => [...table.querySelectorAll("tbody tr:not(.fold-head)")];

// The next row to decide, from this one on and round to it.
function nextToDecide(row) {
  const rows = rowsOf(row.closest("table"));
  const at = rows.indexOf(row);
  return [...rows.slice(at + 1), ...rows.slice(0, at)].find(isToDecide) || row;
}

document.addEventListener("keydown", (event) => {
  const table = event.target.closest?.("[data-keyboard]")?.querySelector("table");
  if (event.key !== "n" || event.ctrlKey || event.metaKey || event.altKey || !table?.tBodies[0]?.rows.length) return;
  if (event.target.closest("input:not([type=checkbox]), textarea, select")) return;
  event.preventDefault();
  const current = table.querySelector("tr.is-current");
  makeCurrent(current ? nextToDecide(current) : rowsOf(table).find(isToDecide) || rowsOf(table)[0]);
});

// A form begins at what is to be decided: a name, then the deadline, else the content.
const DECISIONS = [
  ".error-summary", ".name-line.is-open .tick-units[open] input:not([type=hidden])", ".name-line.is-open [role=combobox]",
  ".name-line.is-open select", ".deadline-fields.is-open input[type=radio]", "textarea",
];

function beginAt(form) {
  const field = DECISIONS.map((one) => form.querySelector(one)).find(Boolean);
  field?.focus({ preventScroll: true });
  if (field?.getAttribute("role") === "combobox") field.select();
  field?.scrollIntoView({ block: "center" });
}

// After saving a row the next one to decide is the current one; a row that is left stays it.
let lastRequest = null;
document.addEventListener("htmx:beforeRequest", (event) => {
  const row = event.target.closest?.("tr[id^='row-']");
  if (row) lastRequest = { id: row.id, saved: event.detail.requestConfig.verb === "post" };
});
document.addEventListener("htmx:afterSettle", () => {
  const row = lastRequest && document.getElementById(lastRequest.id);
  if (!row) return;
  const { saved } = lastRequest;
  lastRequest = null;
  const form = row.querySelector(".row-form");
  if (form) beginAt(form);
  else makeCurrent(saved && !isToDecide(row) ? nextToDecide(row) : row);
});

// A page of rows begins in its table, at the row of the address; the page of a row at what is to be decided.
window.addEventListener("load", () => {
  const form = document.querySelector(".row-form");
  if (document.querySelector(".notice-danger")) return;
  if (form) return void beginAt(form);
  const table = document.querySelector("[data-keyboard]:has(.review-rows)");
  const row = location.hash.startsWith("#row-") && document.getElementById(location.hash.slice(1));
  if (row && table?.contains(row)) makeCurrent(row);
  else if (matchMedia("(hover: hover)").matches) table?.focus({ preventScroll: true });
});
