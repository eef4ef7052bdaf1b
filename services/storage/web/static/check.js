// Checking a file, with script: it is hashed here first, and its bytes are sent only
// if no copy has that hash. Without script the plain form does all of it.
//
// A verdict is an entry of this tab's history, so Back leads to the form and a reload
// shows the verdict again. The address stays as it is: no link and no log of anybody
// names a file, and nobody can send a GENUINE around.

const PLACES = ["/kiem-tra", "/verify"];
const HASH_AT_MOST = 256 * 1024 * 1024; // the hash needs the whole file in memory

const form = document.getElementById("file-form");
if (form) enhance(new Checking(form));

function Checking(form) {
  this.form = form;
  this.body = document.body;
  this.title = document.title;
  this.lang = document.documentElement.lang;
  this.home = location.pathname;
  this.others = form.querySelector("#others");
  this.waiting = []; // files that were dropped together with the one in hand
}

function enhance(checking) {
  const { form } = checking;
  const input = form.querySelector("#file");
  const drop = form.querySelector(".drop-public");
  for (const part of document.querySelectorAll("[data-plain]")) part.hidden = true;
  for (const part of document.querySelectorAll("[data-enhanced]")) part.hidden = false;
  drop.querySelector("label").classList.add("btn", "btn-main");
  input.classList.add("vh");
  input.addEventListener("change", () => input.files[0] && take(checking, [input.files[0]]));
  accept(drop, (files) => {
    form.reset();
    take(checking, files);
  });
  document.addEventListener("click", (event) => follow(checking, event));
  addEventListener("popstate", (event) => remember(checking, event.state));
  if (history.state?.verdict) remember(checking, history.state);
}

function accept(drop, use) {
  const over = (on) => drop.classList.toggle("is-over", on);
  drop.addEventListener("dragover", (event) => {
    event.preventDefault();
    over(true);
  });
  drop.addEventListener("dragleave", () => over(false));
  drop.addEventListener("drop", (event) => {
    event.preventDefault();
    over(false);
    const files = [...event.dataTransfer.files];
    if (files.length) use(files);
  });
  // A file dropped beside the field must not replace the page.
  for (const name of ["dragover", "drop"])
    document.addEventListener(name, (event) => event.preventDefault());
}

// One verdict answers for one file: the others wait, and are offered.
function take(checking, files) {
  const [first, ...rest] = files;
  const said = checking.form.querySelector("#one-file");
  said.hidden = !rest.length;
  said.textContent = said.dataset.words
    .replace("{n}", files.length)
    .replace("{name}", () => first.name);
  checking.waiting = rest;
  offer(checking);
  check(checking, first);
}

function offer(checking) {
  const { others, waiting } = checking;
  others.hidden = !waiting.length;
  others.querySelector("ul").replaceChildren(
    ...waiting.map((file) => {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "btn";
      button.textContent = file.name;
      button.onclick = () => next(checking, file);
      const item = document.createElement("li");
      item.append(button);
      return item;
    }),
  );
}

function next(checking, file) {
  checking.waiting = checking.waiting.filter((other) => other !== file);
  showForm(checking);
  checking.form.querySelector("#one-file").hidden = true;
  offer(checking);
  check(checking, file);
}

async function check(checking, file) {
  const { form } = checking;
  if (file.size > Number(form.dataset.most)) return show(form, "toobig", file);
  if (!globalThis.crypto?.subtle || file.size > HASH_AT_MOST) return ask(checking, "unhashed", file);
  show(form, "hashing", file);
  let digest;
  try {
    digest = hex(await crypto.subtle.digest("SHA-256", await file.arrayBuffer()));
  } catch (error) {
    if (["NotFoundError", "NotReadableError"].includes(error.name)) return show(form, "unread", file);
    return ask(checking, "unhashed", file);
  }
  try {
    const answer = await fetch(`/v1/digests/${digest}`);
    if (answer.status === 404) return ask(checking, "asking", file);
    sendDigest(checking, file.name, digest); // also if it is "not now": the page says why
  } catch {
    show(form, "offline", file);
  }
}

