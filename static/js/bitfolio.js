// What every page does beyond HTML and htmx: theme, hidden amounts, toasts, dialogs, keys and the tick.
// Each act has a form or a link beneath it, so without this file everything still works, with a reload.

const root = document.documentElement;
const toasts = document.getElementById("toasts");
const TICK = 30_000;
const TOAST = 6_000;

// Who comes back to a page, or loads it again, stands where they were: all of it has its height at once.
root.toggleAttribute("data-returned", performance.getEntriesByType("navigation")[0]?.type !== "navigate");

// --- Theme and hidden amounts: kept in cookies, so that the server renders them right -------------------

function remember(name, value) {
  const secure = location.protocol === "https:" ? ";secure" : "";
  document.cookie = `${name}=${value};path=/;max-age=31536000;samesite=lax${secure}`;
}

function isDark() {
  if (root.dataset.theme) return root.dataset.theme === "dark";
  return matchMedia("(prefers-color-scheme: dark)").matches;
}

function toggleTheme(button) {
  root.dataset.theme = isDark() ? "light" : "dark";
  remember("theme", root.dataset.theme);
  for (const other of document.querySelectorAll("[data-action=theme]")) other.value = isDark() ? "light" : "dark";
  document.dispatchEvent(new Event("display:changed"));
  keepTheme(button.form);
}

// The choice is kept with the account too. The page does not wait for it, and the cookie wins here anyway.
function keepTheme(form) {
  if (!form) return;
  const body = new FormData(form);
  body.set("theme", root.dataset.theme);
  fetch(form.action, { method: "POST", body, headers: { "HX-Request": "true" } }).catch(() => {});
}

function togglePrivacy() {
  const hidden = root.toggleAttribute("data-private");
  remember("private", hidden ? 1 : 0);
  for (const button of document.querySelectorAll("[data-action=privacy]")) {
    button.setAttribute("aria-pressed", hidden);
    button.value = hidden ? 0 : 1;
  }
  const entry = document.querySelector(".entry"); // what is typed there stays: only its preview is asked for
  if (entry) entry.dispatchEvent(new Event("input", { bubbles: true }));
  else if (!hidden && wasMasked()) location.reload();
  document.dispatchEvent(new Event("display:changed"));
}

// With the cookie set the server sends dots instead of amounts: to show them, they must be asked for.
const wasMasked = () =>
  [...document.querySelectorAll(".amt")].some((amount) => amount.textContent === "•••••") ||
  document.querySelector("[data-masked]") !== null;

// --- Toasts ---------------------------------------------------------------------------------------------

// A toast with an act stays until it is used or dismissed; the others wait while they are read.
function settle(toast) {
  if (toast.hasAttribute("data-stays") || toast.dataset.settled) return;
  toast.dataset.settled = "yes";
  let timer;
  const start = () => { timer = setTimeout(() => toast.remove(), TOAST); };
  const stop = () => clearTimeout(timer);
  for (const event of ["mouseenter", "focusin"]) toast.addEventListener(event, stop);
  for (const event of ["mouseleave", "focusout"]) toast.addEventListener(event, start);
  start();
}

function button(label, act) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "btn sm";
  made.textContent = label;
  made.addEventListener("click", act);
  return made;
}

function say(text, label, act) {
  const toast = document.getElementById("toast").content.firstElementChild.cloneNode(true);
  toast.firstElementChild.textContent = text;
  if (act) {
    toast.toggleAttribute("data-stays", true);
    toast.lastElementChild.before(button(label, () => { toast.remove(); act(); }));
  }
  toasts.append(toast);
}

// Who used or dismissed one goes on where they came from.
let origin;

function resume() {
  if (!origin || document.activeElement !== document.body) return;
  (origin.isConnected && origin !== document.body ? origin : document.getElementById("main")).focus({ preventScroll: true });
  origin = null;
}

