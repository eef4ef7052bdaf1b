"""Level B-LTA, and what can be done to its document timestamp and longer store."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256

from cryptography.x509.oid import ExtendedKeyUsageOID

from support.forging.base import CLAUSE as CLAUSE_NUMBER
from support.forging.base import FORM as FORM_NUMBER
from support.forging.base import SEAL
from support.forging.case import Case, Forgery, case
from support.forging.copy import ROOM, SIGNED_AT, Bodies, Copy, append, good, grow
from support.forging.hands import HOUR, MINUTE
from support.forging.pki import Entity, Stamping, answer, ours, strangers

OTHER_TSA = Entity("TSA 2", ours().tsa_root, usage=[ExtendedKeyUsageOID.TIME_STAMPING])
"""Pinned by its chain, and none of the signatures' authorities."""
FORM, CLAUSE = b"[ 5 0 R 6 0 R ]", b"[ 5 0 R 6 0 R %d 0 R ]"
STORE = re.compile(rb"\b(\d+) 0 obj\n(<</Type/DSS/Certs\[[^>]*>>)\nendobj\n")


@dataclass
class Archived:
    """A copy at B-LTA as it should be; a forger changes a field."""

    stamping: Stamping = field(
        default_factory=lambda: Stamping(ours().tsa, SIGNED_AT + MINUTE)
    )
    subfilter: bytes = b"ETSI.RFC3161"
    range: Callable[[int, int, int], tuple[int, int, int]] = lambda a, b, c: (a, b, c)
    bodies: Callable[[Bodies], Bodies] = list
    wider: tuple[tuple[bytes, bytes], ...] = ()
    """List and item, of a store revision behind the timestamp."""
    wider_bodies: Callable[[Bodies], Bodies] = list

    def write(self) -> bytes:
        made, number = waiting()
        data = self._stamped(made, number)
        return self._widened(data) if self.wider else data

    def _stamped(self, made: Copy, waiting_field: int) -> bytes:
        before = made.write()
        number = _next(before)
        dictionary = (
            b"<</Type/DocTimeStamp/Filter/Adobe.PPKLite/SubFilter/%b/ByteRange[%b]"
            b"/Contents<%b>>>" % (self.subfilter, b" " * 43, b"0" * ROOM * 2)
        )
        text = grow(made.objects[waiting_field], b"/V %d 0 R" % number)
        bodies = self.bodies([(number, dictionary), (waiting_field, text)])
        return self._filled(append(before, bodies), len(before))

    def _filled(self, data: bytes, start: int) -> bytes:
        hole = re.compile(rb"/Contents<(0+)>").search(data, start)
        assert hole
        a, b = hole.start(1) - 1, hole.end(1) + 1
        at = data.index(b"/ByteRange[", start) + len(b"/ByteRange[")
        ranges = b"0 %d %d %d" % self.range(a, b, len(data) - b)
        data = data[:at] + ranges.ljust(43) + data[at + 43 :]
        token = self.stamping.token(data[:a] + data[b:]).hex().encode()
        return data[: a + 1] + token.ljust(ROOM * 2, b"0") + data[b - 1 :]

    def _widened(self, data: bytes) -> bytes:
        found = STORE.search(data)
        assert found
        text, first = found[2], _next(data)
        for number, (listed, _) in enumerate(self.wider, first):
            end = text.index(b"]", text.index(b"/%b[" % listed))
            text = text[:end] + b"%d 0 R " % number + text[end:]
        items = [
            b"<</Length %d>>\nstream\n%b\nendstream" % (len(item), item)
            for _, item in self.wider
        ]
        bodies = [(int(found[1]), text), *enumerate(items, first)]
        return append(data, self.wider_bodies(bodies))


def waiting() -> tuple[Copy, int]:
    """A B-LT copy whose form has a third, empty field, and that field's number."""
    made = good(level="B-LTA")
    number = max(made.objects) + 1
    seal = made.objects[SEAL]
    made.objects[number] = seal.replace(b"(Seal)", b"(Timestamp)").replace(
        b"[ 318 324 538 494 ]", b"[ 0 0 0 0 ]"
    )
    for holder in (FORM_NUMBER, CLAUSE_NUMBER):
        made.objects[holder] = made.objects[holder].replace(FORM, CLAUSE % number)
    return made, number


def _next(data: bytes) -> int:
    return int(re.findall(rb"/Size (\d+)", data)[-1])


