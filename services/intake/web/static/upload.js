// Scan drop: many files, each with its own progress, speed, pause, cancel and retry. The
// server gives each its place in the clerk's order before it is sent, so it does not
// matter which one arrives first. How a file is sent is in tus.js.
import { hurry, refresh } from "./live.js";
import { listen } from "./picking.js";
import { signedInAgain } from "./sign-in-again.js";
import { Refused, Stopped, Transfer } from "./tus.js";

const AT_ONCE = 2;
const LATER_SECONDS = 5;
const LOOK_SECONDS = 0.5; // pages of a file that the server has are seen one by one
const LONG_SECONDS = 90; // from here on minutes
const form = document.getElementById("upload");
if (form) start();

function start() {
  const words = JSON.parse(form.dataset.words);
  const list = document.getElementById("sending-list");
  const box = document.getElementById("sending");
  const say = document.getElementById("sending-say");
  const limit = Number(form.dataset.limit);
  const jobs = [];
  const waiting = [];
  let running = 0;

  for (const part of form.querySelectorAll("[data-scripted]")) part.hidden = false;
  listen(form, (files) => (document.getElementById("replace")?.open ? takeAgain(files) : take(files)));
  document.addEventListener("change", ({ target }) => {
    if (target.id === "replace-file") takeAgain([...target.files]);
  });
  document.addEventListener("renewed", hidePlain);
  hidePlain();
  // leaving ends what is being sent: the file has to be chosen again to go on
  addEventListener("beforeunload", (event) => {
    if (running) event.preventDefault();
  });
  for (const item of document.querySelectorAll("#unfinished > li"))
    item.querySelector("[data-end]").addEventListener("click", () => forget(item));
  document.getElementById("unfinished").addEventListener("click", ({ target }) => {
    if (target.closest("[data-again]")) document.getElementById("files").click();
  });
  listUnfinished();

  function listUnfinished() {
    document.getElementById("unfinished-box").hidden = !document.querySelector("#unfinished > li");
  }

  // what sends a file without script
  function hidePlain() {
    for (const button of document.querySelectorAll("[data-plain]")) button.hidden = true;
  }

  // one new scan, in the place of the page that the dialog names
  function takeAgain(files) {
    const dialog = document.getElementById("replace");
    document.getElementById("replace-one").hidden = files.length === 1;
    if (files.length !== 1) return;
    const { value } = document.getElementById("replace-old");
    dialog.close();
    take(files, { replaces: value });
  }

  function take(files, more = {}) {
    for (const file of files) {
      const before = unfinished(file);
      const job = { file, row: row(file), state: "waiting", ...more, ...before?.job };
      before?.item.remove();
      jobs.push(job);
      list.append(job.row.item);
      for (const [name, act] of Object.entries({ pause, go: queue, cancel, retry: queue, drop }))
        job.row[name].addEventListener("click", () => act(job));
      if (file.size > limit) show(job, "bad", tooLarge(file));
      else queue(job);
    }
    listUnfinished();
    summarise();
  }

  // what the server has of this very file: the same name, size and time of change
  function unfinished(file) {
    const mine = { name: file.name.normalize("NFC"), size: `${file.size}`, modified: `${file.lastModified}` };
    const item = [...document.querySelectorAll("#unfinished > li")].find(({ dataset }) =>
      Object.entries(mine).every(([key, value]) => dataset[key] === value));
    return item && { item, job: { url: item.dataset.url, place: Number(item.dataset.place) || undefined } };
  }

  async function forget(item) {
    await new Transfer(null, { url: item.dataset.url, headers: token }).end();
    item.remove();
    listUnfinished();
  }

  // what waits is sent in the order of the list
  function queue(job) {
    waiting.push(job);
    waiting.sort((one, other) => jobs.indexOf(one) - jobs.indexOf(other));
    show(job, "waiting", words.waiting);
    next();
  }

  function next() {
    while (running < AT_ONCE && waiting.length) send(waiting.shift());
    summarise();
  }

  // One question at a time; it asks for every file of the list that has no place yet, so
  // that a file whose question failed still comes before those that were dropped later.
  let asking = Promise.resolve();
  function place(job) {
    asking = asking.catch(() => {}).then(() => job.place ?? askPlaces());
    return asking;
  }

  async function askPlaces() {
    const without = jobs.filter((job) => !job.place && job.file.size <= limit);
    const body = new URLSearchParams({ count: without.length });
    const headers = { Accept: "application/json", ...token() };
    const answer = await fetch(form.dataset.places, { method: "POST", headers, body }).catch(() => null);
    if (!answer?.ok) throw new Refused({ status: answer?.status ?? 0, text: await answer?.text() });
    const { first } = await answer.json();
    without.forEach((job, index) => { job.place = first + index; });
  }

  function token() {
    return { "X-CSRF-Token": form.elements.csrf.value };
  }

  async function send(job) {
    running += 1;
    show(job, "busy", fill(words.sending, { percent: 0 }));
    try {
      await place(job);
      if (job.state !== "busy") throw new Stopped(); // paused or cancelled meanwhile
      job.transfer ??= transfer(job);
      job.since = null;
      await job.transfer.run();
      show(job, "done", words.sent);
    } catch (error) {
      if (!(error instanceof Stopped)) failed(job, error);
    }
    running -= 1;
    if (!jobs.some((other) => other.state === "busy")) delete box.dataset.moving;
    next();
    await refresh().catch(() => {});
    if (job.state === "done") drop(job);
  }

  function transfer(job) {
    const { name, lastModified } = job.file;
    return new Transfer(job.file, {
      endpoint: form.dataset.uploads,
      url: job.url,
      metadata: { filename: name, place: job.place, modified: lastModified, replaces: job.replaces ?? "" },
      headers: token,
      progress: (bytes) => progress(job, bytes),
      resting: (seconds, refused) => resting(job, seconds, refused),
    });
  }

  function progress(job, bytes) {
    const { size } = job.file;
    if (bytes >= size) return arrived(job);
    job.since ??= { at: performance.now(), bytes };
    const seconds = (performance.now() - job.since.at) / 1000;
    const speed = (bytes - job.since.bytes) / Math.max(seconds, 0.1);
    const more = [fill(words.of, { sent: megabytes(bytes), all: megabytes(size) })];
    if (speed > 0) more.push(fill(words.speed, { speed: megabytes(speed) }), left((size - bytes) / speed));
    const percent = Math.floor((100 * bytes) / size);
    show(job, "busy", fill(words.sending, { percent }), more);
    job.row.bar.value = percent;
  }

  function left(seconds) {
    const long = seconds > LONG_SECONDS;
    return fill(long ? words["left-minutes"] : words.left, { n: Math.ceil(long ? seconds / 60 : seconds) });
  }

  // whole at the server, which rebuilds its pages before it answers
  function arrived(job) {
    show(job, "busy", words.checking);
    job.row.pause.hidden = job.row.cancel.hidden = true;
    if (box.dataset.moving) return;
    box.dataset.moving = LOOK_SECONDS;
    hurry();
  }

  function resting(job, seconds, refused) {
    job.since = null;
    const why = refused.status === 503 ? words.full : words.cut;
    show(job, "busy", fill(why, { n: Math.ceil(seconds) }));
  }

  function failed(job, error) {
    if (!(error instanceof Refused)) return show(job, "bad", words.unread);
    if (error.status === 413) return show(job, "bad", tooLarge(job.file));
    if (error.passes) return later(job);
    if (![401, 403].includes(error.status)) return show(job, "bad", error.detail || words.failed);
    const before = form.elements.csrf.value;
    show(job, "held", words.session);
    signedInAgain().then(() => {
      if (job.state !== "held") return; // cancelled meanwhile
      if (error.status === 403 && form.elements.csrf.value === before) show(job, "bad", error.detail || words.failed);
      else queue(job);
    });
  }

  // before the first byte: the places could not be asked for
  function later(job) {
    show(job, "waiting", fill(words.cut, { n: LATER_SECONDS }));
    const again = () => {
      clearTimeout(timer);
      removeEventListener("online", again);
      if (job.state === "waiting" && !waiting.includes(job)) queue(job);
    };
    const timer = setTimeout(again, 1000 * LATER_SECONDS);
    addEventListener("online", again);
  }

  function tooLarge(file) {
    return fill(words["too-large"], { size: megabytes(file.size), limit: form.dataset.limitWords });
  }

  function unqueue(job) {
    const at = waiting.indexOf(job);
    if (at >= 0) waiting.splice(at, 1);
  }

  function pause(job) {
    unqueue(job);
    show(job, "held", words.paused);
    job.transfer?.stop();
    job.row.go.focus();
    summarise();
  }

  async function cancel(job) {
    unqueue(job);
    show(job, "held", words.cancelled);
    job.row.go.hidden = true;
    job.row.cancel.hidden = true;
    job.row.retry.hidden = job.row.drop.hidden = false;
    job.row.retry.focus();
    summarise();
    await job.transfer?.end();
    job.transfer = job.url = null;
  }

  function drop(job) {
    jobs.splice(jobs.indexOf(job), 1);
    job.row.item.remove();
    if (job.state !== "done") job.transfer?.end();
    summarise();
  }

  function summarise() {
    const count = (...states) => jobs.filter((job) => states.includes(job.state)).length;
    box.hidden = !jobs.length;
    const told = { n: jobs.length, done: count("done"), busy: count("busy", "waiting"), bad: count("bad", "held") };
    const text = fill(words.summary, told);
    if (say.textContent !== text) say.textContent = text; // a reader of screens hears each change
  }

  function row(file) {
    const item = document.getElementById("file-row").content.firstElementChild.cloneNode(true);
    const names = ["what", "more", "bar", "pause", "go", "cancel", "retry", "drop"];
    const parts = Object.fromEntries(names.map((name) => [name, item.querySelector(`[data-${name}]`)]));
    item.querySelector(".name").textContent = file.name;
    parts.bar.setAttribute("aria-label", file.name);
    for (const button of item.querySelectorAll("button")) button.querySelector(".vh").textContent = ` ${file.name}`;
    return { item, ...parts };
  }

  function show(job, state, text, more = []) {
    job.state = state;
    const { item, what, bar } = job.row;
    item.className = `is-${state}`;
    what.textContent = text;
    what.className = state === "bad" || state === "held" ? "why" : "";
    job.row.more.replaceChildren(...more.map((line) => Object.assign(document.createElement("span"), { textContent: line })));
    bar.hidden = state !== "busy" && state !== "held";
    const shown = { pause: ["busy"], go: ["held"], cancel: ["busy", "waiting", "held"], retry: ["bad"], drop: ["bad"] };
    for (const [name, states] of Object.entries(shown)) job.row[name].hidden = !states.includes(state);
  }
}

function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

function megabytes(bytes) {
  return (bytes / 1e6).toLocaleString(document.documentElement.lang, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
}
