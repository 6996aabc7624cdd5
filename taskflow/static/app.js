// Improvements over pages that already work without scripts. No build step, no inline code, no state of its own:
// everything is found by data attributes, listed in docs/design-system.md.
(() => {
  "use strict";

  const root = document.documentElement;
  root.classList.add("js");

  const $ = (selector, within = document) => within.querySelector(selector);
  const $$ = (selector, within = document) => [...within.querySelectorAll(selector)];
  const texts = $("#texts").dataset;

  // "Giáo dục" → "giao duc": the same folding as the search of the server.
  const fold = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").replace(/[đĐ]/g, "d").toLowerCase().trim();

  const make = (tag, attributes = {}, ...children) => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.append(...children);
    return element;
  };

  const icon = (name) => {
    const sprite = $("svg.icon use").getAttribute("href").split("#")[0];
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
    svg.setAttribute("class", "icon");
    svg.setAttribute("aria-hidden", "true");
    use.setAttribute("href", `${sprite}#${name}`);
    svg.append(use);
    return svg;
  };

  // --- Toasts: HX-Trigger: {"toast": {"category": "success", "message": "…"}}

  const TOAST_ICONS = { success: "check-circle-fill", info: "info-circle-fill", warning: "exclamation-triangle-fill", danger: "x-circle-fill" };

  function toast(message, category = "info") {
    const tone = category in TOAST_ICONS ? category : "info";
    const close = make("button", { type: "button", class: "toast-close", "aria-label": texts.close }, icon("x"));
    const box = make("div", { class: `notice notice-${tone}` }, icon(TOAST_ICONS[tone]), make("div", {}, make("p", {}, message)), close);
    close.addEventListener("click", () => box.remove());
    $("#toasts").append(box);
    // Bad news stays until it is closed: somebody who looked away must not miss it.
    if (tone === "success" || tone === "info") setTimeout(() => box.remove(), 8000);
  }

  document.addEventListener("toast", (event) => toast(event.detail.message, event.detail.category));
  document.addEventListener("htmx:configRequest", (event) => {
    event.detail.headers["X-CSRFToken"] = $('meta[name="csrf-token"]').content;
  });
  document.addEventListener("htmx:sendError", () => toast(texts.network, "danger"));
  document.addEventListener("htmx:responseError", (event) => {
    // The server says by a toast of its own what is to be done.
    if (!event.detail.xhr.getResponseHeader("HX-Trigger")) toast(texts.server, "danger");
  });

  // --- Menus: <details class="menu"> closes when one goes elsewhere

  document.addEventListener("click", (event) => {
    for (const menu of $$("details.menu[open]")) if (!menu.contains(event.target)) menu.open = false;
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of $$("details.menu[open]")) {
      menu.open = false;
      if (menu.contains(document.activeElement)) $("summary", menu).focus();
    }
  });

  // --- Dialogs: <a data-dialog href="confirm page"> shows that page's [data-dialog-content]

  async function openDialog(link) {
    let content;
    try {
      const response = await fetch(link.href, { headers: { Accept: "text/html" }, credentials: "same-origin" });
      const page = new DOMParser().parseFromString(await response.text(), "text/html");
      content = response.ok ? $("[data-dialog-content]", page) : null;
    } catch {
      content = null;
    }
    // Signed out meanwhile, refused or unreachable: the page itself says what is wrong.
    if (!content) return void window.location.assign(link.href);
    const form = $("form", content);
    if (form && !form.hasAttribute("action")) form.setAttribute("action", link.href);
    const heading = $("h1, h2", content);
    if (heading) heading.id ||= "dialog-title";
    const dialog = make("dialog", heading ? { "aria-labelledby": heading.id } : {}, document.adoptNode(content));
    document.body.append(dialog);
    const leave = () => mayLeave(dialog) && dialog.close();
    dialog.addEventListener("close", () => { dialog.remove(); link.focus(); });
    dialog.addEventListener("cancel", (event) => { event.preventDefault(); leave(); });
    dialog.addEventListener("click", (event) => {
      if (event.target === dialog) leave();
      const cancel = event.target.closest(".form-buttons a.btn-link");
      if (cancel) { event.preventDefault(); leave(); }
    });
    dialog.showModal();
    ($("input:not([type=hidden]), textarea, select", dialog) || $("button", dialog))?.focus();
    enhance(dialog);
  }

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-dialog]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    openDialog(link);
  });

  // --- Lists: j/k or arrows move, Enter opens, x ticks; only while the list has focus, so that typing elsewhere is safe

  const rowsOf = (region) => $$("tbody tr:not(.fold-head)", region).filter((row) => $("a, input", row));

  function goTo(region, row) {
    for (const old of $$("tr.is-current", region)) old.classList.remove("is-current");
    row.classList.add("is-current");
    row.tabIndex = -1;
    row.focus({ preventScroll: true });
    row.scrollIntoView({ block: "nearest" });
  }

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const typing = event.target.closest("input:not([type=checkbox]), textarea, select, [contenteditable]");
    const region = event.target.closest("[data-keyboard]");
    if (!region || typing) return;
    const rows = rowsOf(region);
    const at = rows.findIndex((row) => row.classList.contains("is-current"));
    const step = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 }[event.key];
    if (step && rows.length) {
      goTo(region, rows[Math.min(Math.max(at + step, 0), rows.length - 1)]);
    } else if (event.key === "Enter" && at >= 0 && event.target === rows[at]) {
      ($(".cell-main a", rows[at]) || $("a", rows[at]))?.click();
    } else if (event.key === "x" && at >= 0) {
      $(".cell-select input", rows[at])?.click();
    } else {
      return;
    }
    event.preventDefault();
  });

  function countTicked(form) {
    const boxes = $$("tbody .cell-select input", form);
    const ticked = boxes.filter((box) => box.checked).length;
    for (const all of $$("[data-select-all]", form)) {
      all.checked = ticked > 0 && ticked === boxes.length;
      all.indeterminate = ticked > 0 && ticked < boxes.length;
    }
    for (const output of $$("[data-select-count]", form)) output.textContent = texts.selected.replace("{n}", ticked);
  }

  document.addEventListener("change", (event) => {
    const box = event.target;
    if (!box.closest?.(".cell-select")) return;
    const scope = box.form || document;
    if (box.dataset.selectAll) for (const one of $$(`tbody input[name="${CSS.escape(box.dataset.selectAll)}"]`, scope)) one.checked = box.checked;
    countTicked(scope);
  });

  // --- Forms: nothing typed is lost without a question, one submission only, file size, days

  const action = (form) => new URL(form.getAttribute("action") || location.href, location.href);
  const isPost = (form) => (form.getAttribute("method") || "").toLowerCase() === "post";
  const isByHtmx = (form) => Boolean(form.closest("[hx-post], [hx-put], [hx-delete], [hx-boost]"));

  function isChangedField(field) {
    // Ticks of a list, and what widgets add beside the real field, are nothing that was typed.
    if (!field.name || field.closest(".cell-select, .fold-head, [data-no-guard]")) return false;
    if (["hidden", "submit", "button", "reset", "fieldset"].includes(field.type)) return false;
    if (field.type === "checkbox" || field.type === "radio") return field.checked !== field.defaultChecked;
    if (field.type === "file") return field.files.length > 0;
    if (field.options) {
      const given = [...field.options].filter((option) => option.defaultSelected);
      if (!given.length && !field.multiple) return field.selectedIndex > 0;
      return [...field.options].some((option) => option.selected !== option.defaultSelected);
    }
    return field.value !== field.defaultValue;
  }

  // A form that the server showed again holds what was typed, though nothing differs from what the page was given.
  function isChanged(form) {
    if (!isPost(form) || form.matches("[data-no-guard], .is-sent") || $("input[type=password]", form)) return false;
    return form.matches("[data-unsaved]") || Boolean($(".error-summary", form)) || [...form.elements].some(isChangedField);
  }

  const mayLeave = (within, but) => !$$("form", within).some((form) => form !== but && isChanged(form)) || window.confirm(texts.unsent);

  let leaving = false;
  window.addEventListener("beforeunload", (event) => {
    if (!leaving && $$("form").some(isChanged)) event.preventDefault();
  });
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented) return;
    const refused = $$("input[data-upload]", form).find((input) => input.validity.customError);
    if (refused) {
      refused.focus();
      return void event.preventDefault();
    }
    if (form.matches(".is-sent")) return void event.preventDefault();
    if (!isPost(form)) return;
    markDrafts(form);
    if (isByHtmx(form)) return;
    // Sending one form leaves the page, and with it what was typed into the others.
    if (!mayLeave(document, form)) return void event.preventDefault();
    leaving = true;
    form.classList.add("is-sent");
  });
  // A piece of the page that htmx replaces may hold a form; its own answer takes its place without a question.
  document.addEventListener("htmx:beforeRequest", (event) => {
    const sender = event.detail.elt.closest("form");
    const isOwn = event.detail.elt === sender && isPost(sender);
    if (event.detail.target && !mayLeave(event.detail.target, isOwn ? sender : null)) event.preventDefault();
  });
  // The session is another one than the page was made in: its forms get tokens of the new one.
  document.addEventListener("fresh-token", (event) => {
    $('meta[name="csrf-token"]').content = event.detail.value;
    for (const input of $$('input[name$="csrf_token"]')) input.value = event.detail.value;
  });

  // --- Drafts: long texts are kept on this device, for who is signed in, until the server has recorded them

  const DRAFT = "taskflow-draft:";
  const DRAFT_DAYS = 7;
  const draftKey = (field) => `${DRAFT}${texts.user}:${action(field.form).pathname}:${field.name}`;
  const isDrafted = (field) => field.matches?.("textarea[name]") && field.form && isPost(field.form) && texts.user && !field.closest("[data-no-guard]");

  function readDraft(key) {
    try {
      return JSON.parse(localStorage.getItem(key));
    } catch {
      return null;
    }
  }

  function writeDraft(key, draft) {
    try {
      if (draft) localStorage.setItem(key, JSON.stringify(draft));
      else localStorage.removeItem(key);
    } catch {
      // No room, or not allowed on this device: the page works without drafts.
    }
  }

  document.addEventListener("input", ({ target }) => {
    if (!isDrafted(target)) return;
    const { value, defaultValue } = target;
    writeDraft(draftKey(target), value === defaultValue ? null : { text: value, base: defaultValue, at: Date.now() });
  });

  // The end of its token tells by which form a draft was sent.
  function markDrafts(form) {
    const token = $('input[name$="csrf_token"]', form)?.value.slice(-12);
    for (const field of $$("textarea[name]", form).filter(isDrafted)) {
      const draft = readDraft(draftKey(field));
      if (draft) writeDraft(draftKey(field), { ...draft, text: field.value, sent: token });
    }
  }

  function forgetDrafts() {
    const sent = texts.sent.split(" ");
    const oldest = Date.now() - DRAFT_DAYS * 24 * 3600 * 1000;
    let keys = [];
    try {
      keys = Object.keys(localStorage).filter((key) => key.startsWith(DRAFT));
    } catch {
      return;
    }
    for (const key of keys) {
      const draft = readDraft(key);
      if (!draft || draft.at < oldest || (draft.sent && sent.includes(draft.sent))) writeDraft(key, null);
    }
  }

  function restoreDraft(field) {
    const draft = isDrafted(field) && readDraft(draftKey(field));
    if (!draft || draft.base !== field.defaultValue || field.value !== field.defaultValue || draft.text === field.value) return;
    field.value = draft.text;
    const time = new Intl.DateTimeFormat("vi-VN", { dateStyle: "short", timeStyle: "short" }).format(new Date(draft.at));
    const drop = make("button", { type: "button", class: "btn btn-link btn-sm" }, texts.dropDraft);
    const line = make("p", { class: "hint draft-hint", role: "status" }, `${texts.draft.replace("{time}", time)} `, drop);
    drop.addEventListener("click", () => {
      field.value = field.defaultValue;
      writeDraft(draftKey(field), null);
      line.remove();
      field.focus();
    });
    field.after(line);
  }

  forgetDrafts();

  // The back button brings the page back as it was left: it may be sent again then.
  window.addEventListener("pageshow", () => {
    leaving = false;
    for (const form of $$("form.is-sent")) form.classList.remove("is-sent");
  });

  const LONG_DATE = new Intl.DateTimeFormat("vi-VN", { weekday: "long", day: "2-digit", month: "2-digit", year: "numeric", timeZone: "UTC" });

  // "5/3/2026", "05032026" → "2026-03-05"; nothing for what is no day.
  function isoDay(text) {
    const parts = text.trim().match(/^(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})$/) || text.trim().match(/^(\d{2})(\d{2})(\d{4})$/);
    if (!parts) return "";
    const iso = `${parts[3]}-${parts[2].padStart(2, "0")}-${parts[1].padStart(2, "0")}`;
    const day = new Date(`${iso}T00:00:00Z`);
    return !Number.isNaN(day.valueOf()) && day.toISOString().startsWith(iso) ? iso : "";
  }

  // A day is typed as dd/mm/yyyy; the browser's calendar stands beside the box and the weekday below it.
  function dayBox(input) {
    const native = make("input", { type: "date", class: "day-native", tabindex: "-1", "aria-hidden": "true" });
    const button = make("button", { type: "button", class: "btn btn-outline-secondary day-button", "aria-label": texts.calendar }, icon("calendar3"));
    const box = make("div", { class: "day" });
    const line = $(`[data-day-echo="${CSS.escape(input.id)}"]`);
    const echo = () => {
      const iso = isoDay(input.value);
      if (line) line.textContent = iso ? LONG_DATE.format(new Date(`${iso}T00:00:00Z`)) : "";
      return iso;
    };
    const tidy = () => {
      const iso = echo();
      if (iso) input.value = iso.split("-").reverse().join("/");
    };
    input.before(box);
    box.append(input, native, button);
    input.placeholder ||= texts.dayForm;
    input.addEventListener("input", echo);
    input.addEventListener("change", tidy);
    button.addEventListener("click", () => {
      native.value = isoDay(input.value);
      native.showPicker();
    });
    native.addEventListener("change", (event) => {
      event.stopPropagation();
      input.value = native.value.split("-").reverse().join("/");
      input.dispatchEvent(new Event("input", { bubbles: true }));
      input.dispatchEvent(new Event("change", { bubbles: true }));
    });
    echo();
  }

  function watchUpload(input) {
    const area = input.closest(".upload");
    const error = make("p", { class: "field-error", role: "alert" });
    const list = make("p", { class: "hint", "aria-live": "polite" });
    input.after(list, error);
    input.addEventListener("change", () => {
      const max = Number(input.dataset.maxMb || 0);
      const files = [...input.files];
      const large = max && files.find((file) => file.size > max * 1024 * 1024);
      const message = large ? texts.tooLarge.replace("{name}", large.name).replace("{max}", max) : "";
      input.setCustomValidity(message);
      error.textContent = message;
      list.textContent = files.length > 1 ? files.map((file) => file.name).join(", ") : "";
    });
    for (const name of ["dragenter", "dragover"]) area?.addEventListener(name, (event) => { event.preventDefault(); area.classList.add("is-over"); });
    for (const name of ["dragleave", "drop"]) area?.addEventListener(name, () => area.classList.remove("is-over"));
    area?.addEventListener("drop", (event) => {
      event.preventDefault();
      input.files = event.dataTransfer.files;
      input.dispatchEvent(new Event("change", { bubbles: true }));
    });
  }

  // --- Type-ahead without accents: over a <select data-combobox>, and above a long list of boxes

  function words(query) {
    const parts = fold(query).split(/\s+/).filter(Boolean);
    return (text) => parts.every((part) => text.includes(part));
  }

  function combobox(select) {
    if (select.multiple || select.closest(".combo")) return;
    const options = [...select.options].map((option) => ({ value: option.value, label: option.text.trim(), folded: fold(option.text) }));
    const id = `${select.id}-combo`;
    const input = make("input", { type: "text", class: "form-control form-select", id, role: "combobox", autocomplete: "off", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": `${id}-list`, placeholder: options.find((option) => !option.value)?.label || texts.choose });
    for (const name of ["aria-describedby", "aria-invalid"]) if (select.hasAttribute(name)) input.setAttribute(name, select.getAttribute(name));
    const list = make("ul", { class: "combo-list", id: `${id}-list`, role: "listbox", hidden: "" });
    const status = make("span", { class: "visually-hidden", role: "status" });
    const box = make("div", { class: "combo" });
    const label = $(`label[for="${CSS.escape(select.id)}"]`);
    let found = [];
    let at = -1;

    select.before(box);
    box.append(select, input, list, status);
    select.hidden = true;
    if (label) {
      label.htmlFor = id;
      list.setAttribute("aria-label", label.textContent.trim());
    }
    if (select.required) {
      input.required = true;
      select.required = false;
    }
    if (select.disabled) input.disabled = true;

    const show = () => { const chosen = options.find((option) => option.value === select.value); input.value = chosen?.value ? chosen.label : ""; };
    const close = () => { list.hidden = true; input.setAttribute("aria-expanded", "false"); input.removeAttribute("aria-activedescendant"); at = -1; };
    const choose = (option) => {
      select.value = option.value;
      show();
      close();
      select.dispatchEvent(new Event("input", { bubbles: true }));
      select.dispatchEvent(new Event("change", { bubbles: true }));
    };
    const mark = (index) => {
      at = index;
      [...list.children].forEach((item, position) => item.setAttribute("aria-selected", String(position === at)));
      if (at >= 0) {
        input.setAttribute("aria-activedescendant", list.children[at].id);
        list.children[at].scrollIntoView({ block: "nearest" });
      }
    };
    const open = (query) => {
      const matches = words(query);
      found = options.filter((option) => matches(option.folded));
      list.replaceChildren(...found.map((option, index) => make("li", { role: "option", id: `${id}-${index}`, "aria-selected": "false" }, option.label)));
      if (!found.length) list.append(make("li", { class: "combo-none", role: "option", "aria-disabled": "true", id: `${id}-none` }, texts.noMatch));
      status.textContent = query ? texts.matches.replace("{n}", found.length) : "";
      list.hidden = false;
      input.setAttribute("aria-expanded", "true");
      if (found.length && query) mark(0);
      else at = -1;
    };

    input.addEventListener("input", () => open(input.value));
    input.addEventListener("click", () => list.hidden && open(""));
    input.addEventListener("focus", () => input.select());
    input.addEventListener("keydown", (event) => {
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        if (list.hidden) open("");
        if (found.length) mark((at + (event.key === "ArrowDown" ? 1 : at < 0 ? 0 : -1) + found.length) % found.length);
      } else if (event.key === "Enter" && !list.hidden) {
        event.preventDefault();
        if (at >= 0) choose(found[at]);
      } else if (event.key === "Escape" && !list.hidden) {
        event.stopPropagation();
        event.preventDefault();
        show();
        close();
      }
    });
    input.addEventListener("blur", () => {
      // Emptied means "none"; half a word that was not chosen is taken back, never guessed.
      const none = options.find((option) => option.value === "");
      if (!input.value.trim() && none && select.value !== "") choose(none);
      show();
      close();
    });
    list.addEventListener("mousedown", (event) => {
      event.preventDefault();
      const index = [...list.children].indexOf(event.target.closest("li"));
      if (found[index]) choose(found[index]);
    });
    select.form?.addEventListener("reset", () => setTimeout(show));
    show();
  }

  function filterList(list) {
    const input = make("input", { type: "search", class: "form-control filter-list-box", placeholder: list.dataset.filterList, "aria-label": list.dataset.filterList, autocomplete: "off" });
    input.addEventListener("input", () => {
      const matches = words(input.value);
      for (const item of $$(".check-item", list)) item.hidden = !matches(fold(item.textContent));
    });
    input.addEventListener("keydown", (event) => event.key === "Enter" && event.preventDefault());
    list.before(input);
  }

  // --- Small things by click

  document.addEventListener("click", async (event) => {
    if (event.target.closest("[data-print]")) window.print();
    const link = event.target.closest("a[data-copy]");
    if (!link) return;
    event.preventDefault();
    try {
      await navigator.clipboard.writeText(link.href);
      toast(texts.copied, "success");
    } catch {
      toast(texts.copyFailed, "warning");
    }
  });

  // Once for the page, and again for every piece that htmx or a dialog brings.
  function enhance(part) {
    for (const select of $$("select[data-combobox]", part)) combobox(select);
    for (const list of $$("[data-filter-list]", part)) filterList(list);
    for (const input of $$("input[data-upload]", part)) watchUpload(input);
    for (const input of $$("input[data-day]", part)) dayBox(input);
    for (const form of $$("form:has(.bulk-bar)", part)) countTicked(form);
    for (const field of $$("textarea", part)) restoreDraft(field);
    $("[data-autofocus]", part)?.focus();
  }

  enhance(document);
  document.addEventListener("htmx:load", (event) => event.detail.elt !== document.body && enhance(event.detail.elt));

  // On a wide screen the filters stand open (app.css does it where the browser can); on a phone they are folded.
  if (!CSS.supports("selector(::details-content)") && window.matchMedia("(min-width: 992px)").matches) for (const more of $$(".filter-more")) more.open = true;
})();
