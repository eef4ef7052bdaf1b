"""What the gate costs and what passes it: copies bent by a holder of the keys, random
edits, and CPU beside two passes of SHA-256 over the same file.

Every bent copy is signed and sealed for real, so that nothing but the gate's reading of
its pages can refuse it.
"""

import asyncio
import hashlib
import os
import random
import re
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from bench.figures import ROOT, Figure
from bench.orders import Material, laid_out
from chassis.clock import utc_now
from ecopy.events import CertificationOrdered
from signing.domain.copies import Draft, SealedCopy
from signing.domain.rope import MemoryOctets, Rope
from storage.domain.gate import Refused, compile_trust, gate
from storage.domain.gate.pki.trust import Trust
from support.forgeries.bent import Bent
from support.forgeries.bent_stores import bent_stores
from support.forgeries.bent_words import bent_drafts
from support.orders import order_of
from support.originals import full_page, jpeg, original_of
from support.sealed import sealed_copy, sealed_original, sealer_of

EDITS = int(os.environ.get("BENCH_EDITS", "100000"))
ROUNDS = 40
LARGEST_EDIT = 12
SEED = 14
_CHOICE = re.compile(r"^\| (?!choice|-)", re.MULTILINE)


async def measure() -> dict[str, Figure]:
    with tempfile.TemporaryDirectory(prefix="ecopy-bench-") as folder:
        async with laid_out(Path(folder)) as material:
            return await asyncio.to_thread(_figures, material)


def _figures(material: Material) -> dict[str, Figure]:
    tried, passed = bent_ones(material)
    edits = random_edits(material)
    cost, limit = cpu(material)
    print("edits:", ", ".join(f"{n} {what}" for what, n in sorted(edits.items())))
    return {
        "gate.bent_passed": Figure(
            len(passed), "copies", "0 of ≥ 300", f"of {tried}; {', '.join(passed[:5])}"
        ),
        "gate.random_edits": Figure(
            sum(edits.values()),
            "edits",
            "≥ 100,000: no exception, no pass but of another valid copy",
            f"{edits['exception']} exceptions, {edits['passed']} passes",
        ),
        "gate.cpu_of_limit": Figure(
            round(cost / limit, 2),
            "×",
            "≤ 2.6",
            f"{cost:.2f} ms a copy of W3, two passes of SHA-256 {limit:.2f} ms CPU",
        ),
        "gate.free_choices": Figure(
            free_choices(), "rows", "as few as can be", "docs/dialect.md 10.7"
        ),
    }


def free_choices() -> int:
    """The rows of the table of what a signer may still choose."""
    text = (ROOT / "docs" / "dialect.md").read_text("utf-8")
    _, _, section = text.partition("**10.7")
    return len(_CHOICE.findall(section.partition("**10.8")[0]))


def bent_ones(material: Material) -> tuple[int, list[str]]:
    """How many bent copies were sealed, and the names of those that passed."""
    original, manifest = original_of([full_page(jpeg()), full_page(jpeg(2), 90)])
    order = order_of(material.pki, original, manifest)
    trust = compile_trust(material.pki.trust)
    tried, passed = 0, []
    for bent, content in _sealed(material, order, original):
        tried += 1
        if _judged(content, order, trust) == "passed":
            passed.append(str(bent))
    made = sealed_original(material.pki, original, manifest)
    for bent in bent_stores(made.content, material.pki.folder):
        tried += 1
        if _judged(bent.content, made.order, trust) == "passed":
            passed.append(str(bent))
    return tried, passed


def _sealed(
    material: Material, order: CertificationOrdered, original: bytes
) -> Iterator[tuple[Bent, bytes]]:
    """The bent drafts with both signatures; the signer's own reader, which would refuse
    some of them, is no obstacle to a thief, but is one to this kit.
    """
    with ThreadPoolExecutor(1) as threads:
        sealer = sealer_of(material.pki, threads, demo=order.demo)

        async def seal(draft: Draft) -> SealedCopy:
            signatories = sealer.signatories(order, utc_now())
            await sealer.prepare(signatories, draft.level)
            return await sealer.seal(draft, signatories)

        for bent in bent_drafts(order, original):
            rope = Rope((MemoryOctets(bent.draft),))
            draft = Draft(rope, len(order.manifest) + 1, order.level)
            yield bent, bytes(asyncio.run(seal(draft)).content)


def _judged(content: bytes, order: CertificationOrdered, trust: Trust) -> str:
    """``passed``, ``refused`` or ``exception``: what nobody foresaw."""
    try:
        gate(content, order, trust, hashlib.sha256(content).hexdigest())
    except Refused as refused:
        return "exception" if refused.reason == "unexpected" else "refused"
    return "passed"


def random_edits(material: Material) -> Counter[str]:
    """Bytes exchanged, put in, left out and moved in a small copy, with its digest as
    it then is.
    """
    made = sealed_copy(material.pki)
    trust, chance = compile_trust(made.trust), random.Random(SEED)
    found: Counter[str] = Counter()
    for _ in range(EDITS):
        content = _edited(made.content, chance)
        judged = _judged(content, made.order, trust)
        found["same" if content == made.content else judged] += 1
    return found


def _edited(content: bytes, chance: random.Random) -> bytes:
    at, size = chance.randrange(len(content)), chance.randint(1, LARGEST_EDIT)
    piece = content[at : at + size]
    match chance.randrange(4):
        case 0:
            put = chance.randbytes(len(piece))
        case 1:
            put = b""
        case 2:
            other = chance.randrange(len(content))
            put = content[other : other + size]
        case _:
            put = piece + chance.randbytes(1)
    return content[:at] + put + content[at + size :]


def cpu(material: Material) -> tuple[float, float]:
    """Milliseconds of CPU: the gate on W3, and two passes of SHA-256 over it."""
    original = (material.folder / "original.pdf").read_bytes()
    order = CertificationOrdered.model_validate_json(
        (material.folder / "order.json").read_text()
    )
    made = sealed_original(material.pki, original, order.manifest)
    trust, digest = compile_trust(made.trust), hashlib.sha256(made.content).hexdigest()

    def twice() -> None:
        for _ in range(2):
            hashlib.sha256(made.content).digest()

    rounds = [
        (
            _milliseconds(lambda: gate(made.content, made.order, trust, digest)),
            _milliseconds(twice),
        )
        for _ in range(ROUNDS)
    ]
    costs, limits = zip(*rounds, strict=True)
    return statistics.median(costs), statistics.median(limits)


def _milliseconds(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return (time.process_time() - began) * 1000
