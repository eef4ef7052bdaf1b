// What the citizen may have on VNeID: said beside the paper whose kind it is.
export function hints(paper) {
  const kind = paper.querySelector("[name=kind]").value;
  for (const note of paper.querySelectorAll("[data-vneid]")) note.hidden = note.dataset.vneid !== kind;
}

document.addEventListener("change", ({ target }) => {
  if (target.name === "kind") hints(target.closest("[data-paper], form"));
});