toasts.addEventListener("focusin", ({ relatedTarget }) => {
  if (!toasts.contains(relatedTarget)) origin = relatedTarget ?? document.body;
});
new MutationObserver(() => {
  toasts.querySelectorAll(".toast").forEach(settle);
  resume();
}).observe(toasts, { childList: true });
toasts.querySelectorAll(".toast").forEach(settle);
document.body.addEventListener("toast", (event) => say(event.detail.value));

// --- Requests that failed: nothing on the page changed, so offer the same act again ---------------------

function failed(event) {
  const { elt, requestConfig, xhr } = event.detail;
  const cause = requestConfig?.triggeringEvent;
  if (cause && !cause.isTrusted) return; // the page's own refresh: the next tick tries again
  if (xhr?.status === 403) return say("This page is out of date.", "Reload", () => location.reload());
  const what = requestConfig?.verb === "get" ? "load" : "save";
  say(`Could not ${what}. Try again.`, "Retry", () => htmx.trigger(elt, cause?.type ?? "click"));
}

document.addEventListener("htmx:sendError", failed);
document.addEventListener("htmx:timeout", failed);
document.addEventListener("htmx:responseError", failed);

// --- Dialogs: a page, or how a figure came about, fetched into #modal -----------------------------------

const modal = document.getElementById("modal");
const before = []; // what the dialog showed before, for the way back

document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  if (detail.target === modal && modal.open && detail.shouldSwap) before.push([...modal.childNodes]);
});

document.addEventListener("htmx:afterSwap", (event) => {
  const changed = event.detail.target ?? event.target;
  if (modal.contains(changed) && modal.childElementCount) showDialog();
  changed.querySelector?.('[aria-invalid="true"]')?.focus();
});

function showDialog() {
  modal.setAttribute("aria-label", modal.querySelector("h1, h2")?.textContent.trim() || "Form");
  for (const button of modal.querySelectorAll("[data-action=dialog-back]")) button.hidden = !before.length;
  if (!modal.open) modal.showModal();
  modal.scrollTop = 0;
  modal.querySelector("[autofocus]")?.focus();
}

function dialogBack() {
  modal.replaceChildren(...before.pop());
  htmx.process(modal);
  showDialog();
}

document.body.addEventListener("dialog:close", () => modal.close());
modal.addEventListener("close", () => {
  before.length = 0;
  modal.replaceChildren();
});

// --- Rows: j and k walk through them; their table is asked for anew, but not under a row being edited ----

let flashed, place = -1;

function rows() {
  return [...document.querySelectorAll("main .tbl tbody tr")].filter((row) => row.offsetParent && row.querySelector("a"));
}

function stand(at) {
  const found = rows();
  found[Math.max(0, Math.min(at, found.length - 1))]?.querySelector("a").focus();
}

function here() {
  return rows().findIndex((row) => row.contains(document.activeElement));
}

document.addEventListener("htmx:beforeRequest", (event) => {
  const region = event.detail.elt;
  if (region.closest("tr")) place = here(); // before its button is disabled, and loses the focus
  if (!region.matches("[data-rows]") || !region.querySelector(".editing")) return;
  region.toggleAttribute("data-waits", true);
  event.preventDefault();
});

document.addEventListener("htmx:beforeSwap", (event) => {
  flashed = event.detail.target.querySelector(".flash")?.id;
});

document.addEventListener("htmx:afterSwap", () => {
  document.getElementById(flashed)?.classList.add("flash");
  if (place >= 0 && document.activeElement === document.body) stand(place);
  place = -1;
});

// Not sooner: while it is swapped, the edited row still stands there.
document.addEventListener("htmx:afterSettle", () => {
  const waits = document.querySelector("[data-waits]");
  if (!waits || waits.querySelector(".editing")) return;
  waits.removeAttribute("data-waits");
  htmx.trigger(waits, "refetch");
});

// --- What is drawn anew under the reader: focus stays where it was, a table that was opened stays open ----

const kept = new Map(); // by the id of a region that is being replaced

const sign = (one) => ["href", "value", "aria-label", "data-series"].map((name) => one.getAttribute(name)).join();
const alike = (region, tag, signed) =>
  [...region.querySelectorAll(tag)].filter((one) => sign(one) === signed);

