"""Security stores with something else in them, or in another order.

No signature covers a store, so this needs no key but that of whoever tells storage the
copy's digest: the last revision of a sealed copy is written anew. Each item is genuine
and still verifies.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from chassis.clock import utc_now
from onebox.revocation import Responder, load_certificate
from signing.adapters.authorities.ocsp import request_for
from storage.domain.gate.cms import der
from storage.domain.gate.pdf.shape import parse
from storage.domain.gate.pdf.stores import Store, store_items, store_lists
from support.forging.copy import append
from support.forging.pki import answer, ours, strangers, tlv

Items = tuple[bytes, ...]
LATER = timedelta(hours=1)
"""Within KEPT the responder gives the same answer again."""


@dataclass(frozen=True)
class BentStore:
    """A sealed copy with another store, and the reasons that may refuse it."""

    name: str
    content: bytes
    reasons: frozenset[str]

    def __str__(self) -> str:
        return f"store: {self.name}"


def written_anew(content: bytes, store: Store | None = None) -> bytes:
    """The copy with this store; by default with its own, as it stands there."""
    revisions = parse(content)
    number, *_ = revisions[3].objects
    items = store or store_of(content)
    lists, bodies, at = [], [], number
    for part in (items.certificates, items.answers, items.lists):
        lists.append(b"".join(b"%d 0 R " % (at + n) for n in range(1, len(part) + 1)))
        at += len(part)
        bodies += [
            b"<</Length %d>>\nstream\n%b\nendstream" % (len(item), item)
            for item in part
        ]
    entry = b"<</Type/DSS/Certs[%b]/OCSPs[%b]/CRLs[%b]>>" % tuple(lists)
    catalog = revisions[3].objects[1].text()
    first = re.search(rb"/ID\[(<[0-9a-f]+>)", content[revisions[3].table :])
    return append(
        content[: revisions[2].end],
        [(number, entry), *enumerate(bodies, number + 1), (1, catalog)],
        first[1],
    )


def store_of(content: bytes) -> Store:
    revision = parse(content)[3]
    number, *_ = revision.objects
    lists = store_lists(revision, number)
    return Store(*(store_items(revision, part) for part in lists))


def spare_items(folder: Path) -> Store:
    """Answers and lists of the development authorities in *folder* that verify, hold
    for an hour at least and are needed by nobody.
    """
    responder, at = Responder.load(folder), utc_now() + LATER
    officer, issuing = (load_certificate(folder, n) for n in ("officer", "issuing"))
    answered = responder.answer(request_for(officer, issuing), now=at)
    lists = [responder.crl(name, now=utc_now()) for name in ("issuing", "root")]
    return Store((), (answered,), tuple(lists))


def bent_stores(content: bytes, folder: Path) -> Iterator[BentStore]:
    """Every way that this kit knows to write the store of a copy otherwise, by the keys
    of the authorities in *folder*.
    """
    own, spare = store_of(content), spare_items(folder)
    for part, others, reasons in (
        ("certificates", (strangers().root.der, ours().root.der), _CERTIFICATES),
        ("answers", (*spare.answers, answer(strangers().officer)), _ANSWERS),
        ("lists", spare.lists, _ANSWERS),
    ):
        items = getattr(own, part)
        for name, changed in _changes(items, others):
            if changed != items:
                store = _with(own, part, changed)
                yield BentStore(f"{part} {name}", written_anew(content, store), reasons)
    for at, item in enumerate(own.answers):
        for name, bend in _ANSWER_BENDS.items():
            bent = (*own.answers[:at], bend(item), *own.answers[at + 1 :])
            store = _with(own, "answers", bent)
            yield BentStore(
                f"answer {at} {name}", written_anew(content, store), _ANSWERS
            )


_CERTIFICATES = frozenset({"store-certificates"})
_ANSWERS = _CERTIFICATES | {
    "store-items",
    "revocation-missing",
    "revocation-issuer",
    "revocation-shape",
    "revocation-foreign",
    "revocation-signature",
}


def _with(store: Store, part: str, items: Items) -> Store:
    names = ("certificates", "answers", "lists")
    return Store(*(items if n == part else getattr(store, n) for n in names))


def _changes(items: Items, others: Items) -> Iterator[tuple[str, Items]]:
    yield "reversed", items[::-1]
    yield "none", ()
    for at in range(len(items)):
        rest = (*items[:at], *items[at + 1 :])
        yield f"without {at}", rest
        yield f"{at} last", (*rest, items[at])
        yield f"{at} first", (items[at], *rest)
        yield f"{at} twice", (*items, items[at])
    for at, other in enumerate(others):
        yield f"and another ({at}), last", (*items, other)
        yield f"and another ({at}), first", (other, *items)


def _brought(item: bytes, *more: bytes) -> bytes:
    """The answer with these certificates behind its own, which nothing signs."""
    basic, fields = _fields(item)
    listed = b""
    if len(fields) > 3:
        (box,) = der.inside(basic, fields[3])
        listed = der.content(basic, box)
    certificates = tlv(0xA0, tlv(0x30, listed + b"".join(more)))
    return _answer(b"".join(der.source(basic, f) for f in fields[:3]) + certificates)


def _other_algorithm(item: bytes) -> bytes:
    """Without the NULL of RSA, or with one that ECDSA has not."""
    basic, fields = _fields(item)
    name, *parameters = der.inside(basic, fields[1])
    identifier = der.source(basic, name)
    algorithm = tlv(0x30, identifier + (b"" if parameters else der.NULL))
    first, _, *rest = (der.source(basic, field) for field in fields)
    return _answer(first + algorithm + b"".join(rest))


def _fields(item: bytes) -> tuple[bytes, list[der.Node]]:
    _, box = der.inside(item, der.whole(item))
    (typed,) = der.inside(item, box)
    _, octets = der.inside(item, typed)
    basic = der.content(item, octets)
    return basic, der.inside(basic, der.whole(basic))


def _answer(fields: bytes) -> bytes:
    kind = tlv(0x06, bytes.fromhex("2b0601050507300101"))
    typed = tlv(0x30, kind + tlv(0x04, tlv(0x30, fields)))
    return tlv(0x30, tlv(0x0A, b"\0") + tlv(0xA0, typed))


_ANSWER_BENDS: dict[str, Callable[[bytes], bytes]] = {
    "with a stranger's certificate": lambda i: _brought(i, strangers().root.der),
    "with many of them": lambda i: _brought(i, *[strangers().root.der] * 40),
    "with another spelling of its algorithm": _other_algorithm,
}
