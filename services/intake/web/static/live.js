// A page that a machine still changes looks again by itself: the same address, its
// [data-live] parts compared and replaced. Focus never moves; a part in use waits.
import { attended } from "./activity.js";
import { renew } from "./renew.js";

const USUAL_SECONDS = 2;
const LONGEST_SECONDS = 10;
let timer;
let least = 0;

export async function refresh() {
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
  if (!answer.ok || answer.redirected) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const part of document.querySelectorAll("[data-live]")) {
    const next = fresh.getElementById(part.id);
    // lists of pages keep the focus where it is, so they need not wait for it
    if (next && ("adopt" in part.dataset || !inUse(part))) renew(part, next);
  }
}

// the keyboard is in it, or a box was ticked that is not sent yet
function inUse(part) {
  if (part.querySelector("dialog[open]")) return true;
  const active = document.activeElement;
  if (part.contains(active) && active !== part && active.matches("a, button, input, textarea, select")) return true;
  return [...part.querySelectorAll("input[type=checkbox]")].some((box) => box.checked !== box.defaultChecked);
}

async function look() {
  if (moving().length && attended())
    await refresh().catch(() => {}); // offline: the next look may reach it
  later();
}

// whoever has marked a part as moving need not wait for the look that was due before
export function hurry() {
  later();
}

// whoever hears that something has changed need not ask so often
export function rarely(seconds) {
  if (seconds === least) return; // said every few seconds, it would put off each look
  least = seconds;
  later();
}

// data-moving: seconds until the next look
function later() {
  clearTimeout(timer);
  timer = setTimeout(look, 1000 * Math.max(least, Math.min(LONGEST_SECONDS, ...moving())));
}

function moving() {
  return [...document.querySelectorAll("[data-moving]")].map((part) => Number(part.dataset.moving) || USUAL_SECONDS);
}
later();
