// The session has ended under a page that still works: sign in over it, or in another
// tab, and the page goes on. Nothing of it is loaded anew but the token.
const LOOK_MS = 5000;
const dialog = document.getElementById("sign-in-again");
let coming = null;

// Resolves when the same person is signed in here again.
export function signedInAgain() {
  if (coming && !dialog.open) dialog.showModal(); // it was closed, and is needed again
  coming ??= wait().finally(() => { coming = null; });
  return coming;
}

// Whether somebody is; their token then stands in each form of the page.
async function renewed() {
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } }).catch(() => null);
  if (!answer?.ok || answer.redirected) return false;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (fresh.body.dataset.me !== document.body.dataset.me) {
    location.reload(); // somebody else: the page is theirs to begin with
    return false;
  }
  const token = fresh.querySelector("input[name=csrf]")?.value;
  for (const field of token ? document.querySelectorAll("input[name=csrf]") : []) field.value = token;
  return Boolean(token);
}

async function wait() {
  if (await renewed()) return;
  const form = dialog.querySelector("form");
  const wrong = dialog.querySelector("[data-wrong]");
  wrong.hidden = true;
  form.reset();
  dialog.showModal();
  form.elements.password.focus();
  await new Promise((resolve) => {
    const look = async () => {
      if (!(await renewed())) return false;
      clearInterval(timer);
      removeEventListener("focus", look);
      resolve();
      return true;
    };
    const timer = setInterval(look, LOOK_MS); // signed in in another tab
    addEventListener("focus", look);
    form.onsubmit = async (event) => {
      event.preventDefault();
      const body = new URLSearchParams(new FormData(form));
      await fetch("/sign-in", { method: "POST", body, headers: { Accept: "text/html" } }).catch(() => {});
      wrong.hidden = await look();
      if (!wrong.hidden) form.elements.password.select();
    };
  });
  dialog.close();
}
