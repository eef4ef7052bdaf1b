"""Copies in the dialect, written from its page alone: good, or wrong in one chosen way.

Every step can be bent by a forger: the base's objects, each signature's dictionary,
appearance, CMS and token, the store, the tables. The bytes of images and fonts mean
nothing; nobody looks at them here.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from hashlib import sha256

from ecopy.events import (
    CertificationOrdered,
)
from storage.domain.gate.cms.der import oid
from support.forging.base import (
    CATALOG,
    FORM,
    ID,
    OFFICER,
    SEAL,
    Objects,
    assemble,
    base_objects,
    table,
)
from support.forging.order import noise, order
from support.forging.pki import (
    APPROVED,
    HASHES,
    Entity,
    Fields,
    Pki,
    Stamping,
    algorithm,
    answer,
    attribute,
    integer,
    ours,
    revocation_list,
    signed_data,
    signer_info,
    tlv,
)

SIGNED_AT = APPROVED + timedelta(minutes=10)
ROOM = 6000
"""Octets for a CMS."""


def look(seed: str) -> list[bytes]:
    """A pinned group: resources, drawing, font, encoding; {k} are its own objects."""
    drawing = noise(seed, 200)
    return [
        b"<</XObject<</S {1}>>/Font<</T {2}>>>>",
        b"<</Type/XObject/Subtype/Form/BBox[0 0 220 170]/Length %d>>\nstream\n%b\n"
        b"endstream" % (len(drawing), drawing),
        b"<</Type/Font/Subtype/Type0/BaseFont/AAAAAA+D/Encoding {3}>>",
        b"<</Type/CMap/Length 4>>\nstream\nCMap\nendstream",
    ]


def placed(group: Sequence[bytes], first: int) -> list[bytes]:
    """The bodies with their references; streams stay as they are."""

    def put(found: re.Match[bytes]) -> bytes:
        return b"%d 0 R" % (first + int(found[1]))

    out = []
    for body in group:
        head, word, rest = body.partition(b"stream\n")
        out.append(re.sub(rb"\{(\d)\}", put, head) + word + rest)
    return out


def pin(group: Sequence[bytes]) -> str:
    bodies = enumerate(placed(group, 0))
    return sha256(
        b"".join(b"%d 0 obj\n%b\nendobj\n" % pair for pair in bodies)
    ).hexdigest()


DOCMDP = (
    b"/Reference[<</Type/SigRef/TransformMethod/DocMDP/TransformParams"
    b"<</Type/TransformParams/V/1.2/P %d>>>>]"
)
Bodies = list[tuple[int, bytes]]


@dataclass
class Signing:
    """One signature revision, as it should be; a forger changes a field."""

    role: str
    signer: Entity
    chain: Sequence[Entity]
    stamping: Stamping | None
    at: datetime = SIGNED_AT
    shown: str = ""
    """The line of time; empty: as /M."""
    docmdp: int = 0
    group: list[bytes] = field(default_factory=list)
    entries: bytes = b""
    """More of the signature dictionary, before /ByteRange."""
    subfilter: bytes = b"ETSI.CAdES.detached"
    digest: str = "sha256"
    drop: frozenset[str] = frozenset()
    more_attributes: tuple[bytes, ...] = ()
    essential: Entity | None = None
    version: int = 1
    twice: bool = False
    attributes: Callable[[list[bytes]], list[bytes]] = list
    """What is signed, done to the sorted attributes before the key is used."""
    info: Callable[[Fields], Fields] = dict
    """Done to the SignerInfo's fields behind the key's back."""
    body: Callable[[Fields], Fields] = dict
    """Done to the SignedData's fields."""
    content: bytes = b""
    """Encapsulated, where nothing should be."""
    signature: Callable[[bytes], bytes] = bytes
    unsigned: Callable[[bytes], bytes] = bytes
    der: Callable[[bytes], bytes] = bytes
    padding: bytes = b"0"
    upper: bool = False
    bodies: Callable[[Bodies], Bodies] = list
    range: Callable[[int, int, int], tuple[int, int, int]] = lambda a, b, c: (a, b, c)

    @property
    def local(self) -> datetime:
        return self.at + timedelta(hours=7)

    def dictionary(self) -> bytes:
        shown = f"{self.local:%Y%m%d%H%M%S}".encode()
        return (
            b"<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/%b/M(D:%b+07'00')%b%b"
            b"/ByteRange[%b]/Contents<%b>>>"
            % (
                self.subfilter,
                shown,
                DOCMDP % self.docmdp if self.docmdp else b"",
                self.entries,
                b" " * 43,
                b"0" * ROOM * 2,
            )
        )

    def appearance(self, group: int) -> bytes:
        shown = self.shown or f"{self.local:%Y-%m-%dT%H:%M:%S}+07:00"
        body = (
            b"q\n/S Do\nQ\nBT\n/T 7.5 Tf\n0 g\n62 4 Td\n(%b)Tj\nET\n" % shown.encode()
        )
        head = b"<</Type/XObject/Subtype/Form/BBox[0 0 220 170]/Resources %d 0 R"
        return (head + b"/Length %d>>\nstream\n%b\nendstream") % (
            group,
            len(body),
            body,
        )

    def signed_data(self, digest: bytes) -> bytes:
        """ContentInfo over a range with that digest (docs/dialect.md §3)."""
        named = algorithm(HASHES[self.digest][0])
        how = self.signer.algorithm(self.digest)
        whose = sha256((self.essential or self.signer).der).digest()
        known = {
            "content-type": attribute(
                oid("1.2.840.113549.1.9.3"), tlv(6, oid("1.2.840.113549.1.7.1"))
            ),
            "message-digest": attribute(oid("1.2.840.113549.1.9.4"), tlv(4, digest)),
            "signing-certificate": attribute(
                oid("1.2.840.113549.1.9.16.2.47"),
                tlv(0x30, tlv(0x30, tlv(0x30, tlv(4, whose)))),
            ),
            "protection": attribute(
                oid("1.2.840.113549.1.9.52"), tlv(0x30, named, b"\xa1" + how[1:])
            ),
        }
        kept = [value for name, value in known.items() if name not in self.drop]
        attributes = self.attributes(sorted((*kept, *self.more_attributes)))
        value = self.signature(self.signer.sign(tlv(0x31, *attributes), self.digest))
        token = b""
        if self.stamping is not None:
            stamp = self.stamping.token(value)
            kind = oid("1.2.840.113549.1.9.16.2.14")
            token = tlv(0xA1, attribute(kind, stamp))
        fields = self.info(
            signer_info(
                self.signer,
                named,
                attributes,
                how=how,
                value=value,
                unsigned=self.unsigned(token),
            )
        )
        signer = tlv(0x30, *fields.values())
        body = self.body(
            {
                "version": integer(self.version),
                "digests": tlv(0x31, named),
                "content": tlv(0x30, tlv(6, oid("1.2.840.113549.1.7.1")), self.content),
                "certificates": tlv(
                    0xA0, *sorted(e.der for e in (self.signer, *self.chain))
                ),
                "signers": tlv(0x31, signer, signer if self.twice else b""),
            }
        )
        made = signed_data(body)
        return self.der(made)


