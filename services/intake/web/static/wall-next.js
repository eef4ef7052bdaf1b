// The next paper's pictures come while this one is read. This page alone holds them:
// they are no-store, so a new page would ask for each again, and nothing of a citizen's
// paper may stay in the browser. So the paper changes, and the page stays.
// A picture that only lies here is given and not seen: seen is what was in view.
const MOST = 40; // pictures; a longer paper's last pages come when it is opened
const held = new Map();

export async function loadAhead(address) {
  const fresh = address && await read(address);
  if (!fresh) return;
  const wanted = pictures(fresh).slice(0, MOST).map((img) => img.getAttribute("src"));
  for (const src of held.keys()) if (!wanted.includes(src)) held.delete(src);
  for (const src of wanted) if (!held.has(src)) held.set(src, Object.assign(new Image(), { src }));
}

let going = false;
// False where another page than the wall answers: then the browser goes there itself
export async function change(address) {
  if (going) return true;
  going = true;
  const fresh = await read(address);
  going = false;
  if (!fresh) return false;
  const places = [];
  for (const img of pictures(fresh)) {
    const there = held.get(img.getAttribute("src"));
    if (!there || (there.complete && !there.naturalWidth)) continue;
    for (const { name, value } of img.attributes) if (name !== "src") there.setAttribute(name, value);
    img.removeAttribute("src"); // it would be loaded as it comes into this page
    places.push([img, there]);
  }
  history.pushState(null, "", address);
  document.title = fresh.title;
  for (const dialog of document.querySelectorAll("body > dialog")) dialog.remove();
  document.body.append(...fresh.querySelectorAll("body > dialog"));
  const [bar, main] = [fresh.querySelector(".bar"), fresh.getElementById("main")].map((part) => document.importNode(part, true));
  document.querySelector(".bar").replaceWith(bar);
  document.getElementById("main").replaceWith(main);
  const empty = [...main.querySelectorAll("#scroll img.paper:not([src])")];
  places.forEach(([, there], at) => empty[at].replaceWith(there));
  held.clear();
  main.focus({ preventScroll: true });
  document.dispatchEvent(new Event("paper"));
  return true;
}

// also fired by a link within the page
addEventListener("popstate", () => {
  if (location.pathname !== `/wall/${document.getElementById("wall")?.dataset.document}`) location.reload();
});

async function read(address) {
  const answer = await fetch(address, { headers: { Accept: "text/html" } }).catch(() => null);
  if (!answer?.ok || answer.redirected) return null;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  return fresh.getElementById("wall") ? fresh : null;
}

function pictures(page) {
  return [...page.querySelectorAll("#scroll img.paper")];
}
