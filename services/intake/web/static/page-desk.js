// The page desk: one page is current, some are chosen, and each step is sent as the form
// that stands on the page, one after the other. What comes back is the page itself, of
// which the parts that changed are taken. Without script the same forms do the same.
import { startAdjusting } from "./adjust.js";
import { startDragging } from "./page-drag.js";
import { renew } from "./renew.js";
import { startZoom } from "./zoom.js";

const form = document.getElementById("arrange");
const list = () => [...document.querySelectorAll("#pages > li[data-key]")];
const sheets = document.getElementById("live-pages");
let current = null;
let order = []; // keys of the pages as they lay when one was shown last

const zoom = startZoom(sheets, () => figureOf(current));
watchSheets();
show(list()[0]?.dataset.key, { scroll: false });
document.addEventListener("renewed", () => show(current, { scroll: false }));
if (form) {
  startSteps();
  startAdjusting();
}

// --- the current page ----------------------------------------------------------------

function figureOf(key) {
  return key && sheets.querySelector(`[data-key="${CSS.escape(key)}"]`);
}

function show(key, { scroll = true } = {}) {
  const pages = list();
  const here = pages.find((item) => item.dataset.key === key) ?? besideGone(key, pages) ?? pages[0];
  current = here?.dataset.key ?? null;
  order = pages.map((item) => item.dataset.key);
  for (const item of pages) {
    if (item === here) item.querySelector("a").setAttribute("aria-current", "true");
    else item.querySelector("a").removeAttribute("aria-current");
  }
  for (const figure of sheets.querySelectorAll("figure")) figure.classList.toggle("is-here", figure.dataset.key === current);
  for (const select of document.querySelectorAll("select[data-current]")) {
    if (!select.closest("dialog[open]") && [...select.options].some((option) => option.value === current)) select.value = current;
  }
  if (!here) return;
  here.scrollIntoView({ block: "nearest" });
  if (scroll) scrollTo(figureOf(current));
}

// in the place of a page that has gone: the new one that lies there, else the one that lay
// behind it, or before it
function besideGone(key, pages) {
  const at = order.indexOf(key);
  const there = pages.length === order.length && pages[at];
  if (there && !order.includes(there.dataset.key)) return there;
  const near = [...order.slice(at + 1), ...order.slice(0, Math.max(at, 0)).reverse()];
  const left = near.find((each) => pages.some((item) => item.dataset.key === each));
  return at < 0 ? null : pages.find((item) => item.dataset.key === left);
}

function scrollTo(figure) {
  scrolling = true;
  setTimeout(() => { scrolling = false; }, 150);
  if (sheets.scrollHeight > sheets.clientHeight) sheets.scrollTop = figure.offsetTop;
  else figure.scrollIntoView({ block: "nearest" });
}

// what is scrolled to becomes current, unless it was a key that scrolled
let scrolling = false;
function watchSheets() {
  sheets.addEventListener("scroll", () => {
    if (scrolling) return;
    const middle = sheets.scrollTop + sheets.clientHeight / 2;
    const figure = [...sheets.querySelectorAll("figure")].findLast((each) => each.offsetTop <= middle);
    if (figure && figure.dataset.key !== current) show(figure.dataset.key, { scroll: false });
  });
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href^='#page-']");
    if (!link || event.defaultPrevented) return;
    const figure = document.getElementById(link.hash.slice(1));
    if (!figure) return;
    event.preventDefault();
    if (!choosing(event, link.closest("li[data-key]"))) show(figure.dataset.key);
  });
}

// Ctrl adds one, Shift a range, as in a file manager
function choosing(event, item) {
  const box = item?.querySelector(".pick input");
  if (!box || !(event.ctrlKey || event.metaKey || event.shiftKey)) return false;
  if (!event.shiftKey) {
    box.checked = !box.checked;
    return true;
  }
  const pages = list();
  const [from, to] = [pages.findIndex((each) => each.dataset.key === current), pages.indexOf(item)].sort((a, b) => a - b);
  for (const each of pages.slice(from, to + 1)) each.querySelector(".pick input").checked = true;
  return true;
}

function go(by) {
  const pages = list();
  const at = pages.findIndex((item) => item.dataset.key === current);
  const next = pages[Math.min(Math.max(at + by, 0), pages.length - 1)];
  if (!next) return;
  const inList = document.activeElement.closest?.("#pages");
  show(next.dataset.key);
  if (inList) next.querySelector("a").focus({ preventScroll: true });
}

function nextFlag() {
  const pages = list();
  const at = pages.findIndex((item) => item.dataset.key === current);
  const flagged = [...pages.slice(at + 1), ...pages.slice(0, at + 1)].find((item) => item.querySelector(".flag-warn"));
  if (flagged) show(flagged.dataset.key);
}

// --- steps ---------------------------------------------------------------------------

