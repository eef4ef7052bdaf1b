// Scan drop: many files, each with its own progress, speed, cancel and retry. Files of
// one drop go by their names, later drops after earlier ones; the server gives each its
// place before it is sent, so it does not matter which one arrives first.
import { refresh } from "./live.js";

const AT_ONCE = 2;
// "Trang 2" before "Trang 10"; letters in Vietnamese order
const byName = new Intl.Collator("vi", { numeric: true }).compare;
const form = document.getElementById("upload");
if (form) start();

function start() {
  const words = JSON.parse(form.dataset.words);
  const list = document.getElementById("sending-list");
  const say = document.getElementById("sending-say");
  const picker = document.getElementById("files");
  const limit = Number(form.dataset.limit);
  const waiting = [];
  const sent = [];
  let running = 0;

  picker.classList.add("vh");
  form.querySelector("[data-plain]").hidden = true;
  picker.addEventListener("change", () => {
    take([...picker.files]);
    picker.value = "";
  });
  addEventListener("dragover", (event) => {
    event.preventDefault();
    form.classList.add("is-over");
  });
  addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) form.classList.remove("is-over");
  });
  addEventListener("drop", (event) => {
    event.preventDefault();
    form.classList.remove("is-over");
    take([...event.dataTransfer.files]);
  });
  addEventListener("paste", (event) => {
    if (event.clipboardData.files.length) take([...event.clipboardData.files]);
  });
  // leaving would end what is still being sent
  addEventListener("beforeunload", (event) => {
    if (running) event.preventDefault();
  });

  function take(files) {
    document.getElementById("sending").hidden = false;
    for (const file of inOrder(files)) {
      const job = { file, row: row(file), state: "waiting" };
      sent.push(job);
      list.append(job.row.item);
      job.row.cancel.addEventListener("click", () => cancel(job));
      job.row.retry.addEventListener("click", () => queue(job));
      job.row.drop.addEventListener("click", () => drop(job));
      if (file.size > limit) show(job, "bad", tooLarge(file));
      else queue(job);
    }
    summarise();
  }

  function tooLarge(file) {
    return fill(words["too-large"], { size: megabytes(file.size), limit: form.dataset.limitWords });
  }

  // what waits is sent in the order of the list
  function queue(job) {
    waiting.push(job);
    waiting.sort((one, other) => sent.indexOf(one) - sent.indexOf(other));
    show(job, "waiting", words.waiting);
    next();
  }

  function next() {
    while (running < AT_ONCE && waiting.length) send(waiting.shift());
  }

  // One question at a time; it asks for every file of the list that has no place yet, so
  // that a file whose question failed still comes before those that were dropped later.
  let asking = Promise.resolve();
  function place(job) {
    asking = asking.catch(() => {}).then(() => job.place ?? askPlaces());
    return asking;
  }

  async function askPlaces() {
    const without = sent.filter((job) => !job.place && job.file.size <= limit);
    const answer = await fetch(form.dataset.places, {
      method: "POST",
      headers: { Accept: "application/json", "X-CSRF-Token": form.elements.csrf.value },
      body: new URLSearchParams({ count: without.length }),
    });
    if (!answer.ok) throw answer;
    const { first } = await answer.json();
    without.forEach((job, index) => { job.place = first + index; });
  }

  async function send(job) {
    running += 1;
    job.request = null; // of an earlier try
    show(job, "busy", fill(words.sending, { percent: 0 }));
    try {
      await place(job);
    } catch (answer) {
      const responseText = (await answer.text?.().catch(() => "")) ?? "";
      answered(job, { status: answer.status ?? 0, responseURL: "", responseText });
      return ended(job);
    }
    if (job.state === "held") return ended(job); // cancelled meanwhile
    transfer(job);
  }

  function transfer(job) {
    const body = new FormData();
    body.append("csrf", form.elements.csrf.value);
    body.append("place", job.place);
    body.append("files", job.file);
    const request = new XMLHttpRequest();
    job.request = request;
    const began = performance.now();
    request.upload.addEventListener("progress", (event) => progress(job, event, began));
    request.upload.addEventListener("load", () => arrived(job));
    request.addEventListener("load", () => answered(job, request));
    request.addEventListener("error", () => show(job, "bad", words.failed));
    request.addEventListener("abort", () => show(job, "held", words.cancelled));
    request.addEventListener("loadend", () => ended(job));
    request.open("POST", form.action);
    request.setRequestHeader("Accept", "application/json");
    request.setRequestHeader("X-CSRF-Token", form.elements.csrf.value);
    request.send(body);
  }

  // whole at the server: it may be kept already, so that there is nothing to cancel
  function arrived(job) {
    show(job, "busy", words.checking);
    job.row.cancel.hidden = true;
  }

  function progress(job, event, began) {
    if (!event.lengthComputable || event.loaded === event.total) return;
    const seconds = (performance.now() - began) / 1000;
    const speed = event.loaded / Math.max(seconds, 0.1);
    const left = Math.ceil((event.total - event.loaded) / speed);
    const percent = Math.floor((100 * event.loaded) / event.total);
    show(job, "busy", fill(words.sending, { percent }), [
      fill(words.of, { sent: megabytes(event.loaded), all: megabytes(event.total) }),
      fill(words.speed, { speed: megabytes(speed) }),
      fill(words.left, { n: left }),
    ]);
    job.row.bar.value = percent;
  }

  function answered(job, request) {
    if (request.status === 401 || request.status === 403 || request.responseURL.includes("/sign-in"))
      return show(job, "bad", words.session);
    if (request.status === 413) return show(job, "bad", tooLarge(job.file));
    if (request.status === 503 && request.getResponseHeader) return sendAgain(job, request);
    const answer = parsed(request.responseText);
    if (request.status !== 200 || !answer?.files) return show(job, "bad", answer?.detail || words.failed);
    show(job, "done", words.sent);
  }

  // the server takes no more just now: nothing of this file was kept
  function sendAgain(job, request) {
    const seconds = Number(request.getResponseHeader("Retry-After")) || 60;
    job.request = null;
    job.again = setTimeout(() => queue(job), 1000 * seconds);
    show(job, "waiting", fill(words.full, { n: seconds }));
  }

  // what became of it stands in the list at the right, in the server's words
  async function ended(job) {
    running -= 1;
    summarise();
    next();
    await refresh().catch(() => {});
    if (job.state === "done") drop(job);
  }

  function cancel(job) {
    const at = waiting.indexOf(job);
    clearTimeout(job.again);
    if (at < 0 && job.request) return job.request.abort();
    if (at >= 0) waiting.splice(at, 1);
    show(job, "held", words.cancelled);
  }

  function drop(job) {
    sent.splice(sent.indexOf(job), 1);
    job.row.item.remove();
    if (!sent.length) document.getElementById("sending").hidden = true;
  }

  function summarise() {
    const count = (...states) => sent.filter((job) => states.includes(job.state)).length;
    say.textContent = fill(words.summary, { n: sent.length, done: count("done"), busy: count("busy", "waiting"), bad: count("bad", "held") });
  }

  function row(file) {
    const item = document.getElementById("file-row").content.firstElementChild.cloneNode(true);
    const part = (name) => item.querySelector(`[data-${name}]`);
    item.querySelector(".name").textContent = file.name;
    part("bar").setAttribute("aria-label", file.name);
    for (const button of item.querySelectorAll("button")) button.querySelector(".vh").textContent = ` ${file.name}`;
    return { item, what: part("what"), more: part("more"), bar: part("bar"), cancel: part("cancel"), retry: part("retry"), drop: part("drop") };
  }

  function show(job, state, text, more = []) {
    job.state = state;
    const { item, what, bar, cancel, retry, drop } = job.row;
    item.className = `is-${state}`;
    what.textContent = text;
    what.className = state === "bad" || state === "held" ? "why" : "";
    job.row.more.replaceChildren(...more.map((line) => Object.assign(document.createElement("span"), { textContent: line })));
    bar.hidden = state !== "busy";
    cancel.hidden = state !== "busy" && state !== "waiting";
    retry.hidden = state !== "held" && state !== "bad";
    drop.hidden = retry.hidden;
  }
}

// names may come decomposed (macOS): the same letters are the same name
function inOrder(files) {
  const name = (file) => file.name.normalize("NFC");
  return [...files].sort((one, other) => byName(name(one), name(other)));
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

function megabytes(bytes) {
  return (bytes / 1e6).toLocaleString(document.documentElement.lang, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
}
