// The board: J and K go from case to case, Enter opens (the link has the focus), / finds.
import "./live.js";

const rows = () => [...document.querySelectorAll(".board tbody tr:not(.group) th a")];

for (const words of document.querySelectorAll("[data-script]")) words.hidden = false;

// event.code, because Vietnamese input methods turn letters into tones
document.addEventListener("keydown", (event) => {
  if (event.isComposing || event.altKey || event.metaKey || event.ctrlKey || event.shiftKey) return;
  if (event.target.matches("input, select, textarea") || document.querySelector("dialog[open]")) return;
  if (event.key === "/") {
    event.preventDefault();
    document.getElementById("q").select();
    document.getElementById("q").focus();
  }
  if (event.code === "KeyJ" || event.code === "KeyK") {
    event.preventDefault();
    go(event.code === "KeyJ" ? 1 : -1);
  }
});

function go(by) {
  const links = rows();
  const here = links.indexOf(document.activeElement);
  const next = here < 0 ? (by > 0 ? 0 : links.length - 1) : Math.min(links.length - 1, Math.max(0, here + by));
  links[next]?.focus();
}
