// The current page, larger: + and -, Ctrl with the wheel, 0 fits it again; dragging and
// the arrows move about in it. The picture that is there is drawn larger at once, and the
// parts in sight are put over it in full sharpness as they come.
const STEP = 1.5;
const MOST = 8;
const TILE = 1024;

// keptKey: whether a key is the page's own just now, and no zoom; signal: when it ends
export function startZoom(sheets, figureHere, keptKey = () => false, signal = undefined) {
  let figure = null;
  let scale = 1;

  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.target.closest("input:not([type=checkbox]), textarea, select") || document.querySelector("dialog[open]")) return;
    if (keptKey(event, Boolean(figure))) return;
    const acts = { Equal: () => by(STEP), NumpadAdd: () => by(STEP), Minus: () => by(1 / STEP), NumpadSubtract: () => by(1 / STEP), Digit0: fit, Numpad0: fit };
    if (figure && scale > 1) Object.assign(acts, { ArrowUp: () => pan(0, -1), ArrowDown: () => pan(0, 1), ArrowLeft: () => pan(-1, 0), ArrowRight: () => pan(1, 0), Escape: fit });
    if (!acts[event.code]) return;
    event.preventDefault();
    acts[event.code]();
  }, { capture: true, signal });
  sheets.addEventListener("wheel", (event) => {
    if (!event.ctrlKey) return;
    event.preventDefault();
    by(event.deltaY < 0 ? STEP : 1 / STEP, event);
  }, { passive: false });
  sheets.addEventListener("dblclick", (event) => {
    if (!event.target.closest(".view")) return;
    if (scale > 1) fit();
    else by(STEP * STEP, event);
  });
  sheets.addEventListener("pointerdown", hold);
  document.addEventListener("renewed", (event) => {
    if (event.target === sheets) fit();
  }, { signal });
  return { takesArrows: () => Boolean(figure) && scale > 1, fit };

  function by(factor, at = null) {
    const here = at?.target.closest("figure") ?? figureHere();
    if (!here) return;
    if (here !== figure) fit();
    figure = here;
    at ??= middleInSight();
    const wanted = Math.min(Math.max(scale * factor, 1), MOST);
    if (wanted <= 1.01) return fit();
    enlarge(wanted, at);
  }

  function enlarge(wanted, at) {
    const [view, img] = parts();
    if (!figure.classList.contains("is-zoomed")) view.fitted = [img.clientWidth, img.clientHeight];
    const box = view.getBoundingClientRect();
    const [x, y] = [at.clientX - box.left, at.clientY - box.top];
    const left = figure.classList.contains("is-zoomed") ? view.scrollLeft + x : x - (view.clientWidth - view.fitted[0]) / 2;
    const top = figure.classList.contains("is-zoomed") ? view.scrollTop + y : y - (view.clientHeight - view.fitted[1]) / 2;
    const grown = wanted / (figure.classList.contains("is-zoomed") ? scale : 1);
    scale = wanted;
    figure.classList.add("is-zoomed");
    view.tabIndex = 0; // its arrows move about in it
    img.style.width = `${view.fitted[0] * scale}px`;
    img.style.height = `${view.fitted[1] * scale}px`;
    for (const tile of view.querySelectorAll(".tile")) lay(tile);
    // a page that was taller than the screen stands in a lower frame from here on
    view.scrollTo(left * grown - x, top * grown - (y > view.clientHeight ? view.clientHeight / 2 : y));
    view.onscroll = sharpen;
    sharpen();
  }

  // of the page, where a key says nothing of a place
  function middleInSight() {
    const [page, frame] = [figure.querySelector(".view"), sheets].map((each) => each.getBoundingClientRect());
    const middle = (one, other) => (Math.max(page[one], frame[one]) + Math.min(page[other], frame[other])) / 2;
    return { clientX: middle("left", "right"), clientY: middle("top", "bottom") };
  }

  function fit() {
    if (!figure) return;
    const [view, img] = parts();
    view.onscroll = null;
    figure.classList.remove("is-zoomed");
    view.removeAttribute("tabindex");
    img.style.width = img.style.height = "";
    for (const tile of view.querySelectorAll(".tile")) tile.remove();
    figure = null;
    scale = 1;
  }

  function parts() {
    return [figure.querySelector(".view"), figure.querySelector("img.paper")];
  }

  function pan(x, y) {
    const [view] = parts();
    view.scrollBy({ left: x * view.clientWidth * 0.25, top: y * view.clientHeight * 0.25 });
  }

  // only what is in sight, and only where the picture is drawn larger than it is
  function sharpen() {
    if (!figure) return;
    const [view, img] = parts();
    if (view.fitted[0] * scale * devicePixelRatio <= img.naturalWidth) return;
    const size = (view.fitted[0] * scale) / Number(figure.dataset.width) * TILE;
    const columns = Math.ceil(Number(figure.dataset.width) / TILE);
    const rows = Math.ceil(Number(figure.dataset.height) / TILE);
    const last = (at, length) => Math.floor((at + length) / size);
    for (let x = Math.floor(view.scrollLeft / size); x <= Math.min(last(view.scrollLeft, view.clientWidth), columns - 1); x += 1)
      for (let y = Math.floor(view.scrollTop / size); y <= Math.min(last(view.scrollTop, view.clientHeight), rows - 1); y += 1) add(view, img, x, y);
  }

  function add(view, img, x, y) {
    const src = `${img.getAttribute("src").replace(/\/large$/, "")}/tiles/${x}-${y}`;
    if ([...view.querySelectorAll(".tile")].some((tile) => tile.getAttribute("src") === src)) return;
    const tile = Object.assign(new Image(), { className: "tile", alt: "", src });
    tile.dataset.at = `${x} ${y}`;
    tile.addEventListener("error", () => tile.remove());
    lay(tile);
    view.append(tile);
  }

  function lay(tile) {
    const [view] = parts();
    const ratio = (view.fitted[0] * scale) / Number(figure.dataset.width);
    const [x, y] = tile.dataset.at.split(" ").map(Number);
    const [width, height] = [Number(figure.dataset.width), Number(figure.dataset.height)];
    Object.assign(tile.style, {
      left: `${x * TILE * ratio}px`,
      top: `${y * TILE * ratio}px`,
      width: `${Math.min(TILE, width - x * TILE) * ratio}px`,
      height: `${Math.min(TILE, height - y * TILE) * ratio}px`,
    });
  }

  function hold(event) {
    const view = event.target.closest(".is-zoomed .view");
    if (!view || event.button) return;
    event.preventDefault();
    const from = [event.clientX + view.scrollLeft, event.clientY + view.scrollTop];
    view.classList.add("is-held");
    view.setPointerCapture(event.pointerId);
    view.onpointermove = (move) => view.scrollTo(from[0] - move.clientX, from[1] - move.clientY);
    view.onpointerup = view.onpointercancel = () => {
      view.onpointermove = null;
      view.classList.remove("is-held");
    };
  }
}
