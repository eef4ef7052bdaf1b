// The inbox of scans: a current file with its picture, and files dropped on papers. The
// forms do all of it without this script.
const list = document.getElementById("live-arrivals");
const form = document.getElementById("assign");
const peek = document.getElementById("peek");
const say = document.getElementById("inbox-say");
let current = null; // id, because the list is renewed
let page = 1;

function rows() {
  return [...list.querySelectorAll("li[data-arrival]")];
}

function row() {
  return rows().find((each) => each.dataset.arrival === current) ?? null;
}

function choose(next, { focus = false } = {}) {
  if (!next) return;
  if (next.dataset.arrival !== current) page = 1;
  current = next.dataset.arrival;
  show();
  if (focus) (next.querySelector("[data-look]") ?? next.querySelector("summary"))?.focus();
  next.scrollIntoView({ block: "nearest" });
}

// again after each renewal of the list
function show() {
  for (const each of rows()) {
    each.classList.toggle("is-here", each.dataset.arrival === current);
    each.draggable = box(each) !== null;
  }
  const here = row();
  const pages = Number(here?.dataset.pages ?? 0);
  peek.hidden = !pages;
  if (!pages) return;
  const words = { name: here.dataset.name, n: page, of: pages };
  const title = peek.dataset.words.replace(/\{(name|n|of)\}/g, (_, key) => words[key]);
  const image = peek.querySelector("img");
  const src = `/inbox/${current}/pages/${page}/large`;
  if (image.getAttribute("src") !== src) image.src = src;
  image.alt = title;
  peek.querySelector("h2").textContent = title;
  peek.querySelector("[data-before]").disabled = page <= 1;
  peek.querySelector("[data-after]").disabled = page >= pages;
}

function box(of) {
  return of?.querySelector("input[name=arrival]") ?? null;
}

function picked() {
  return [...list.querySelectorAll("input[name=arrival]:checked")];
}

function step(by) {
  const all = rows();
  const at = all.indexOf(row());
  choose(all[Math.min(all.length - 1, Math.max(0, at + by))], { focus: true });
}

// without a tick, the current file is meant
form.addEventListener("submit", (event) => {
  if (!picked().length && box(row())) box(row()).checked = true;
  if (picked().length) return;
  event.preventDefault();
  event.stopPropagation();
  say.textContent = "";
  say.textContent = say.dataset.words;
  say.className = "note note-warn";
});

list.addEventListener("click", (event) => {
  const next = event.target.closest("li[data-arrival]");
  if (!next) return;
  if (event.target.closest("a") && !event.ctrlKey && !event.metaKey && !event.shiftKey) event.preventDefault();
  choose(next);
});
list.addEventListener("focusin", (event) => choose(event.target.closest("li[data-arrival]")));
list.addEventListener("renewed", () => {
  if (!row()) current = null;
  if (current === null) choose(rows().find((each) => box(each)));
  show();
});
for (const [name, by] of [["before", -1], ["after", 1]])
  peek.querySelector(`[data-${name}]`).addEventListener("click", () => {
    page += by;
    show();
  });

list.addEventListener("dragstart", (event) => {
  const dragged = event.target.closest?.("li[data-arrival]");
  if (!box(dragged)) return;
  choose(dragged);
  // one that is not ticked goes alone; a ticked one takes the others along
  if (!box(dragged).checked) for (const each of picked()) each.checked = false;
  box(dragged).checked = true;
  event.dataTransfer.setData("text/x-arrival", dragged.dataset.arrival);
  event.dataTransfer.effectAllowed = "move";
});
for (const name of ["dragover", "dragleave", "drop"]) form.addEventListener(name, over);

function over(event) {
  const paper = event.target.closest(".paper-into");
  if (!paper || !event.dataTransfer.types.includes("text/x-arrival")) return;
  event.preventDefault();
  paper.classList.toggle("is-over", event.type === "dragover");
  if (event.type === "drop") paper.click();
}

// event.code, because Vietnamese input methods turn letters into tones
document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input:not([type=checkbox]), textarea, select");
  if (event.isComposing || event.ctrlKey || event.altKey || event.metaKey || typing) return;
  const act = ACTS[event.code];
  if (!act) return;
  event.preventDefault();
  act();
});
const ACTS = {
  KeyJ: () => step(1),
  KeyK: () => step(-1),
  KeyX: () => box(row())?.click(),
  KeyP: () => (form.querySelector("[data-first]") ?? form.querySelector(".paper-into"))?.focus(),
  Delete: () => {
    const fold = row()?.querySelector(".aside");
    if (!fold) return;
    fold.open = true;
    fold.querySelector("input[name=reason]").focus();
  },
};
choose(rows().find((each) => box(each)) ?? rows()[0]);
