// Every page: focus on the error summary, dialogs, a form is sent once, keys of one letter.
const summary = document.querySelector(".errors");
summary?.focus();

// at the document: live.js renews forms after this script has run
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("form[data-once]")) return;
  const stopped = event.submitter?.getAttribute("aria-disabled") === "true" || form.dataset.sent;
  if (stopped || (form.dataset.confirm && !confirm(form.dataset.confirm))) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
  event.submitter?.setAttribute("aria-busy", "true");
});
// back from the history: the form may be sent again
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) {
    delete form.dataset.sent;
    form.querySelector("[aria-busy]")?.removeAttribute("aria-busy");
  }
});

// what is missing is said in the page's words: the browser's own speak its language
document.addEventListener("invalid", ({ target }) => {
  if (target.dataset.missing) target.setCustomValidity(target.validity.valueMissing ? target.dataset.missing : "");
}, true);
document.addEventListener("input", ({ target }) => {
  for (const field of target.form?.querySelectorAll("[data-missing]") ?? []) field.setCustomValidity("");
});

for (const button of document.querySelectorAll("[data-reveal]")) {
  const field = document.getElementById(button.dataset.reveal);
  button.hidden = false;
  button.addEventListener("click", () => {
    field.type = field.type === "password" ? "text" : "password";
    button.setAttribute("aria-pressed", String(field.type === "text"));
  });
  field.form.addEventListener("submit", () => { field.type = "password"; }); // not for the browser's list of typed words
}

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-open]");
  if (opener) {
    event.preventDefault();
    open(opener.dataset.open);
  }
  const closer = event.target.closest("dialog [data-close]");
  if (closer) {
    event.preventDefault();
    closer.closest("dialog").close();
  }
});

// a form that could not be sent stands open again; without script it is just on the page
for (const dialog of document.querySelectorAll("dialog[data-reopen]")) {
  dialog.close();
  open(dialog.id);
}

function open(id) {
  const dialog = document.getElementById(id);
  dialog.showModal();
  dialog.querySelector("[data-first], input[type=radio]:checked, input[type=radio], textarea")?.focus();
}

// event.code, because Vietnamese input methods turn letters into tones
document.addEventListener("keydown", (event) => {
  if (event.isComposing || event.altKey || event.metaKey) return;
  if (event.ctrlKey) {
    if (event.repeat) return; // held down: it would send the next page's form, too
    const button = event.code === "Enter" && document.querySelector("[data-submit-key]");
    if (!button) return;
    event.preventDefault(); // taken: early-keys.js gives again only what nobody took
    button.click();
    return;
  }
  if (inField(event.target) || document.querySelector("dialog[open]")) return;
  const target = document.querySelector(`[data-key="${event.code}"]`);
  if (!target || event.shiftKey) return;
  event.preventDefault();
  target.click();
});

function inField(element) {
  return element.closest("input:not([type=checkbox]):not([type=radio]), textarea, select") !== null;
}

for (const button of document.querySelectorAll("[data-copy]")) {
  if (!navigator.clipboard) continue;
  button.hidden = false;
}
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  await navigator.clipboard.writeText(button.dataset.copy);
  button.querySelector("span").textContent = button.dataset.copied;
});