@dataclass
class Storing:
    """The security store's revision."""

    certificates: list[bytes]
    answers: list[bytes]
    lists: list[bytes]
    entries: bytes = b""
    bodies: Callable[[Bodies], Bodies] = list


@dataclass
class Copy:
    """A copy in the making; ``write`` gives its bytes."""

    pki: Pki
    order: CertificationOrdered
    objects: Objects
    officer: Signing
    seal: Signing
    storing: Storing | None
    identifier: bytes = ID
    base: bytes = b""
    """Instead of the objects."""
    between: Callable[[bytes], bytes] = bytes
    """Done to the file before the store is added."""

    def write(self) -> bytes:
        data = self.base or assemble(self.objects)
        catalog = self.objects[CATALOG]
        for signing in (self.officer, self.seal):
            data, catalog = self._sign(data, catalog, signing)
        data = self.between(data)
        return data if self.storing is None else self._store(data, catalog)

    def _sign(
        self, data: bytes, catalog: bytes, signing: Signing
    ) -> tuple[bytes, bytes]:
        number = next_number(data)
        group = placed(signing.group, number + 1)
        last = number + 1 + len(group)
        field_number = OFFICER if signing.role == "officer" else SEAL
        field_text = grow(
            self.objects[field_number], b"/V %d 0 R/AP<</N %d 0 R>>" % (number, last)
        )
        bodies: Bodies = [
            (number, signing.dictionary()),
            *enumerate(group, number + 1),
            (last, signing.appearance(number + 1)),
            (field_number, field_text),
        ]
        if signing.docmdp:
            catalog = grow(
                catalog,
                b"/Perms<</DocMDP %d 0 R>>/Extensions<</ESIC<</BaseVersion/1.7"
                b"/ExtensionLevel 1>>>>" % number,
            )
            bodies.append((FORM, grow(self.objects[FORM], b"/SigFlags 3")))
            bodies.append((CATALOG, catalog))
        out = append(data, signing.bodies(bodies), self.identifier)
        return _filled(out, len(data), signing), catalog

    def _store(self, data: bytes, catalog: bytes) -> bytes:
        storing, number = self.storing, next_number(data)
        assert storing is not None
        at, text, bodies = number + 1, b"<</Type/DSS", []
        for key, items in (
            (b"Certs", storing.certificates),
            (b"OCSPs", storing.answers),
            (b"CRLs", storing.lists),
        ):
            listed = b"".join(b"%d 0 R " % n for n in range(at, at + len(items)))
            text += b"/%b[%b]" % (key, listed)
            for n, item in enumerate(items, at):
                body = b"<</Length %d>>\nstream\n%b\nendstream" % (len(item), item)
                bodies.append((n, body))
            at += len(items)
        all_bodies: Bodies = [
            (number, text + storing.entries + b">>"),
            *bodies,
            (CATALOG, grow(catalog, b"/DSS %d 0 R" % number)),
        ]
        return append(data, storing.bodies(all_bodies), self.identifier)


