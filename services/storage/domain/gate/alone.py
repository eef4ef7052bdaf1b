"""A copy judged without intake's order: does it hold by itself?

A catalogue can be lost or older than the copies that people hold. Such a copy still
says what was ordered: which entry, which pages and images, whose keys. These terms are
read here without trust in them, and then the gate judges the file against them: it
refuses every file that is not, byte for byte, what our signer makes of such an order.
What only the real order can say (was exactly this ordered?) stays open.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from html import unescape
from itertools import islice
from typing import Any, Final, Literal, TypeAlias, TypeVar

from cryptography.x509.oid import NameOID
from pydantic import BaseModel, TypeAdapter

from ecopy.events import (
    Agency,
    CertificationOrdered,
    Clause,
    Level,
    ManifestPage,
    Officer,
    PageImage,
)
from ecopy.identifiers import EntryId, Sha256
from storage.domain.gate.base import CATALOG
from storage.domain.gate.cms import unpad
from storage.domain.gate.frame import OURS, read_frame
from storage.domain.gate.pages import MARGIN, Originals
from storage.domain.gate.refusal import Refused, refuse, require
from storage.domain.gate.shape import HEADER, Obj, Revision, View, parse, resolve
from storage.domain.gate.story import Passed, gate
from storage.domain.gate.tokens import (
    Buffer,
    Dictionary,
    Value,
    integer,
    numbers,
    reference,
)
from storage.domain.gate.trust import Identity, Trust

M = TypeVar("M", bound=BaseModel)
Role: TypeAlias = Literal["officer", "seal"]

SIGNED_REVISIONS: Final = 3
"""Base, officer's signature, seal: what the two signatures cover."""
ARCHIVAL_FIELDS: Final = 3
MAX_PAGES: Final = 2000
MAX_MARKS: Final = 100_000
"""Objects and entries of tables together: a copy of 2,000 pages has some 20,000."""
MAX_OBJECT_BYTES: Final = 16 << 20
"""Of anything but an image: revocation lists are the largest, some megabytes."""
_MARK: Final = re.compile(rb"\nendobj\n| 00000 n \n")
_MOMENT: Final = re.compile(rb"\(D:(\d{14})\+07'00'\)")
_NAMED: Final = re.compile(r"<dc:identifier>([^<]{1,200})</dc:identifier>")
_TITLED: Final = re.compile(
    r'<rdf:li xml:lang="x-default">Bản sao chứng thực số ([^<]{1,200})</rdf:li>'
)
_PLACED: Final = re.compile(rb"q\n([^\n]{1,200}) cm\n/Im\d+ Do\nQ\n")
_LAYOUTS: Final = {b"[80 324 300 494]": "clause/1", b"[80 382 300 552]": "clause/3"}
"""One layout for each place of the officer's field (docs/dialect.md §2.4)."""
_ENTRY: Final = TypeAdapter(EntryId)


@dataclass(frozen=True, slots=True)
class Alone:
    """What a copy that holds by itself says of its making."""

    entry: EntryId
    number: str
    """The displayed number, as the signed file says it."""
    agency: str
    """Whose seal it is, by the name in the seal's certificate."""
    passed: Passed
    signed_end: int
    """Where the seal's revision ends: what follows is proven, but not signed."""


def hold_alone(data: Buffer, trust: Trust, sha256: Sha256) -> Alone:
    """The copy, if both signatures are ours, cover it as the dialect says and every
    check of the gate holds that needs no order. Raises Refused and nothing else.

    CPU-bound, about twice the time of the gate: run it in a thread.
    """
    try:
        revisions = _revisions(data)
        terms = _terms(data, revisions, trust)
    except Refused:
        raise
    except Exception as error:  # the verifier's edge: unforeseen is refused
        raise Refused("unexpected", repr(error)[:200]) from error
    passed = gate(data, terms, trust, sha256)
    seal = trust.identities[terms.agency.certificate_sha256]
    return Alone(
        terms.entry,
        terms.clause.number,
        _named_in(seal),
        passed,
        revisions[SIGNED_REVISIONS - 1].end,
    )