def proofs(**facts: object) -> tuple[tuple[bytes, bytes], ...]:
    """Certificate and answer of the other authority."""
    ocsp = answer(OTHER_TSA, **{"responder": ours().tsa_responder, **facts})
    return (b"Certs", OTHER_TSA.der), (b"OCSPs", ocsp)


def other(**changes: object) -> Archived:
    """Stamped by an authority that no signature's token is of."""
    stamping = Stamping(OTHER_TSA, SIGNED_AT + MINUTE)
    return Archived(**{"stamping": stamping, "wider": proofs(), **changes})


def _made(archived: Archived) -> Callable[[], Case]:
    return lambda: case(archived.write(), level="B-LTA")


def _stamp(**facts: object) -> Archived:
    given = {"tsa": ours().tsa, "at": SIGNED_AT + MINUTE, **facts}
    return Archived(stamping=Stamping(**given))


def _emptied(bodies: Bodies) -> Bodies:
    number, text = bodies[0]
    return [(number, re.sub(rb"Certs\[\d+ 0 R ", b"Certs[", text)), *bodies[1:]]


STRAY = b"<</Length 1>>\nstream\nx\nendstream"
PAGE = (18, b"<< /Type /Page >>")

ARCHIVAL = [
    Forgery(
        "stamp of something else", "timestamp-imprint", _made(_stamp(imprint=b"x" * 32))
    ),
    Forgery(
        "stamp of a signature",
        "timestamp-imprint",
        _made(_stamp(imprint=sha256(b"a signature's value").digest())),
    ),
    Forgery("stranger's stamp", "chain", _made(_stamp(tsa=strangers().tsa))),
    Forgery(
        "stamp of another hour", "timestamp-time", _made(_stamp(at=SIGNED_AT + HOUR))
    ),
    Forgery(
        "stamp on a stamp",
        "document-timestamp",
        _made(Archived(subfilter=b"ETSI.CAdES.detached")),
    ),
    Forgery(
        "stamp of less",
        "byte-range",
        _made(Archived(range=lambda a, b, c: (a, b, c - 1))),
    ),
    Forgery(
        "object beside the stamp",
        "changed-object",
        _made(Archived(bodies=lambda b: [*b, (_after(b), STRAY)])),
    ),
    Forgery(
        "page with the stamp",
        "changed-object",
        _made(Archived(bodies=lambda b: [*b, PAGE])),
    ),
    Forgery(
        "stamp without its field",
        "changed-object",
        _made(Archived(bodies=lambda b: b[:1])),
    ),
    Forgery("stamp without proofs", "revision-count", _made(other(wider=()))),
    Forgery(
        "proofs that were there",
        "revision-count",
        _made(
            Archived(
                wider=((b"OCSPs", answer(ours().seal, responder=ours().responder)),)
            )
        ),
    ),
    Forgery("store wiped", "security-store", _made(other(wider_bodies=_emptied))),
    Forgery(
        "item that nobody lists",
        "security-store",
        _made(other(wider_bodies=lambda b: [*b, (b[-1][0] + 1, STRAY)])),
    ),
    Forgery(
        "page with the store",
        "changed-object",
        _made(other(wider_bodies=lambda b: [*b, PAGE])),
    ),
    Forgery(
        "stamped by the revoked",
        "revoked",
        _made(other(wider=proofs(status="REVOKED"))),
    ),
    Forgery(
        "no answer for the stamp",
        "revocation-missing",
        _made(other(wider=proofs()[:1])),
    ),
    Forgery(
        "stranger in the longer store",
        "store-certificates",
        _made(other(wider=((b"Certs", strangers().tsa.der), *proofs()))),
    ),
    Forgery(
        "never stamped",
        "revision-count",
        lambda: case(waiting()[0].write(), level="B-LTA"),
    ),
    Forgery("no field to stamp", "form", lambda: case(_fieldless(), level="B-LTA")),
    Forgery("stamped unasked", "revision-count", lambda: case(Archived().write())),
    Forgery("a field too many", "form", lambda: case(waiting()[0].write())),
    Forgery(
        "more than ordered", "revision-count", lambda: case(good().write(), level="B-T")
    ),
]


def _after(bodies: Bodies) -> int:
    return max(number for number, _ in bodies) + 1


def _fieldless() -> bytes:
    """A good B-LT copy with a stamp that fills the seal's field once more."""
    data = good().write()
    return append(data, [(_next(data), b"<</Type/DocTimeStamp>>")])
