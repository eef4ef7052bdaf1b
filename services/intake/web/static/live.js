// A page that a machine still changes looks again by itself: the same address, its
// [data-live] parts compared and replaced. Focus never moves; a part in use waits.
const EVERY_MS = 2000;

export async function refresh() {
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
  if (!answer.ok || answer.redirected) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const part of document.querySelectorAll("[data-live]")) {
    const next = fresh.getElementById(part.id);
    if (next) renew(part, next);
  }
}

function renew(part, next) {
  part.toggleAttribute("data-moving", next.hasAttribute("data-moving"));
  if (part.innerHTML === next.innerHTML || inUse(part)) return;
  part.replaceChildren(...next.childNodes);
  for (const button of part.querySelectorAll("[data-copy]"))
    button.hidden = !navigator.clipboard;
}

// the keyboard is in it, or a box was ticked that is not sent yet
function inUse(part) {
  const active = document.activeElement;
  if (part.contains(active) && active !== part && active.matches("a, button, input, textarea, select")) return true;
  return [...part.querySelectorAll("input[type=checkbox]")].some((box) => box.checked !== box.defaultChecked);
}

async function look() {
  if (document.querySelector("[data-moving]") && !document.hidden)
    await refresh().catch(() => {}); // offline: the next look may reach it
  setTimeout(look, EVERY_MS);
}
setTimeout(look, EVERY_MS);
