// Gengfu's console: live pages, keys, copying, scrubbing through a walk. Every page also works without it.
"use strict";
document.documentElement.classList.add("js");

const QUIET_MS = 1500; // at least so long between two refreshes
const PATROL_MS = 30000; // a refresh without being told to, so that ages stay true

const all = (selector, root = document) => [...root.querySelectorAll(selector)];
const typing = (element) => element.matches("input:not([type=range]), select, textarea");

// --- Live: fetch this page anew when something changed, and say so when that fails.

function live() {
  const main = document.querySelector("main"), lively = main.hasAttribute("data-live");
  if (!lively && !wished()) return;
  let source, heard, displaced, pending, last = Date.now();
  const stale = document.querySelector(".stale");
  const refresh = async () => {
    pending = undefined;
    last = Date.now();
    if (document.hidden) return;
    if (inHand(main)) return soon();
    try {
      const answer = await fetched();
      if (answer.status === 401) return location.reload();
      if (!answer.ok) throw new Error(answer.status);
      replace(parsed(await answer.text()));
      stale.hidden = true;
      if (wished() !== heard) listen();
    } catch {
      stale.hidden = false;
    }
  };
  const soon = () => {
    if (!lively) return;
    pending ??= setTimeout(refresh, Math.max(100, QUIET_MS - (Date.now() - last)));
  };
  const listen = () => {
    source?.close();
    displaced = false;
    if (document.hidden) return;
    heard = wished();
    source = new EventSource(heard ? `/live?${heard}` : "/live");
    source.addEventListener("again", (event) => again(event.data));
    source.addEventListener("changed", soon);
    const silent = lively ? soon : () => { stale.hidden = false; };
    source.addEventListener("error", silent);
    // A newer page of this person has the place: without it this one asks now and then, until it is looked at.
    source.addEventListener("displaced", () => { source.close(); displaced = true; silent(); });
    source.addEventListener("open", () => { if (!lively) stale.hidden = true; });
  };
  document.addEventListener("visibilitychange", () => { listen(); if (!document.hidden) soon(); });
  addEventListener("pagehide", () => source?.close());
  addEventListener("pageshow", (event) => { if (event.persisted) { listen(); soon(); } });
  const deaf = () => source?.readyState === EventSource.CLOSED;
  addEventListener("focus", () => { if (deaf()) listen(); });
  setInterval(() => { if (deaf() && !(displaced && lively)) listen(); soon(); }, PATROL_MS);
  listen();
}

// What the page fetches by itself keeps nobody signed in.
const fetched = () => fetch(location.href, { cache: "no-store", headers: { "x-refresh": "yes" } });
const parsed = (html) => new DOMParser().parseFromString(html, "text/html");

// --- A report that is being gathered: asked for less and less often, until there is something else to show.

function gathering(pause = 1000) {
  if (!document.querySelector("[data-gathering]")) return;
  setTimeout(async () => {
    try {
      if (!document.hidden && !inHand(document.querySelector("main"))) {
        const answer = await fetched();
        // It is there, or why it never will be.
        if (!answer.ok || !parsed(await answer.text()).querySelector("[data-gathering]")) return location.reload();
        document.querySelector(".stale").hidden = true;
      }
    } catch {
      document.querySelector(".stale").hidden = false;
    }
    gathering(Math.min(pause * 1.5, 10000));
  }, pause);
}

// --- A walk that was asked for: each step shows when it ends.

function wished() {
  const wish = document.querySelector("[data-wish][data-under-way]")?.dataset;
  return wish && `again=${wish.wish}&about=${wish.about}`;
}