function hex(buffer) {
  return Array.from(new Uint8Array(buffer), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function ask(checking, state, file) {
  const button = show(checking.form, state, file).querySelector("[data-send]");
  button.onclick = () => sendFile(checking, file);
  button.focus();
}

function sendDigest(checking, name, digest) {
  const keep = (html) => present(checking, html, { digest, name });
  send(checking, { name }, digestFields(name, digest), keep);
}

function digestFields(name, digest) {
  const fields = new FormData();
  fields.append("sha256", digest);
  fields.append("name", name);
  return fields;
}

function sendFile(checking, file) {
  checking.sent = file; // for the same verdict in the other language
  send(checking, file, fileFields(file), (html) => present(checking, html, { html }));
}

function fileFields(file) {
  const fields = new FormData();
  fields.append("file", file, file.name);
  return fields;
}

function send(checking, file, fields, done) {
  const bar = show(checking.form, "sending", file).querySelector("progress");
  const request = post(here(checking), fields, done, () => show(checking.form, "offline", file));
  request.upload.onprogress = (event) => {
    bar.value = event.total ? (100 * event.loaded) / event.total : 0;
  };
}

function post(address, fields, done, failed) {
  const request = new XMLHttpRequest();
  request.open("POST", address);
  request.setRequestHeader("Accept", "text/html");
  request.onload = () => done(request.responseText);
  request.onerror = failed;
  request.send(fields);
  return request;
}

// A verdict that was turned into the other language has that language's address.
function here(checking) {
  return PLACES.includes(location.pathname) ? location.pathname + location.search : checking.form.action;
}

// A link to the address that a verdict stands at would be a reload, which shows it again;
// a link to the other language would be an empty form.
function follow(checking, event) {
  const link = event.target.closest("a[href]");
  if (!link || !history.state?.verdict || event.ctrlKey || event.metaKey || event.shiftKey) return;
  if (link.hreflang) return translate(checking, link, event);
  if (link.pathname !== location.pathname || link.hash) return;
  event.preventDefault();
  history.pushState(null, "", link.pathname);
  if (location.pathname === checking.home) showForm(checking);
  else location.reload();
}

// After a reload a file that was sent is no longer at hand: then the link is a link.
function translate(checking, link, event) {
  const { verdict } = history.state;
  if (!verdict.digest && !checking.sent) return;
  event.preventDefault();
  const fields = verdict.digest ? digestFields(verdict.name, verdict.digest) : fileFields(checking.sent);
  const shown = (html) => {
    history.replaceState({ verdict: verdict.digest ? verdict : { html } }, "", link.pathname);
    replace(checking, html);
  };
  link.setAttribute("aria-busy", "true");
  post(link.pathname, fields, shown, () => location.assign(link.href));
}

function present(checking, html, verdict) {
  history.pushState({ verdict }, "");
  replace(checking, html);
}

// Back, Forward and reload. A hash is asked for again: a copy may be withdrawn by now.
function remember(checking, state) {
  const verdict = state?.verdict;
  if (!verdict) return showForm(checking);
  if (verdict.html) return replace(checking, verdict.html);
  showForm(checking);
  const fields = digestFields(verdict.name, verdict.digest);
  send(checking, verdict, fields, (html) => replace(checking, html));
}

// The answer is a whole page: show it as one, with its title and its focus.
function replace(checking, html) {
  const page = new DOMParser().parseFromString(html, "text/html");
  const first = page.querySelector("[autofocus]") ?? page.querySelector("h1");
  if (!first) return unanswered(checking); // a proxy's words, or none: no page of ours
  first.removeAttribute("autofocus");
  first.tabIndex = -1;
  document.title = page.title;
  document.documentElement.lang = page.documentElement.lang;
  const body = document.adoptNode(page.body);
  document.body.replaceWith(body);
  if (checking.waiting.length) body.querySelector("[data-again]")?.before(checking.others);
  scrollTo(0, 0);
  first.focus();
}

function unanswered(checking) {
  showForm(checking);
  show(checking.form, "offline", { name: checking.sent?.name ?? "" });
}

function showForm(checking) {
  const { form, others } = checking;
  form.append(others);
  for (const part of form.querySelectorAll("[data-state]")) part.hidden = true;
  form.reset();
  document.title = checking.title;
  document.documentElement.lang = checking.lang;
  if (document.body !== checking.body) document.body.replaceWith(checking.body);
}

function show(form, state, file) {
  let shown;
  for (const part of form.querySelectorAll("[data-state]")) {
    part.hidden = part.dataset.state !== state;
    if (!part.hidden) shown = part;
  }
  shown.querySelector("[data-name]").textContent = file.name;
  return shown;
}
