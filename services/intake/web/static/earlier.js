// The requester found again by id number: offered beside the field, and filled in only
// by the clerk's own press. Without script the same buttons send the form.
const form = document.getElementById("case-new");
const number = document.getElementById("id_number");
const find = form.querySelector("[data-find]");
let last = number.value;

number.addEventListener("change", seek);
form.addEventListener("submit", (event) => {
  const pressed = event.submitter;
  if (pressed !== find && !pressed?.dataset.fields) return;
  event.preventDefault();
  event.stopPropagation(); // this form was not sent: page.js must not mark it
  if (pressed !== find) {
    take(pressed);
    return;
  }
  const at = document.activeElement;
  const typing = at?.matches("input") && at !== number; // Enter in another field receives the case
  if (typing) form.requestSubmit(form.querySelector("[data-submit-key]"));
  else seek();
});

async function seek() {
  if (number.value === last) return;
  last = number.value;
  const body = new URLSearchParams(new FormData(form));
  const answer = await fetch(find.formAction, { method: "POST", body }).catch(() => null);
  if (!answer?.ok || number.value !== last) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const found = page.getElementById("earlier");
  if (found) document.getElementById("earlier").replaceWith(found);
}

function take(button) {
  for (const [name, value] of Object.entries(JSON.parse(button.dataset.fields)))
    form.elements[name].value = value;
  last = number.value;
  form.elements.requester.dispatchEvent(new Event("input", { bubbles: true })); // the draft
  form.elements.phone.focus();
}
