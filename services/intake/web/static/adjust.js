// Straighten and trim: the page as scanned with a frame over it, and what it will be. Edges by
// fields, their arrow keys, or by pulling the frame; the form alone does without any of it.

const MOST = 80;
const EDGES = ["left", "top", "right", "low"];
const dialog = () => document.getElementById("adjust");
const field = (name) => document.getElementById(`adjust-${name}`);
let held = null;

export function startAdjusting() {
  document.addEventListener("change", (event) => {
    if (event.target.id === "adjust-page") fill();
  });
  document.addEventListener("focusin", (event) => {
    const page = event.target.closest?.("#adjust") && field("page");
    if (page && dialog().dataset.page !== page.value) fill();
  });
  document.addEventListener("input", (event) => {
    if (event.target.closest?.("#adjust")) draw();
  });
  document.addEventListener("click", (event) => {
    if (!event.target.closest?.("[data-as-scanned]")) return;
    event.preventDefault();
    for (const name of ["degrees", ...EDGES]) field(name).value = 0;
    draw();
  });
  document.addEventListener("close", (event) => {
    if (event.target.id !== "adjust") return;
    delete event.target.dataset.page;
    event.target.removeAttribute("data-reopen");
  }, { capture: true });
  document.addEventListener("pointerdown", hold);
  document.addEventListener("pointermove", pull);
  document.addEventListener("pointerup", () => { held = null; });
}

// what the page has now, or what was measured of it
function fill() {
  const page = field("page");
  const option = page.selectedOptions[0];
  dialog().dataset.page = page.value;
  // what was typed before a session ended or somebody else was first stays
  if (!dialog().hasAttribute("data-reopen")) {
    field("degrees").value = option.dataset.degrees;
    option.dataset.trim.split(" ").forEach((share, n) => { field(EDGES[n]).value = share; });
  }
  for (const picture of dialog().querySelectorAll(".adjust-pic img")) picture.src = option.dataset.src;
  dialog().querySelector(".adjust-pics").hidden = false;
  draw();
}

function value(name) {
  const typed = field(name).valueAsNumber;
  return Number.isFinite(typed) ? typed : 0;
}

function draw() {
  const [left, top, right, low] = EDGES.map(value);
  const frame = dialog().querySelector(".adjust-frame");
  Object.assign(frame.style, { left: `${left}%`, top: `${top}%`, right: `${right}%`, bottom: `${low}%` });
  const result = dialog().querySelector(".adjust-result img");
  result.style.clipPath = `inset(${top}% ${right}% ${low}% ${left}%)`;
  result.style.transform = `rotate(${value("degrees")}deg)`;
}

function hold(event) {
  const edge = event.target.closest?.("[data-edge]");
  if (!edge || !edge.closest("#adjust")) return;
  event.preventDefault();
  held = { edge: edge.dataset.edge, box: edge.closest(".adjust-pic").querySelector("img").getBoundingClientRect() };
}

function pull(event) {
  if (!held) return;
  const { edge, box } = held;
  const [across, down] = [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
  const share = 100 * { left: across, top: down, right: 1 - across, low: 1 - down }[edge];
  const other = value({ left: "right", right: "left", top: "low", low: "top" }[edge]);
  field(edge).value = Math.min(Math.max(share, 0), MOST - other).toFixed(1);
  draw();
}
