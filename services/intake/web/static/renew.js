// A part of the page in its newer form: pictures that are there stay (none is loaded
// twice), and so do ticks, what is typed or unfolded, where it was scrolled to, and the focus.
//
// What the server said last is compared, not what stands on the page: a mark of a script,
// or a page that is looked at closely, is no change.
const said = new Map([...document.querySelectorAll("[data-live]")].map((part) => [part.id, plain(part)]));

export function renew(part, next) {
  if (next.hasAttribute("data-moving")) part.dataset.moving = next.dataset.moving;
  else delete part.dataset.moving;
  if (next.dataset.words) part.dataset.words = next.dataset.words;
  for (const button of next.querySelectorAll("[data-copy]")) button.hidden = !navigator.clipboard;
  if (said.get(part.id) === plain(next)) return renewKeys(part, next);
  said.set(part.id, plain(next));
  const focus = part.contains(document.activeElement) ? nameOf(document.activeElement) : null;
  const scrolled = [part, ...part.querySelectorAll("[id]")].filter((box) => box.scrollTop).map((box) => [box.id, box.scrollTop]);
  adopt(part, next);
  part.className = next.className;
  part.replaceChildren(...next.childNodes);
  for (const [id, top] of scrolled) document.getElementById(id)?.scrollTo({ top });
  if (focus) part.querySelector(focus)?.focus({ preventScroll: true });
  part.dispatchEvent(new Event("renewed", { bubbles: true }));
}

// a step that changed nothing has used its form's key all the same
function renewKeys(part, next) {
  const fresh = [...next.querySelectorAll("input[name=key]")];
  const here = [...part.querySelectorAll("input[name=key]")];
  if (fresh.length === here.length) here.forEach((input, at) => { input.value = fresh[at].value; });
}

function adopt(part, next) {
  const pictures = new Map([...part.querySelectorAll("img[src]")].map((img) => [img.getAttribute("src"), img]));
  for (const img of next.querySelectorAll("img[src]")) {
    const there = pictures.get(img.getAttribute("src"));
    if (!there) continue;
    pictures.delete(img.getAttribute("src"));
    for (const { name, value } of img.attributes) there.setAttribute(name, value);
    img.replaceWith(there);
  }
  for (const box of part.querySelectorAll("input[type=checkbox]:checked")) {
    const same = next.querySelector(`input[name="${box.name}"][value="${CSS.escape(box.value)}"]`);
    if (same && !box.defaultChecked) same.checked = true;
  }
  for (const field of part.querySelectorAll("input[id]:not([type=checkbox]):not([type=hidden])")) {
    const same = next.querySelector(`#${CSS.escape(field.id)}`);
    if (same && field.value !== field.defaultValue) same.value = field.value;
  }
  for (const fold of part.querySelectorAll("details[id]")) {
    const same = next.querySelector(`#${fold.id}`);
    if (same) same.open = fold.open;
  }
}

// each look brings new form keys, which are no change either
function plain(part) {
  return part.innerHTML.replace(/(name="key" value=")[^"]*/g, "$1");
}

function nameOf(element) {
  const key = element.closest("[data-key]")?.dataset.key;
  const inside = key ? `[data-key="${CSS.escape(key)}"] ` : "";
  if (element.id) return `#${CSS.escape(element.id)}`;
  if (element.name) return `${inside}[name="${element.name}"][value="${CSS.escape(element.value)}"]`;
  if (element.dataset.open) return `[data-open="${element.dataset.open}"]`;
  return key ? `${inside}${element.localName}` : null;
}
