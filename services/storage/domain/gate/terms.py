"""The order that a copy would answer to, as the copy itself states it: nothing of it is
proven, the gate then judges the file against it.

Whether the file then answers to it is judged as for any order, in ``story``. Start at
``read_terms`` (docs/decisions/0054).
"""

import re
from datetime import datetime
from html import unescape
from typing import Any, Final, Literal, TypeAlias, TypeVar

from pydantic import BaseModel, TypeAdapter

from ecopy.events import Agency, CertificationOrdered, Clause, Level, Officer
from ecopy.identifiers import EntryId, ObjectRef
from storage.domain.gate.cms.frame import OURS, read_frame
from storage.domain.gate.cms.signed_data import unpad
from storage.domain.gate.pdf.base_revision import CATALOG
from storage.domain.gate.pdf.manifests import read_manifest
from storage.domain.gate.pdf.objects import View, resolve
from storage.domain.gate.pdf.shape import Revision
from storage.domain.gate.pdf.streams import inflate
from storage.domain.gate.pdf.tokens import Dictionary
from storage.domain.gate.pki.trust import Trust, TrustedIdentity
from storage.domain.gate.refusal import refuse, require
from storage.domain.gate.words.elements import Element, read_elements
from storage.domain.gate.words.found import find_words
from storage.domain.gate.words.letters import claim_letters

M = TypeVar("M", bound=BaseModel)
Role: TypeAlias = Literal["officer", "seal"]

SIGNED_REVISIONS: Final = 3
"""Base, officer's signature, seal: what the two signatures cover."""
ARCHIVAL_FIELDS: Final = 3
_MOMENT: Final = re.compile(rb"\(D:(\d{14})\+07'00'\)")
_NAMED: Final = re.compile(r"<dc:identifier>([^<]{1,200})</dc:identifier>")
_TITLED: Final = re.compile(
    r'<rdf:li xml:lang="x-default">Bản sao chứng thực số ([^<]{1,200})</rdf:li>'
)
_WRITER: Final = re.compile(
    r"<xmp:CreatorTool>ecopy(?: ([23]) (clause/\d))?</xmp:CreatorTool>"
)
"""Which dialect and layout a copy says it is written in; nothing means the first."""
_LAYOUTS: Final = {b"[80 324 300 494]": "clause/1", b"[80 382 300 552]": "clause/3"}
"""One layout for each place of the officer's field (docs/dialect.md §2.4)."""
_ENTRY: Final = TypeAdapter(EntryId)


def read_terms(revisions: list[Revision], trust: Trust) -> CertificationOrdered:
    """The order that this file would answer to. What no file can say is left out: a
    check that asks for it is one that needs the real order.
    """
    view = revisions[0].objects
    catalog = resolve(view, CATALOG, "catalog").dictionary()
    packet = resolve(view, catalog[b"/Metadata"], "metadata").body().decode()
    officer, signed_at = _signer(revisions[1], trust, "officer")
    seal, sealed_at = _signer(revisions[2], trust, "seal")
    terms = _partly(
        CertificationOrdered,
        dialect=1,
        entry=_ENTRY.validate_python(_word(_NAMED, packet, "entry-not-as-ordered")),
        clause=_partly(
            Clause,
            template=_template(view, catalog),
            number=_word(_TITLED, packet, "metadata"),
        ),
        level=_level(view, catalog, len(revisions)),
        manifest=read_manifest(view, catalog),
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
    writer = _WRITER.search(packet)
    if writer is None:
        refuse("metadata", "writer")
    if writer[1] is None:
        return terms
    return _with_words(terms, view, writer[2], dialect=int(writer[1]))


def _with_words(
    terms: CertificationOrdered, view: View, template: str, *, dialect: int
) -> CertificationOrdered:
    """The terms of a copy in dialect 2 or later, with the words that its clause page
    shows: the gate then asks that margins, QR code and metadata say the same.
    """
    words = find_words(_clause_elements(view), template)
    clause = {
        "template": template,
        "statement": words.statement,
        "book": words.book,
        "date": words.day,
    }
    officer = {"name": words.officer, "title_lines": words.title_lines}
    agency = {"name_lines": words.agency_lines, "place": words.place}
    return terms.model_copy(
        update={
            "dialect": dialect,
            "clause": terms.clause.model_copy(update=clause),
            "officer": terms.officer.model_copy(update=officer),
            "agency": terms.agency.model_copy(update=agency),
            "original": _partly(ObjectRef, sha256=words.original_sha256),
            "code": words.code,
            "public_host": words.public_host,
            "demo": words.demo,
        }
    )


def _clause_elements(view: View) -> list[Element]:
    """What the last page draws."""
    catalog = resolve(view, CATALOG, "catalog").dictionary()
    intents = catalog[b"/OutputIntents"]
    if not isinstance(intents, list) or len(intents) != 1:
        refuse("output-intent", "not one")
    letters, _ = claim_letters(view, intents[0], set())
    kids = resolve(view, catalog[b"/Pages"], "page-tree").dictionary()[b"/Kids"]
    if not isinstance(kids, list) or not kids:
        refuse("page-tree", "Kids")
    page = resolve(view, kids[-1], "page-tree").dictionary()
    drawn = resolve(view, page[b"/Contents"], "clause-page")
    return read_elements(inflate(drawn, "clause-page"), letters, "clause-page")


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
    """The level, told by the fields that wait and the revisions that came.

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


def _signer(
    revision: Revision, trust: Trust, role: Role
) -> tuple[TrustedIdentity, datetime]:
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
