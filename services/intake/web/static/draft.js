// What is typed into a long form stays in this tab until it has been sent: the answer to
// a form may never come, and each page is no-store, so Back brings an empty form.
// A draft belongs to the person who typed it: signing out, or anybody else signing in
// here, ends it. Passwords are in no such form. docs/decisions/0051
const PREFIX = "draft:";
const OF_THE_PAGE = ["csrf", "version", "arrival"]; // what the server says, not a person
const me = document.body.dataset.me; // absent on the sign-in page

begin();
document.addEventListener("paper", begin); // the wall has changed its paper

function begin() {
  const forms = [...document.querySelectorAll("form[data-draft]")];
  if (me !== undefined) {
    forget((draft) => draft.me !== me);
    // any other page after sending: it arrived
    const here = new Set(forms.map(name));
    forget((draft, key) => draft.sent && !here.has(key));
  }
  if (new URLSearchParams(location.search).get("notice") === "signed-out") forget(() => true);
  for (const form of forms) if (form.dataset.draft === "new") restore(form);
}

// at the document, because forms come and go
for (const kind of ["input", "change", "submit"])
  document.addEventListener(kind, ({ target }) => {
    const form = target.closest("form[data-draft]") ?? target.form?.closest("[data-draft]");
    if (form) keep(form, kind === "submit");
  });

function name(form) {
  return PREFIX + form.getAttribute("action");
}

function forget(which) {
  for (const key of Object.keys(sessionStorage))
    if (key.startsWith(PREFIX) && which(JSON.parse(sessionStorage.getItem(key)), key))
      sessionStorage.removeItem(key);
}

function keep(form, sent) {
  const fields = [...new FormData(form)].filter(([field]) => !OF_THE_PAGE.includes(field));
  sessionStorage.setItem(name(form), JSON.stringify({ me, sent, fields }));
}

// With the key of the first time: if it did arrive, sending again brings its answer.
function restore(form) {
  const draft = JSON.parse(sessionStorage.getItem(name(form)) ?? "null");
  if (!draft) return;
  const values = grouped(draft.fields);
  for (let more = values.get("title")?.length ?? 1; more > 1; more -= 1)
    form.querySelector("[data-add]")?.click(); // one more paper
  for (const field of form.elements) {
    if (!field.name || OF_THE_PAGE.includes(field.name)) continue;
    const typed = values.get(field.name) ?? [];
    if (field.type === "checkbox" || field.type === "radio") {
      field.checked = typed.includes(field.value);
    } else if (typed.length) field.value = typed.shift();
  }
  form.querySelector("[name=pages]")?.dispatchEvent(new Event("input", { bubbles: true })); // the fee
  form.closest("details")?.setAttribute("open", "");
  const note = form.querySelector("[data-draft-note]");
  note.hidden = false;
  note.querySelector("button").addEventListener("click", () => {
    sessionStorage.removeItem(name(form));
    location.reload();
  });
}

function grouped(fields) {
  const all = new Map();
  for (const [field, value] of fields) all.set(field, [...(all.get(field) ?? []), value]);
  return all;
}