function again(html) {
  const old = document.querySelector("[data-wish]"), fresh = new DOMParser().parseFromString(html, "text/html").querySelector("[data-wish]");
  if (!old || old.dataset.wish !== fresh?.dataset.wish) return;
  // What is the same stays: pictures do not flicker, and only what is new is read out.
  const steps = all("[data-step]", old), said = old.querySelector("[role=status]"), says = fresh.querySelector("[role=status]");
  all("[data-step]", fresh).forEach((step, i) => { if (steps[i]?.isEqualNode(step)) step.replaceWith(steps[i]); });
  old.className = fresh.className;
  old.toggleAttribute("data-under-way", fresh.hasAttribute("data-under-way"));
  if (!said.isEqualNode(says)) said.replaceChildren(...says.childNodes);
  says.replaceWith(said);
  const along = old.querySelector(".steps")?.scrollLeft ?? 0, grew = all("[data-step]", fresh).length > steps.length;
  old.replaceChildren(...fresh.childNodes);
  const list = old.querySelector(".steps");
  if (list) list.scrollLeft = grew ? list.scrollWidth : along;
}

// Whether somebody is in the middle of something that a refresh would take from them: typing, marking, pressing, filling in.
let pressing = false;
addEventListener("pointerdown", () => { pressing = true; }, true);
for (const end of ["pointerup", "pointercancel", "blur"]) addEventListener(end, () => { pressing = false; }, true);
function inHand(main) {
  const focused = document.activeElement;
  const filled = (field) => field.type !== "hidden" && field.value !== field.defaultValue;
  return pressing || (focused && typing(focused)) || String(getSelection()) !== "" || main.querySelector("details[open] form")
    || all("input:not([type=range]), textarea", main).some(filled);
}

function replace(fresh) {
  const [main, next] = [document, fresh].map((page) => page.querySelector("main"));
  // What was chosen stays chosen wherever it stands now: Enter must not open its neighbour.
  const key = main.querySelector("[data-list] > .selected")?.dataset.key;
  const film = main.querySelector("[data-film]")?.scrollLeft;
  const inside = main.contains(document.activeElement);
  main.replaceChildren(...next.childNodes);
  document.title = fresh.title;
  document.querySelector(".asof").replaceWith(fresh.querySelector(".asof"));
  const chosen = key === undefined ? -1 : all("[data-list] > *").findIndex((row) => row.dataset.key === key);
  if (chosen >= 0) choose(chosen, false);
  else chosenRow = -1;
  if (chosen >= 0 && inside) all("[data-list] > *")[chosenRow]?.querySelector("[data-open]")?.focus({ preventScroll: true });
  prepare(film);
}

// --- Lists: j and k move, Enter opens, / finds.

let chosenRow = -1;

function choose(index, scroll = true) {
  const rows = all("[data-list] > *");
  if (!rows.length) return;
  chosenRow = Math.min(Math.max(index, 0), rows.length - 1);
  rows.forEach((row, i) => row.classList.toggle("selected", i === chosenRow));
  const link = rows[chosenRow].querySelector("[data-open]");
  if (scroll) {
    link?.focus({ preventScroll: true });
    rows[chosenRow].scrollIntoView({ block: "nearest" });
  }
}

function along(step) {
  const links = all(".strip a", all("[data-list] > *")[chosenRow] ?? document.createElement("p"));
  if (!links.length) return false;
  const now = links.indexOf(document.activeElement);
  links[now < 0 ? links.length - 1 : Math.min(Math.max(now + step, 0), links.length - 1)].focus();
  return true;
}

// --- A walk: one step at a time, by mouse, by slider, by arrow keys, by address.

let show = null;