def _revisions(data: Buffer) -> list[Revision]:
    """The parsed file. Anybody may have made it, so its objects are counted first, and
    only an image may be large.
    """
    require(data[: len(HEADER)] == HEADER, "header")
    marks = islice(_MARK.finditer(data), MAX_MARKS + 1)
    require(sum(1 for _ in marks) <= MAX_MARKS, "too-many-objects")
    revisions = parse(data)
    require(len(revisions) >= SIGNED_REVISIONS, "revision-count", len(revisions))
    for revision in revisions:
        for obj in revision.objects.values():
            small = obj.end - obj.start <= MAX_OBJECT_BYTES
            require(small or _is_image(obj), "object-too-large", obj.number)
    return revisions


def _is_image(obj: Obj) -> bool:
    return obj.dictionary().get(b"/Subtype") == b"/Image"


def _terms(
    data: Buffer, revisions: list[Revision], trust: Trust
) -> CertificationOrdered:
    """The order that this file would answer to. What no file can say is left out: a
    check that asks for it is one that needs the real order.
    """
    view = revisions[0].objects
    catalog = resolve(view, CATALOG, "catalog").dictionary()
    packet = resolve(view, catalog[b"/Metadata"], "metadata").body(data).decode()
    officer, signed_at = _signer(revisions[1], trust, "officer")
    seal, sealed_at = _signer(revisions[2], trust, "seal")
    return _partly(
        CertificationOrdered,
        entry=_ENTRY.validate_python(_word(_NAMED, packet, "entry-not-as-ordered")),
        clause=_partly(
            Clause,
            template=_template(view, catalog),
            number=_word(_TITLED, packet, "metadata"),
        ),
        level=_level(view, catalog, len(revisions)),
        manifest=_manifest(data, view, catalog),
        officer=_partly(
            Officer,
            id=officer.pinned.id,
            version=officer.pinned.version,
            key=officer.pinned.key,
            certificate_sha256=officer.pinned.certificate_sha256,
        ),
        agency=_partly(
            Agency,
            code=seal.pinned.id,
            version=seal.pinned.version,
            key=seal.pinned.key,
            certificate_sha256=seal.pinned.certificate_sha256,
        ),
        approved_at=min(signed_at, sealed_at),
    )


def _partly(model: type[M], **known: Any) -> M:
    """The model with only these fields: to ask for another one is an error."""
    made: M = model.model_construct(None, **known)
    return made


def _word(pattern: re.Pattern[str], packet: str, reason: str) -> str:
    found = pattern.search(packet)
    if found is None:
        refuse(reason, "not named")
    return unescape(found[1])


def _level(view: View, catalog: Dictionary, revisions: int) -> Level:
    """By the fields that wait and the revisions that came.

    A B-LT copy that lost its store looks like a B-T one: only the order, or the
    archived copy, tells them apart.
    """
    form = resolve(view, catalog[b"/AcroForm"], "form").dictionary()
    fields = form[b"/Fields"]
    if isinstance(fields, list) and len(fields) == ARCHIVAL_FIELDS:
        return "B-LTA"
    return "B-T" if revisions == SIGNED_REVISIONS else "B-LT"


def _template(view: View, catalog: Dictionary) -> str:
    """A layout that has its first field where this copy has it."""
    form = resolve(view, catalog[b"/AcroForm"], "form").dictionary()
    fields = form[b"/Fields"]
    if not isinstance(fields, list) or not fields:
        refuse("form", "fields")
    place = resolve(view, fields[0], "form").dictionary().get(b"/Rect")
    if type(place) is not bytes or place not in _LAYOUTS:
        refuse("form", "place")
    return _LAYOUTS[place]


def _signer(revision: Revision, trust: Trust, role: Role) -> tuple[Identity, datetime]:
    """The pinned identity whose certificate the revision's signature carries, and the
    hour that the signature shows. The gate then asks for a signature by exactly it.
    """
    fields = _signature(revision, role)
    contents, shown = fields[b"/Contents"], fields[b"/M"]
    if type(contents) is not bytes or type(shown) is not bytes:
        refuse("signature-dictionary", role)
    moment = _MOMENT.fullmatch(shown)
    if moment is None:
        refuse("signature-dictionary", "M")
    frame = read_frame(unpad(contents[1:-1]), OURS)
    pinned = (trust.identities.get(digest.hex()) for digest in frame.certificates)
    ours = [one for one in pinned if one is not None and one.pinned.role == role]
    require(len(ours) == 1, "identity-not-pinned", role)
    return ours[0], datetime.strptime(f"{moment[1].decode()}+0700", "%Y%m%d%H%M%S%z")


