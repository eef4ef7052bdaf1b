// Whether somebody still sits here. A page that asks by itself must not keep an
// unattended session alive, so it rests after a while and goes on with the next move.
const RESTING_MS = 10 * 60_000;
let last = Date.now();
for (const kind of ["pointermove", "pointerdown", "keydown", "wheel", "visibilitychange"])
  addEventListener(kind, () => { last = Date.now(); }, { passive: true, capture: true });

export function attended() {
  return !document.hidden && Date.now() - last < RESTING_MS;
}