function chosen() {
  const ticked = list().filter((item) => item.querySelector(".pick input")?.checked).map((item) => item.dataset.key);
  return ticked.length || !current ? ticked : [current];
}

function startSteps() {
  let queue = Promise.resolve();
  // the pages are those that were chosen when it was pressed: the last step may be on its way
  const step = (act, more = {}) => {
    const pressed = { pages: chosen(), after: "", ...more };
    queue = queue.then(() => sendPlain(act, pressed)).catch(() => complain(words().failed));
    return queue;
  };
  document.addEventListener("submit", (event) => {
    const sent = event.target;
    if (!sent.matches("form[data-step]")) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (event.submitter?.getAttribute("aria-disabled") === "true") return;
    if (sent === form) step(event.submitter.value);
    else queue = queue.then(() => sendForm(sent, event.submitter)).catch(() => complain(words().failed));
  }, { capture: true });
  startDragging({
    list: () => document.getElementById("pages"),
    chosen: (key) => (chosen().includes(key) ? chosen() : [key]),
    words,
    place: (pages, after) => step("place", { pages, after }),
  });
  document.addEventListener("keydown", (event) => press(event, step));
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-open='send']")) tick("send-form");
  });
}

function tick(id) {
  const pages = chosen();
  for (const box of document.querySelectorAll(`#${id} input[name=page]`)) box.checked = pages.includes(box.value);
}

function words() {
  return JSON.parse(form.dataset.words);
}

async function sendPlain(act, { pages, after }) {
  const acts = act === "undo" || act === "redo";
  if (acts && form.querySelector(`[value=${act}]`).getAttribute("aria-disabled")) return;
  if (!acts && !pages.length) return complain(words()["choose-first"]);
  const body = new URLSearchParams([...new FormData(form)].filter(([name]) => name !== "page"));
  body.append("act", act);
  body.append("after", after);
  for (const page of acts ? [] : pages) body.append("page", page);
  if (await post(form.getAttribute("action"), body)) show(current);
}

async function sendForm(sent, button) {
  const body = new URLSearchParams(new FormData(sent));
  if (button?.name) body.append(button.name, button.value);
  sent.closest("dialog")?.close();
  await post(sent.getAttribute("action"), body);
}

// the step, then the page as it is after it; false where nothing was recorded
async function post(action, body) {
  complain("");
  const answer = await fetch(action, { method: "POST", body, headers: { Accept: "application/json" } });
  if (answer.status === 401 || new URL(answer.url).pathname === "/sign-in") {
    location.reload();
    return false;
  }
  if (!answer.ok) {
    const problem = await answer.json();
    await fetch(location.pathname, { headers: { Accept: "text/html" } }).then(take);
    complain(problem.who ? words().conflict.replace("{who}", problem.who) : problem.detail ?? problem.title);
    return false;
  }
  await take(answer);
  return true;
}

async function take(answer) {
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const part of document.querySelectorAll("[data-live]")) {
    const next = fresh.getElementById(part.id);
    if (next && !part.querySelector("dialog[open]")) renew(part, next);
  }
}

function complain(text) {
  const place = document.getElementById("step-error");
  place.textContent = text;
  place.hidden = !text;
}

// --- keys ----------------------------------------------------------------------------
// event.code, because Vietnamese input methods turn letters into tones

const ACTS = {
  BracketLeft: "turn-left",
  KeyL: "turn-left",
  BracketRight: "turn-right",
  KeyR: "turn-right",
  Delete: "drop",
  KeyZ: "undo",
  KeyY: "redo",
};
const MOVES = { ArrowUp: "earlier", ArrowDown: "later", ArrowLeft: "earlier", ArrowRight: "later", Home: "first", End: "last" };

function press(event, step) {
  if (event.isComposing || event.metaKey || event.defaultPrevented) return;
  if (event.target.closest("input:not([type=checkbox]), textarea, select, dialog[open]") || document.querySelector("dialog[open]")) return;
  const act = actOf(event);
  if (act) {
    event.preventDefault();
    step(act);
    return;
  }
  if (event.ctrlKey || event.altKey) return;
  const moves = { KeyJ: () => go(1), KeyK: () => go(-1), KeyF: nextFlag };
  if (!zoom.takesArrows()) Object.assign(moves, { ArrowDown: () => go(1), ArrowUp: () => go(-1) });
  if (!moves[event.code] || event.shiftKey) return;
  event.preventDefault();
  moves[event.code]();
}

function actOf(event) {
  if (event.altKey) return event.ctrlKey ? null : MOVES[event.code];
  if (event.ctrlKey) return event.code === "KeyZ" ? (event.shiftKey ? "redo" : "undo") : event.code === "KeyY" ? "redo" : null;
  if (event.shiftKey) return event.code === "KeyZ" ? "redo" : null;
  return ACTS[event.code];
}
