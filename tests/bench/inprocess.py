"""One process, one thread, nothing else in it: CPU milliseconds of each step, its
references between, round by round. Started by ``bench.signing``; prints JSON.

The clocks are ``process_time``, so neither the TSA (another process) nor a neighbour
on the machine is in them. The sealing clock runs from the finished draft's bytes to
the final digest and revisions, all checks of the tokens on.
"""

import json
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from bench.orders import numbered, served
from bench.references.limit import limit
from bench.references.plain_pyhanko import plain_pyhanko
from chassis.clock import utc_now
from ecopy.events import CertificationOrdered
from signing.adapters.composer import compose
from signing.adapters.composing.appearances import APPEARANCE
from signing.adapters.pdf.increments import GrowingPdf
from signing.adapters.sealer import PadesSealer
from signing.domain.copies import Draft, OrderedOriginal
from signing.domain.rope import MemoryOctets
from signing.domain.signatories import Signatories
from support.authority import Pki
from support.sealed import sealer_of

WARM_UP = 5
SLOW_EVERY = 8
"""Plain pyHanko takes as long as a hundred of the others."""


def main() -> None:
    folder, base, rounds = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    with ThreadPoolExecutor(1) as threads:
        pki = served(folder, base)
        print(json.dumps(measure(folder, pki, sealer_of(pki, threads), rounds)))


def measure(
    folder: Path, pki: Pki, sealer: PadesSealer, rounds: int
) -> dict[str, list[float]]:
    first = CertificationOrdered.model_validate_json(
        (folder / "order.json").read_text()
    )
    orders, at = numbered(first, 1001), utc_now()
    scan = folder / "original.pdf"
    original = OrderedOriginal(
        MemoryOctets(scan.read_bytes(), scan), first.original.sha256
    )
    draft = compose(original, next(orders), at)
    path = folder / "draft.pdf"
    path.write_bytes(bytes(draft.content))
    signatories = sealer.signatories(first, at)
    sealer._prepare(signatories, draft.level)
    steps: dict[str, Callable[..., object]] = {
        "limit": limit(path),
        "compose": lambda: compose(original, next(orders), at),
        "seal_bt": lambda drafted: bt(sealer, drafted, signatories),
        "seal_blt": lambda drafted: sealer._seal(drafted, signatories),
    }
    _write_stamps(folder / "stamps", sealer)
    slow = plain_pyhanko(path, folder / "pki", pki.tsa_url, folder / "stamps")
    return _rounds(steps, slow, draft, rounds)


def bt(sealer: PadesSealer, draft: Draft, signatories: Signatories) -> str:
    """Officer and seal, each with its timestamp; no store of validation data."""
    document = GrowingPdf(draft.content)
    at = utc_now().replace(microsecond=0)
    for signatory in signatories.both:
        sealer._sign(document, sealer.keyring[signatory], at)
    return document.sha256.hexdigest()


def _rounds(
    steps: dict[str, Callable[..., object]],
    slow: Callable[[], object],
    draft: Draft,
    rounds: int,
) -> dict[str, list[float]]:
    times: dict[str, list[float]] = {name: [] for name in (*steps, "plain_pyhanko")}
    for turn in range(-WARM_UP, rounds):
        here = dict(steps)
        if turn % SLOW_EVERY == 0 or turn == -WARM_UP:
            here["plain_pyhanko"] = slow
        for name, step in here.items():
            given = (draft,) if name.startswith("seal") else ()
            started = time.process_time()
            step(*given)
            spent = (time.process_time() - started) * 1000
            if turn >= 0:
                times[name].append(spent)
    return times


def _write_stamps(folder: Path, sealer: PadesSealer) -> None:
    """The drawings of the visible signatures, as PDF pages for pyHanko."""
    folder.mkdir()
    for hand in sealer.keyring.values():
        entry = hand.entry
        facts = {
            "role": entry.role,
            "id": entry.id,
            "name_lines": entry.name_lines,
            "title_lines": entry.title_lines,
        }
        (folder / f"{entry.role}.pdf").write_bytes(APPEARANCE.typeset(facts))


if __name__ == "__main__":
    main()
