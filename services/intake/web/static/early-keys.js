// Not a module, so that it runs before anything is shown: a key that is pressed between the
// first sight of a page and the run of its scripts is kept and given again, not lost. On a
// slow machine this takes seconds, and a quick clerk has pressed Ctrl + Enter by then.
{
  const early = [];
  // a key that is still held down was meant for the page before
  const keep = (event) => { if (!event.repeat) early.push(event); };
  document.addEventListener("keydown", keep);
  // modules have run by now (HTML, "the end"): what one of them took already is its own
  document.addEventListener("DOMContentLoaded", () => {
    document.removeEventListener("keydown", keep);
    for (const event of early) if (!event.defaultPrevented) giveAgain(event);
  });

  function giveAgain({ target, code, key, ctrlKey, altKey, shiftKey, metaKey, isComposing }) {
    const again = { code, key, ctrlKey, altKey, shiftKey, metaKey, isComposing, bubbles: true, cancelable: true };
    (target.isConnected ? target : document.body).dispatchEvent(new KeyboardEvent("keydown", again));
  }
}
