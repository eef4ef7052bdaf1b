// Every page: focus on the error summary, dialogs, a form is sent once, keys of one letter.
const summary = document.querySelector(".errors");
summary?.focus();

for (const form of document.querySelectorAll("form[data-once]"))
  form.addEventListener("submit", (event) => {
    if (event.submitter?.getAttribute("aria-disabled") === "true" || form.dataset.sent) {
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
  dialog.querySelector("input[type=radio]:checked, input[type=radio], textarea")?.focus();
}

// event.code, because Vietnamese input methods turn letters into tones
document.addEventListener("keydown", (event) => {
  if (event.isComposing || event.altKey || event.metaKey) return;
  if (event.ctrlKey) {
    if (event.code === "Enter") document.querySelector("[data-submit-key]")?.click();
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