document.addEventListener("htmx:beforeSwap", ({ detail: { target } }) => {
  if (!target.id || target === modal) return;
  const held = document.activeElement, tag = held?.tagName, signed = held && sign(held);
  const nth = target.contains(held) ? alike(target, tag, signed).indexOf(held) : -1;
  kept.set(target.id, { tag, signed, nth, opened: [...target.querySelectorAll("details")].map((one) => one.open) });
});

document.addEventListener("htmx:afterSettle", () => {
  for (const [id, { tag, signed, nth, opened }] of kept) {
    const region = document.getElementById(id);
    region?.querySelectorAll("details").forEach((one, n) => { one.open ||= opened[n] ?? false; });
    const twin = region && nth >= 0 && alike(region, tag, signed)[nth];
    if (twin && document.activeElement === document.body) twin.focus({ preventScroll: true });
  }
  kept.clear();
});

// --- Forms ----------------------------------------------------------------------------------------------

function reveal(toggle) {
  const input = document.getElementById(toggle.getAttribute("aria-controls"));
  const shown = input.type === "password";
  input.type = shown ? "text" : "password";
  toggle.setAttribute("aria-pressed", shown);
}

for (const field of document.querySelectorAll("[data-timezone]")) {
  field.value ||= Intl.DateTimeFormat().resolvedOptions().timeZone;
}

if (matchMedia("(pointer: fine)").matches) document.querySelector("[data-begins]")?.focus({ preventScroll: true });

// What only a script can work is shown by it.
for (const control of document.querySelectorAll("[data-scripted]")) control.hidden = false;

// --- Clicks and keys ------------------------------------------------------------------------------------

const actions = {
  theme: toggleTheme,
  privacy: togglePrivacy,
  reveal,
  "dialog-back": dialogBack,
  keys: () => document.getElementById("keys").showModal(),
  dismiss: (cross) => cross.closest(".toast").remove(),
  // A figure opens how it came about over its page; with a key held as any link does.
  how: (link, event) => htmx.ajax("GET", link.getAttribute("href"), { source: link, event, target: modal })?.catch(() => {}),
};

document.addEventListener("click", (event) => {
  const control = event.target.closest("[data-action], a.why");
  const act = control && actions[control.dataset.action ?? "how"];
  const isLink = !window.htmx || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey;
  if (!act || (act === actions.how && isLink)) return;
  event.preventDefault();
  act(control, event);
});

// Single keys only press what is on the page and visible; settings can switch them off (WCAG 2.1.4).
document.addEventListener("keydown", (event) => {
  const field = event.target.closest?.("input, textarea, select, [contenteditable]");
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) return field?.form?.requestSubmit();
  if (event.key === "Escape") return event.target.closest?.(".editing")?.querySelector("[data-cancel]")?.click();
  if (field || event.ctrlKey || event.metaKey || event.altKey || root.dataset.shortcuts === "off") return;
  if (document.querySelector("dialog[open]")) return;
  if (event.key === "?") return actions.keys();
  if (event.key === "j") return stand(here() + 1);
  if (event.key === "k") return stand(here() - 1);
  if (event.key === "e") return rows()[here()]?.querySelector("[data-edit]")?.click();
  const key = CSS.escape(event.key);
  const control = [...document.querySelectorAll(`[data-key="${key}"]`)].find((found) => found.offsetParent);
  if (!control) return;
  event.preventDefault();
  if (control.matches("input")) control.focus();
  else control.click();
});

// --- The tick: live regions listen to `tick from:body` --------------------------------------------------

// Behind a form nothing is asked for: once the session has ended, the answer would take what was typed away.
let ticked = Date.now();

function tick() {
  if (root.dataset.live === "off" || document.visibilityState !== "visible" || Date.now() - ticked < TICK) return;
  if (document.querySelector(".entry, .editing")) return;
  ticked = Date.now();
  document.body.dispatchEvent(new Event("tick"));
}

setInterval(tick, TICK / 6);
document.addEventListener("visibilitychange", tick);