def grow(text: bytes, addition: bytes) -> bytes:
    return text.removesuffix(b">>") + addition + b">>"


def next_number(data: bytes) -> int:
    return int(re.findall(rb"/Size (\d+)", data)[-1])


def append(data: bytes, bodies: Bodies, identifier: bytes = ID) -> bytes:
    """One more revision as the dialect has it."""
    out, offsets = bytearray(data), {}
    for n, text in bodies:
        offsets[n] = len(out)
        out += b"%d 0 obj\n%b\nendobj\n" % (n, text)
    at, previous = len(out), int(re.findall(rb"startxref\n(\d+)", data)[-1])
    out += table(offsets, base=False)
    out += b"trailer\n<</Size %d/Root 1 0 R/Info 2 0 R/Prev %d/ID[%b%b]>>\n" % (
        max(next_number(data), max(offsets) + 1),
        previous,
        identifier,
        _second_half(identifier, previous),
    )
    out += b"startxref\n%d\n%%%%EOF\n" % at
    return bytes(out)


def _second_half(first: bytes, before: int) -> bytes:
    """What names the revision in /ID (docs/dialect.md 11)."""
    named = bytes.fromhex(first[1:-1].decode()) + b" %d" % before
    return b"<" + sha256(named).hexdigest()[:32].encode() + b">"


def _filled(data: bytes, start: int, signing: Signing) -> bytes:
    """/ByteRange and /Contents of the revision that begins at ``start``."""
    hole = re.compile(rb"/Contents<(0{%d,})>" % (ROOM * 2 - 1)).search(data, start)
    if hole is None:
        return data
    a, b = hole.start(1) - 1, hole.end(1) + 1
    ranges = b"0 %d %d %d" % signing.range(a, b, len(data) - b)
    at = data.index(b"/ByteRange[", start) + len(b"/ByteRange[")
    data = data[:at] + ranges.ljust(43) + data[at + 43 :]
    digest = sha256(data[:a] + data[b:]).digest()
    text = signing.signed_data(digest).hex()
    text = text.upper() if signing.upper else text
    padded = text.encode().ljust(b - a - 2, signing.padding)
    return data[: a + 1] + padded + data[b - 1 :]


def good(pki: Pki | None = None, **changes: object) -> Copy:
    """A copy as it should be; changes are of the order."""
    pki = pki or ours()
    ordered = order(pki, **changes)
    stamp = Stamping(pki.tsa, SIGNED_AT + timedelta(seconds=1))
    officer = Signing(
        "officer", pki.officer, [pki.issuing], stamp, docmdp=2, group=look("officer")
    )
    seal = Signing("seal", pki.seal, [pki.issuing], stamp, group=look("seal"))
    members = (
        pki.officer,
        *pki.chain,
        pki.tsa,
        pki.tsa_root,
        pki.seal,
        pki.responder,
        pki.tsa_responder,
    )
    answers = [answers_of(pki)[who] for who in ("officer", "tsa", "seal")]
    storing = Storing([e.der for e in members], answers, [list_of(pki)])
    return Copy(pki, ordered, base_objects(ordered), officer, seal, storing)


@cache
def answers_of(pki: Pki) -> dict[str, bytes]:
    return {
        "officer": answer(pki.officer, responder=pki.responder),
        "seal": answer(pki.seal, responder=pki.responder),
        "tsa": answer(pki.tsa, responder=pki.tsa_responder),
    }


@cache
def list_of(pki: Pki) -> bytes:
    return revocation_list(pki.root)


PINS = {"officer": pin(look("officer")), "seal": pin(look("seal"))}
