// The board: J and K go from case to case, Enter opens (the link has the focus), / finds.
// While it is seen it hears of changes; where it cannot, live.js asks every few seconds.
import { attended } from "./activity.js";
import { rarely, refresh } from "./live.js";

const HEARING_SECONDS = 60; // minutes that are left go by without any news
const TOGETHER_MS = 500; // acts come in groups

const rows = () => [...document.querySelectorAll(".board tbody tr:not(.group) th a")];

for (const words of document.querySelectorAll("[data-script]")) words.hidden = false;

// event.code, because Vietnamese input methods turn letters into tones
document.addEventListener("keydown", (event) => {
  if (event.isComposing || event.altKey || event.metaKey || event.ctrlKey || event.shiftKey) return;
  if (event.target.matches("input, select, textarea") || document.querySelector("dialog[open]")) return;
  if (event.key === "/") {
    event.preventDefault();
    document.getElementById("q").select();
    document.getElementById("q").focus();
  }
  if (event.code === "KeyJ" || event.code === "KeyK") {
    event.preventDefault();
    go(event.code === "KeyJ" ? 1 : -1);
  }
});

function go(by) {
  const links = rows();
  const here = links.indexOf(document.activeElement);
  const next = here < 0 ? (by > 0 ? 0 : links.length - 1) : Math.min(links.length - 1, Math.max(0, here + by));
  links[next]?.focus();
}

let stream;
let due;

function listen() {
  if (document.hidden || stream) return;
  stream = new EventSource("/news");
  stream.addEventListener("open", () => rarely(HEARING_SECONDS));
  stream.addEventListener("look", () => {
    clearTimeout(due);
    due = setTimeout(() => attended() && refresh().catch(() => {}), TOGETHER_MS);
  });
  // between two streams it opens the next by itself, and where it never does, nothing is
  // heard: the page looks as often as one that hears nothing, until the next is open
  stream.addEventListener("error", () => rarely(0));
}

// a page behind others must not keep one of the few connections of a browser
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) return listen();
  stream?.close();
  stream = undefined;
  rarely(0);
});
addEventListener("pagehide", () => stream?.close());
listen();
