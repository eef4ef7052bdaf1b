// Papers ticked in the queue stay ticked from one paper to the next, and go together.

// signal: when another paper is shown; unfit: what happens where this one cannot be ticked yet
export function startPicking(wall, signal, unfit) {
  const form = document.getElementById("batch");
  const dialog = document.getElementById("batch-dialog");
  if (!form) return { pick() {}, ask() {} }; // an examiner's wall
  const words = JSON.parse(form.dataset.words);
  const picked = new Set(JSON.parse(sessionStorage.getItem(form.dataset.picked) ?? "[]"));
  const go = form.querySelector("[data-go-batch]");
  const none = go.querySelector("span").textContent;
  renew();
  document.addEventListener("renewed", renew, { signal });
  wall.addEventListener("change", (event) => {
    if (event.target.name !== "item") return;
    picked[event.target.checked ? "add" : "delete"](event.target.value);
    keep();
  });
  go.addEventListener("click", (event) => {
    event.preventDefault();
    ask();
  });
  form.addEventListener("submit", () => sessionStorage.removeItem(form.dataset.picked));
  return { pick, ask };

  function boxes() {
    return [...wall.querySelectorAll(".queue input[name=item]")];
  }

  function rows() {
    return boxes().filter((box) => box.checked && !box.disabled);
  }

  // a paper that has changed since, or that somebody else took, is no longer chosen
  function renew() {
    for (const box of boxes()) box.checked = !box.disabled && picked.has(box.value);
    const there = new Set(rows().map((box) => box.value));
    for (const value of picked) if (!there.has(value)) picked.delete(value);
    keep();
  }

  function keep() {
    sessionStorage.setItem(form.dataset.picked, JSON.stringify([...picked]));
    const n = rows().length;
    form.querySelector("[data-picked-count]").textContent = n ? counted("picked", n) : "";
    go.querySelector("span").textContent = n ? counted("go", n) : none;
    if (n) go.removeAttribute("aria-disabled");
    else go.setAttribute("aria-disabled", "true");
  }

  function counted(key, n) {
    return words[n === 1 ? `${key}-one` : key].replace("{n}", n);
  }

  function pick() {
    const box = wall.querySelector(".queue .is-here input[name=item]");
    if (!box || box.disabled) return unfit();
    box.click();
  }

  function ask() {
    const chosen = rows();
    if (!chosen.length) return;
    document.getElementById("batch-title").textContent = counted("title", chosen.length);
    dialog.querySelector("[data-sign]").textContent = counted("title", chosen.length);
    dialog.querySelector("[data-picked-rows]").replaceChildren(...chosen.map(line));
    dialog.showModal();
    dialog.querySelector("[data-first]").focus();
  }

  function line(box) {
    const row = box.closest("li");
    const [what, due] = row.querySelector("a > span").children;
    const [who, code] = row.querySelector(".quiet").textContent.split(" · ");
    const item = document.createElement("li");
    for (const text of [code, `${what.textContent} · ${who}`, due.textContent]) {
      const part = document.createElement("span");
      part.textContent = text;
      item.append(part);
    }
    return item;
  }
}