function walk() {
  const stage = document.querySelector("[data-walk]");
  if (!stage) return;
  const steps = all(".step", stage), links = all(".step-list a", stage);
  const scrubber = document.querySelector("[data-scrubber]"), slider = scrubber.querySelector("input");
  scrubber.hidden = false;
  let now = 0;
  show = (index, write = true) => {
    now = Math.min(Math.max(index, 0), steps.length - 1);
    steps.forEach((step, i) => step.classList.toggle("shown", i === now));
    links.forEach((link, i) => (i === now ? link.setAttribute("aria-current", "step") : link.removeAttribute("aria-current")));
    const list = links[now].closest(".step-list"), item = links[now].parentElement;
    const pane = getComputedStyle(list.querySelector("ol")).display === "flex" ? list.querySelector("ol") : list;
    pane.scrollTo({ left: item.offsetLeft - pane.clientWidth / 2, top: item.offsetTop - pane.clientHeight / 2 });
    slider.value = now + 1;
    for (const near of [now, now + 1]) all("img[loading]", steps[near] ?? steps[now]).forEach((image) => image.removeAttribute("loading"));
    if (write) history.replaceState(null, "", `#${steps[now].id}`);
  };
  show.by = (step) => show(now + step);
  show.last = () => show(steps.length - 1);
  const fromAddress = () => {
    const at = steps.findIndex((step) => `#${step.id}` === location.hash);
    show(at >= 0 ? at : Number(stage.dataset.first) - 1, false);
  };
  addEventListener("hashchange", fromAddress);
  slider.addEventListener("input", () => show(slider.valueAsNumber - 1));
  for (const button of all("[data-go]", scrubber)) button.addEventListener("click", () => show.by(Number(button.dataset.go)));
  for (const [i, link] of links.entries()) link.addEventListener("click", (event) => { event.preventDefault(); show(i); });
  fromAddress();
}

// --- Keys, copying, filters.

const KEYS = {
  j: () => choose(chosenRow + 1),
  k: () => choose(chosenRow - 1),
  ArrowDown: () => (document.querySelector("[data-list]") ? choose(chosenRow + 1) : false),
  ArrowUp: () => (document.querySelector("[data-list]") ? choose(chosenRow - 1) : false),
  ArrowLeft: () => (show ? show.by(-1) : along(-1)),
  ArrowRight: () => (show ? show.by(1) : along(1)),
  Home: () => (show ? show(0) : false),
  End: () => (show ? show.last() : false),
  "/": () => {
    const find = document.querySelector("[data-find]");
    if (!find) return false;
    find.focus();
    find.select();
  },
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
  if (event.target.closest?.("[data-film]") && event.key.startsWith("Arrow")) return;
  if (typing(event.target)) {
    if (event.key === "Escape") event.target.blur();
    return;
  }
  const action = KEYS[event.key];
  if (action && action() !== false) event.preventDefault();
});

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  try {
    await navigator.clipboard.writeText(button.dataset.copy);
  } catch {
    // Without a secure context there is no clipboard: select the text, so that Ctrl-C takes it.
    getSelection().selectAllChildren(button.previousElementSibling);
    return;
  }
  const label = button.textContent;
  button.textContent = button.dataset.copied;
  setTimeout(() => { button.textContent = label; }, 1500);
});

document.addEventListener("change", (event) => {
  const form = event.target.closest("form[data-submit]");
  if (form && event.target.matches("select")) form.requestSubmit();
});

document.addEventListener("submit", (event) => {
  if (!event.target.matches("form[data-submit]")) return;
  // Empty filters have no place in the address.
  all("select, input", event.target).forEach((field) => { field.disabled ||= field.value === ""; });
});

addEventListener("pageshow", () => all("form[data-submit] :disabled").forEach((field) => { field.disabled = false; }));

// What a fresh `main` needs: buttons that only work with script, the failing step in view.
function prepare(film) {
  all("[data-copy]").forEach((button) => { button.hidden = false; });
  for (const list of all(".wish .steps")) {
    const last = list.querySelector("li.failed") ?? list.lastElementChild;
    list.scrollLeft = last.offsetLeft - list.offsetLeft - list.clientWidth / 2;
  }
  const strip = document.querySelector("[data-film]"), fails = strip?.querySelector(".fails");
  if (strip && film !== undefined) strip.scrollLeft = film;
  else if (fails) strip.scrollLeft = fails.offsetLeft - (strip.clientWidth - fails.clientWidth) / 2;
}

document.addEventListener("DOMContentLoaded", () => { prepare(); walk(); live(); gathering(); });
