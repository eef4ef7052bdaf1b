// Files as a clerk gives them: dropped, chosen or pasted, one by one or in whole folders;
// handed on in the order of their names.

// "Trang 2" before "Trang 10"; letters in Vietnamese order
const byName = new Intl.Collator("vi", { numeric: true }).compare;
// what systems leave in folders; nobody scanned it
const LEFT_THERE = /(^|\/)(\.[^/]*|thumbs\.db|desktop\.ini|__macosx)($|\/)/i;

// take(files) is called once for each drop, choice or paste
export function listen(form, take) {
  for (const picker of form.querySelectorAll("input[type=file]")) {
    picker.classList.add("vh");
    const chosen = () => {
      give([...picker.files].map((file) => [file.webkitRelativePath || file.name, file]));
      picker.value = "";
    };
    picker.addEventListener("change", chosen);
    // Over a slow line a clerk is faster than this script: what was chosen before it came
    // made no event that it could hear.
    if (picker.files.length) queueMicrotask(chosen);
  }
  addEventListener("dragover", (event) => {
    if (!carriesFiles(event)) return; // pages that are moved about are not ours
    event.preventDefault();
    form.classList.add("is-over");
  });
  addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) form.classList.remove("is-over");
  });
  addEventListener("drop", async (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    form.classList.remove("is-over");
    give(await dropped(event.dataTransfer));
  });
  addEventListener("paste", (event) => {
    const { files } = event.clipboardData;
    if (files.length) give([...files].map((file) => [file.name, file]));
  });

  function give(named) {
    const scans = named.filter(([path]) => !LEFT_THERE.test(path));
    // names may come decomposed (macOS): the same letters are the same name
    const order = scans.map(([path, file]) => [path.normalize("NFC"), file]);
    order.sort(([one], [other]) => byName(one, other));
    if (order.length) take(order.map(([, file]) => file));
  }
}

function carriesFiles(event) {
  return [...event.dataTransfer.types].includes("Files");
}

// The entries are asked for before the first await: afterwards the drop is empty.
async function dropped(transfer) {
  const items = [...transfer.items].filter((item) => item.kind === "file");
  const found = items.map((item) => {
    const entry = item.webkitGetAsEntry?.();
    return entry?.isDirectory ? entry : item.getAsFile();
  });
  return (await Promise.all(found.filter(Boolean).map(below))).flat();
}

// [path, file] of a file, or of each file in a folder, however deep
async function below(found) {
  if (found instanceof File) return [[found.name, found]];
  if (found.isFile) {
    const file = await new Promise((resolve) => found.file(resolve, () => resolve(null)));
    return file ? [[found.fullPath, file]] : [];
  }
  const reader = found.createReader();
  const all = [];
  for (;;) { // a hundred at a time
    const some = await new Promise((resolve) => reader.readEntries(resolve, () => resolve([])));
    if (!some.length) return (await Promise.all(all.map(below))).flat();
    all.push(...some);
  }
}
