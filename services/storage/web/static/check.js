// Checking a file, with script: it is hashed here first, and its bytes are sent only
// if no copy has that hash. Without script the plain form does all of it.

const HASH_AT_MOST = 256 * 1024 * 1024; // the hash needs the whole file in memory

const form = document.getElementById("file-form");
if (form) enhance(form);

function enhance(form) {
  const input = form.querySelector("#file");
  const drop = form.querySelector(".drop-public");
  for (const part of document.querySelectorAll("[data-plain]")) part.hidden = true;
  for (const part of document.querySelectorAll("[data-enhanced]")) part.hidden = false;
  drop.querySelector("label").classList.add("btn", "btn-main");
  input.classList.add("vh");
  input.addEventListener("change", () => input.files[0] && check(form, input.files[0]));
  accept(drop, (file) => {
    form.reset();
    check(form, file);
  });
}

function accept(drop, take) {
  const over = (on) => drop.classList.toggle("is-over", on);
  drop.addEventListener("dragover", (event) => {
    event.preventDefault();
    over(true);
  });
  drop.addEventListener("dragleave", () => over(false));
  drop.addEventListener("drop", (event) => {
    event.preventDefault();
    over(false);
    const file = event.dataTransfer.files[0];
    if (file) take(file);
  });
  // A file dropped beside the field must not replace the page.
  for (const name of ["dragover", "drop"])
    document.addEventListener(name, (event) => event.preventDefault());
}

async function check(form, file) {
  if (file.size > Number(form.dataset.most)) return show(form, "toobig", file);
  if (!globalThis.crypto?.subtle || file.size > HASH_AT_MOST) return ask(form, "unhashed", file);
  show(form, "hashing", file);
  try {
    const digest = hex(await crypto.subtle.digest("SHA-256", await file.arrayBuffer()));
    const answer = await fetch(`/v1/digests/${digest}`);
    if (answer.ok) return sendDigest(form, file, digest);
    ask(form, "asking", file);
  } catch {
    ask(form, "unhashed", file);
  }
}

function hex(buffer) {
  return Array.from(new Uint8Array(buffer), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function ask(form, state, file) {
  const button = show(form, state, file).querySelector("[data-send]");
  button.onclick = () => sendFile(form, file);
  button.focus();
}

function sendDigest(form, file, digest) {
  const fields = new FormData();
  fields.append("sha256", digest);
  fields.append("name", file.name);
  send(form, file, fields);
}

function sendFile(form, file) {
  const fields = new FormData();
  fields.append("file", file, file.name);
  send(form, file, fields);
}

function send(form, file, fields) {
  const bar = show(form, "sending", file).querySelector("progress");
  const request = new XMLHttpRequest();
  request.open("POST", form.action);
  request.setRequestHeader("Accept", "text/html");
  request.upload.onprogress = (event) => {
    bar.value = event.total ? (100 * event.loaded) / event.total : 0;
  };
  request.onload = () => replace(request.responseText);
  request.onerror = () => show(form, "offline", file);
  request.send(fields);
}

// The answer is a whole page: show it as one, with its title and its focus.
function replace(html) {
  const page = new DOMParser().parseFromString(html, "text/html");
  const first = page.querySelector("[autofocus]") ?? page.querySelector("h1");
  first.removeAttribute("autofocus");
  first.tabIndex = -1;
  document.title = page.title;
  document.body.replaceWith(document.adoptNode(page.body));
  scrollTo(0, 0);
  first.focus();
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
