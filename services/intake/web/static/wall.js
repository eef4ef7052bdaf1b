// Review wall: a page counts as seen once its lower edge was in view. The server notes
// it, and checks the list again; without script the boxes are ticked by hand.
import { refresh } from "./live.js";
import { startPicking } from "./wall-batch.js";
import { change, loadAhead } from "./wall-next.js";
import { startZoom } from "./zoom.js";

let shown; // ends what listens for the paper that is shown
begin();
document.addEventListener("paper", begin);

function begin() {
  shown?.abort();
  shown = new AbortController();
  const wall = document.getElementById("wall");
  if (wall) start(wall, shown.signal);
}

function start(wall, signal) {
  const words = JSON.parse(wall.dataset.words);
  const scroll = document.getElementById("scroll");
  const form = document.getElementById("approve");
  const boxes = [...(form?.querySelectorAll("input[name=seen]") ?? [])];
  const approve = form?.querySelector("[data-approve]");
  const why = form?.querySelector("[data-why]");
  const there = `/documents/${wall.dataset.document}/seen`;
  const noted = new Set(boxes.filter((box) => box.checked).map((box) => box.value));
  const seen = new Set(boxes.filter((box) => box.checked).map((box) => Number(box.dataset.number)));
  // the queue may change, and the page asks for itself again: it stays this paper's
  history.replaceState(null, "", `/wall/${wall.dataset.document}`);
  showRow();

  form?.querySelector("[data-by-hand]").classList.add("vh");
  for (const box of boxes) box.tabIndex = -1;
  // + and 0 choose the fit first, as ever; at the full width + goes on
  const zoom = startZoom(scroll, here, (event, zoomed) =>
    !zoomed && (event.code === "Digit0" || (event.code === "Equal" && scroll.classList.contains("fit-page"))), signal);

  // of many papers the one that is read, with those before and after it; the box alone
  // is scrolled, and never the page
  function showRow() {
    const box = wall.querySelector(".queue-box");
    const [row, frame] = [box.querySelector(".is-here"), box].map((each) => each?.getBoundingClientRect());
    if (row) box.scrollTop += row.top - frame.top - (frame.height - row.height) / 2;
  }

  // the page in the middle of what is in sight
  function here() {
    const { top, height } = scroll.getBoundingClientRect();
    return [...scroll.querySelectorAll("figure")].findLast((each) => each.getBoundingClientRect().top <= top + height / 2);
  }

  // two thirds of a second in view is a look; a jump past is not
  const LOOK_MS = 650;
  const timers = new Map();
  const watch = new IntersectionObserver((entries) => entries.forEach(edge), { root: scroll });
  signal.addEventListener("abort", () => watch.disconnect() || timers.forEach(clearTimeout));
  for (const mark of scroll.querySelectorAll("[data-edge]")) watch.observe(mark);
  for (const number of seen) mark(number);
  say();

  function edge(entry) {
    const number = Number(entry.target.dataset.edge);
    clearTimeout(timers.get(number));
    if (entry.isIntersecting) wait(entry.target, number);
  }

  function wait(target, number) {
    timers.set(number, setTimeout(() => look(target, number), LOOK_MS));
  }

  async function look(target, number) {
    if (signal.aborted) return;
    // an enlarged page shows a part of itself, whatever lies below it
    if (target.closest(".is-zoomed")) return wait(target, number);
    const picture = target.closest("figure").querySelector("img");
    await picture.decode().catch(() => {}); // a picture that did not come was not seen
    if (!picture.complete || !picture.naturalWidth || seen.has(number)) return;
    seen.add(number);
    mark(number);
    say();
    await note();
  }

  // what could not be noted goes along with the next page
  async function note() {
    if (!form) return;
    const body = new URLSearchParams();
    const fresh = boxes.filter((box) => box.checked && !noted.has(box.value));
    body.set("csrf", form.elements.csrf.value); // no key: each look is a note of its own
    for (const box of fresh) body.append("seen", box.value);
    const answer = await fetch(there, { method: "POST", body, headers: { Accept: "application/json" } }).catch(() => null);
    if (!answer?.ok) return;
    for (const box of fresh) noted.add(box.value);
    await refresh().catch(() => {});
  }

  function mark(number) {
    wall.querySelector(`.strip [data-page="${number}"]`)?.classList.remove("unseen");
    for (const box of boxes) if (Number(box.dataset.number) === number) box.checked = true;
  }

  function unseen() {
    return boxes.filter((box) => !box.checked).map((box) => Number(box.dataset.number));
  }

  function say() {
    if (!approve) return;
    const left = unseen();
    why.hidden = left.length === 0;
    const text = left.length === 1 ? words.unseen : words["unseen-some"];
    why.querySelector("span").textContent = text.replace("{pages}", left.join(", "));
    if (!left.length) {
      approve.removeAttribute("aria-disabled");
      approve.removeAttribute("aria-describedby");
      return;
    }
    approve.setAttribute("aria-disabled", "true");
    approve.setAttribute("aria-describedby", why.id);
  }

  // a refused press goes to the first page not seen
  approve?.addEventListener("click", (event) => {
    const [first] = unseen();
    if (first === undefined) return;
    event.preventDefault();
    document.getElementById(`page-${first}`).scrollIntoView({ block: "end" });
  });

  for (const link of wall.querySelectorAll(".strip [data-page]"))
    link.addEventListener("click", (event) => {
      event.preventDefault();
      document.getElementById(`page-${link.dataset.page}`).scrollIntoView({ block: "start" });
      scroll.focus({ preventScroll: true });
    });

  for (const button of wall.querySelectorAll("[data-fit]")) {
    button.hidden = false;
    button.addEventListener("click", () => fit(button.dataset.fit));
  }
  fit(sessionStorage.getItem("fit") ?? "width"); // chosen once, for the papers that follow
  function fit(how) {
    zoom.fit();
    scroll.classList.toggle("fit-page", how === "page");
    sessionStorage.setItem("fit", how);
    for (const button of wall.querySelectorAll("[data-fit]"))
      button.setAttribute("aria-pressed", String(button.dataset.fit === how));
  }

  const picking = startPicking(wall, signal, () => {
    const [first] = unseen();
    if (first !== undefined) document.getElementById(`page-${first}`).scrollIntoView({ block: "end" });
  });
  document.addEventListener("renewed", moved, { signal });
  const version = wall.querySelector("[data-version]")?.dataset.version;
  function moved() {
    const now = wall.querySelector("[data-version]")?.dataset.version;
    wall.querySelector("[data-changed]").hidden = now === version;
  }

  const acts = {
    KeyJ: () => go(1),
    KeyK: () => go(-1),
    KeyA: () => approve?.click(),
    KeyC: () => picking.pick(),
    Space: () => zoom.takesArrows() || scroll.scrollBy({ top: scroll.clientHeight * 0.85 }),
    Equal: () => fit("width"),
    Digit0: () => fit("page"),
  };
  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.ctrlKey || event.altKey || event.metaKey || event.defaultPrevented) return;
    if (event.target.closest("textarea, select, dialog") || document.querySelector("dialog[open]")) return;
    if (event.shiftKey && event.code === "KeyA") {
      event.preventDefault();
      return picking.ask();
    }
    if (event.code === "Space" && event.target.closest("a, button, input, #scroll")) return;
    const act = acts[event.code];
    if (!act || (event.shiftKey && event.code !== "Equal")) return;
    event.preventDefault();
    act();
  }, { signal });

  wall.querySelector(".queue").addEventListener("click", async (event) => {
    const link = event.target.closest("a");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    if (!(await change(link.href))) location.assign(link.href);
  });
  const pictures = [...scroll.querySelectorAll("img.paper")];
  Promise.allSettled(pictures.map((img) => img.decode())).then(() => signal.aborted || loadAhead(beside(1)?.href));

  function go(step) {
    beside(step)?.click();
  }

  function beside(step) {
    const links = [...wall.querySelectorAll(".queue a")];
    const here = links.findIndex((link) => link.getAttribute("aria-current"));
    return links[here + step];
  }
}
