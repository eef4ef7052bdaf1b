// Pages are dragged to another place: a mark between the pages says where they would lie
// and under which number. The keys Alt and arrows do the same without a mouse.
export function startDragging({ list, chosen, words, place }) {
  let dragged = null;
  let mark = null;
  let before = null;

  mend();
  document.addEventListener("renewed", mend);
  // the browser drags links and pictures by themselves; here it is the page
  function mend() {
    for (const item of list()?.children ?? []) {
      item.draggable = true;
      for (const part of item.querySelectorAll("a, img")) part.draggable = false;
    }
  }

  document.addEventListener("dragstart", (event) => {
    const item = event.target.closest?.("#pages > li[data-key]");
    if (!item) return;
    dragged = chosen(item.dataset.key);
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", item.textContent.trim());
    for (const each of list().children) each.classList.toggle("is-dragged", dragged.includes(each.dataset.key));
    say(words().dragging.replace("{n}", numbers(dragged)));
  });

  // before the upload's own listeners: nothing here is a file
  for (const kind of ["dragenter", "dragover", "dragleave", "drop"]) addEventListener(kind, over, { capture: true });
  function over(event) {
    if (!dragged) return;
    event.stopImmediatePropagation();
    const there = list().contains(event.target) || list().parentElement.contains(event.target);
    if (!there || event.type === "dragleave") return;
    event.preventDefault();
    if (event.type === "dragover") point(event);
    if (event.type === "drop") land();
  }

  document.addEventListener("dragend", end);

  function point(event) {
    const item = event.target.closest("li[data-key]");
    if (item) {
      const box = item.getBoundingClientRect();
      before = event.clientX < box.left + box.width / 2 ? item : next(item);
    } else if (!event.target.closest(".drop-mark")) before = null;
    put();
  }

  function next(item) {
    const after = item.nextElementSibling;
    return after === mark ? mark.nextElementSibling : after;
  }

  function put() {
    mark ??= Object.assign(document.createElement("li"), { className: "drop-mark", ariaHidden: "true" });
    if (mark.nextElementSibling === before && mark.parentElement) return;
    list().insertBefore(mark, before);
    mark.textContent = words()["drop-here"].replace("{n}", numbers(dragged)).replace("{to}", rest().length + 1);
  }

  // the pages that stay, up to the mark
  function rest() {
    const pages = [...list().children].slice(0, [...list().children].indexOf(mark));
    return pages.filter((item) => item.dataset.key && !dragged.includes(item.dataset.key));
  }

  function numbers(keys) {
    const pages = [...list().children].filter((item) => item.dataset.key);
    return keys.map((key) => pages.findIndex((item) => item.dataset.key === key) + 1).join(", ");
  }

  function land() {
    if (!mark?.parentElement) return;
    place(dragged, rest().at(-1)?.dataset.key ?? "");
    end();
  }

  function end() {
    mark?.remove();
    for (const item of document.querySelectorAll(".is-dragged")) item.classList.remove("is-dragged");
    dragged = mark = before = null;
    say("");
  }

  function say(text) {
    const note = document.getElementById("drag-note");
    if (note) note.textContent = text;
  }
}
