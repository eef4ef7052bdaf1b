// New case: more papers, and fee and due hour while typing.
import { attended } from "./activity.js";
import { hints } from "./on-vneid.js";

const form = document.getElementById("case-new");
const papers = document.getElementById("papers");
const add = form.querySelector("[data-add]");
const drop = form.querySelector("[data-drop]");
const due = form.querySelector("[data-due]");
const total = form.querySelector("[data-total]");
const channel = form.querySelector("[name=channel]");
const QUIET_MS = 250;
let timer;

form.querySelector("[data-more]").hidden = false;
add.addEventListener("click", () => {
  const fresh = papers.lastElementChild.cloneNode(true);
  papers.append(fresh);
  renumber();
  for (const field of fresh.querySelectorAll("input")) field.value = field.name === "copies" ? "1" : "";
  for (const field of fresh.querySelectorAll("select")) field.selectedIndex = 0; // no kind until one is chosen
  for (const error of fresh.querySelectorAll(".error")) error.remove();
  for (const bad of fresh.querySelectorAll(".bad")) bad.classList.remove("bad");
  fresh.querySelector("[data-fee]").textContent = "";
  hints(fresh);
  fresh.querySelector("input").focus();
  quote();
});
drop.addEventListener("click", () => {
  papers.lastElementChild.remove();
  renumber();
  papers.lastElementChild.querySelector("input").focus();
  quote();
});
papers.addEventListener("input", (event) => {
  if (!["pages", "copies"].includes(event.target.name)) return;
  clearTimeout(timer);
  timer = setTimeout(quote, QUIET_MS);
});
channel.addEventListener("change", quote);
renumber();
for (const paper of papers.children) hints(paper);
quote();
setInterval(() => attended() && quote(), 60_000); // the due hour moves at 15:00

function renumber() {
  [...papers.children].forEach((paper, index) => {
    paper.querySelector("[data-ordinal]").textContent = index + 1;
    for (const field of paper.querySelectorAll("input, select")) {
      const label = paper.querySelector(`label[for="${field.id}"]`);
      field.id = `${field.name}-${index}`;
      if (label) label.htmlFor = field.id;
    }
  });
  drop.hidden = papers.children.length === 1;
}

async function quote() {
  const counts = [...papers.querySelectorAll("[name=pages]")].map((field) => field.value.trim());
  const whole = counts.every((count) => /^[1-9]\d{0,3}$/.test(count));
  if (!counts.some((count) => /^[1-9]\d{0,3}$/.test(count))) {
    total.textContent = "–"; // nothing to ask the server yet
    return;
  }
  const query = new URLSearchParams(counts.filter(Boolean).map((count) => ["pages", count]));
  query.set("channel", channel.value); // a budget may bear part of the fee on one of them
  const answer = await fetch(`/v1/quote?${query}`, { headers: { Accept: "application/json" } }).catch(() => null);
  if (!answer?.ok) {
    total.textContent = "–";
    return;
  }
  show(await answer.json(), whole);
}

function show(answer, whole) {
  const fees = [...papers.querySelectorAll("[data-fee]")];
  fees.forEach((place, index) => {
    place.textContent = whole ? money(answer.fees[index] * copies(index)) : "";
  });
  const sum = answer.fees.reduce((all, fee, index) => all + fee * copies(index), 0);
  total.textContent = whole ? money(sum) : total.dataset.none;
  if (answer.due_at) due.textContent = dueWords(new Date(answer.due_at));
}

// the fee is for each copy; what is no number is said when the form is sent
function copies(index) {
  const typed = papers.querySelectorAll("[name=copies]")[index].value.trim();
  return /^[1-9]\d{0,2}$/.test(typed) ? Number(typed) : 1;
}

function money(amount) {
  return total.dataset.money.replace("{amount}", amount.toLocaleString(document.documentElement.lang));
}

function dueWords(at) {
  const zone = { timeZone: "Asia/Ho_Chi_Minh" };
  const day = (moment) => moment.toLocaleDateString("en-GB", zone);
  const hour = at.toLocaleTimeString("en-GB", { ...zone, hour: "2-digit", minute: "2-digit" });
  const words = day(at) === day(new Date()) ? due.dataset.today : due.dataset.day;
  return words.replace("{hour}", hour).replace("{day}", day(at));
}