def _signature(revision: Revision, role: Role) -> Dictionary:
    """The one signature dictionary that a revision brings."""
    values = [obj.value for obj in revision.objects.values()]
    found = [v for v in values if isinstance(v, dict) and v.get(b"/Type") == b"/Sig"]
    require(len(found) == 1, "signature-missing", role)
    return found[0]


def _manifest(
    data: Buffer, view: View, catalog: Dictionary
) -> tuple[ManifestPage, ...]:
    """The pages before the clause page, as intake would have ordered them."""
    kids = resolve(view, catalog[b"/Pages"], "page-tree").dictionary()[b"/Kids"]
    if not isinstance(kids, list):
        refuse("page-tree", "Kids")
    require(0 < len(kids) <= MAX_PAGES, "page-count", len(kids))
    originals = Originals(data, view)
    return tuple(
        _page(originals, resolve(view, reference(kid, "page-tree"), "page-tree"))
        for kid in kids[:-1]
    )


def _page(originals: Originals, page: Obj) -> ManifestPage:
    fields = page.dictionary()
    rotation = integer(fields.get(b"/Rotate", b"0"), "page-rotation")
    left, bottom, right, top = numbers(fields[b"/MediaBox"], "page-box")
    wider, higher = (MARGIN, 0.0) if rotation in (90, 270) else (0.0, MARGIN)
    content = resolve(originals.view, fields[b"/Contents"], "page-content")
    placed = _PLACED.findall(content.body(originals.data))
    drawn = _below(_below(fields, b"/Resources"), b"/XObject")
    images = tuple(
        _image(originals, drawn.get(b"/Im%d" % at), placement)
        for at, placement in enumerate(placed)
    )
    return ManifestPage.model_validate(
        {
            "width": right - left - wider,
            "height": top - bottom - higher,
            "rotation": rotation,
            "images": images,
        }
    )


def _below(fields: Dictionary, key: bytes) -> Dictionary:
    value = fields.get(key)
    if not isinstance(value, dict):
        refuse("page-content", key)
    return value


def _image(originals: Originals, name: Value | None, placement: bytes) -> PageImage:
    """The image as a manifest describes it; the gate compares it entry by entry."""
    image = resolve(originals.view, name, "image")
    fields = image.dictionary()
    space, palette = _space(fields.get(b"/ColorSpace"))
    return PageImage.model_validate(
        {
            "sha256": originals.digest(image),
            "size": integer(fields.get(b"/Length"), "image"),
            "filter": _name(fields.get(b"/Filter")),
            "width": integer(fields.get(b"/Width"), "image"),
            "height": integer(fields.get(b"/Height"), "image"),
            "bits": integer(fields.get(b"/BitsPerComponent"), "image"),
            "colour_space": space,
            "palette": palette,
            "decode_parms": _parameters(fields.get(b"/DecodeParms")),
            "inverted": b"/Decode" in fields,
            "placement": tuple(float(n) for n in placement.split()),
        }
    )


def _space(value: Value | None) -> tuple[str, str]:
    """The colour space and, of an indexed one, its colours in hexadecimal."""
    if not isinstance(value, list):
        return _name(value), ""
    table = value[-1]
    if type(table) is not bytes:
        refuse("image", "palette")
    return _name(value[0]), table[1:-1].decode()


def _name(value: Value | None) -> str:
    if type(value) is not bytes or value[:1] != b"/":
        refuse("image", "not a name")
    return value[1:].decode()


def _parameters(value: Value | None) -> dict[str, int]:
    if not isinstance(value, dict):
        return {}
    words = {b"true": 1, b"false": 0}
    return {
        _name(key): words[given]
        if type(given) is bytes and given in words
        else _whole(given)
        for key, given in value.items()
    }


def _whole(value: Value) -> int:
    """/K may be negative."""
    if type(value) is not bytes:
        refuse("image", "parameter")
    return int(value)


def _named_in(identity: Identity) -> str:
    """The common name in the certificate that the operator pinned."""
    named = identity.certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(named[0].value) if named else ""
