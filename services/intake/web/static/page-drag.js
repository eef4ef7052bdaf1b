// Pages are dragged to another place: a bar between the pages shows where they would lie,
// and words below say under which number. Nothing moves under the pointer meanwhile. The
// keys Alt and arrows do the same without a mouse.
export function startDragging({ list, chosen, words, place }) {
  let dragged = null;
  let there = null; // beside which page it would lie

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
    if (!list().parentElement.contains(event.target) || event.type === "dragleave") return;
    event.preventDefault();
    if (event.type === "dragover") point(event);
    if (event.type === "drop") land();
  }

  document.addEventListener("dragend", end);

  function point(event) {
    const item = event.target.closest("li[data-key]");
    if (!item && there) return;
    const pages = [...list().children];
    const box = (item ?? pages.at(-1)).getBoundingClientRect();
    const behind = !item || event.clientX > box.left + box.width / 2;
    there = { item: item ?? pages.at(-1), behind };
    for (const each of pages) each.classList.remove("drop-before", "drop-behind");
    there.item.classList.add(behind ? "drop-behind" : "drop-before");
    say(words()["drop-here"].replace("{n}", numbers(dragged)).replace("{to}", rest().length + 1));
  }

  // the pages that stay, up to the mark
  function rest() {
    const pages = [...list().children];
    const upto = pages.slice(0, pages.indexOf(there.item) + (there.behind ? 1 : 0));
    return upto.filter((item) => !dragged.includes(item.dataset.key));
  }

  function numbers(keys) {
    const pages = [...list().children];
    return keys.map((key) => pages.findIndex((item) => item.dataset.key === key) + 1).join(", ");
  }

  function land() {
    if (there) place(dragged, rest().at(-1)?.dataset.key ?? "");
    end();
  }

  function end() {
    for (const item of list()?.children ?? []) item.classList.remove("is-dragged", "drop-before", "drop-behind");
    dragged = there = null;
    say("");
  }

  function say(text) {
    const note = document.getElementById("drag-note");
    if (note) note.textContent = text;
  }
}
