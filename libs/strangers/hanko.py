"""pyHanko's reading of one signed file, turned into facts.

With ``integrity`` the only module that imports pyHanko (pyproject, *key-material*). It
runs in the confined worker and nowhere else. What pyHanko calls *trusted* and *valid*
is never asked: no validation context, no path building, no fetching. Each signature is
read on its own, so that a broken one does not hide the others. Every exception is an
answer: pyHanko raised 33 kinds of them on 244 foreign files. Start at ``read``.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BufferedReader
from itertools import islice
from typing import Any, Final

from asn1crypto import x509  # type: ignore[import-untyped]  # no stubs
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.crypt import AuthStatus
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import (
    DEFAULT_DIFF_POLICY,
    DiffResult,
    ModificationLevel,
)
from pyhanko.sign.fields import enumerate_sig_fields
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko.sign.validation.status import SignatureCoverageLevel

from strangers.certificates import certificate_facts, kind_of
from strangers.facts import (
    MOST_SIGNATURES,
    Coverage,
    Findings,
    Kind,
    Later,
    Signature,
)
from strangers.integrity import (
    MOST_CERTIFICATES,
    certificates_of,
    covers_all_but_itself,
    intact_answer,
    is_timestamp,
    stamp_of,
    stated,
)

Report = Callable[[Findings], None]
MOST_COUNTED: Final = 10_000
"""Signatures that are counted at all: in a hostile file one costs a line."""
_COVERAGE: Final[dict[SignatureCoverageLevel, Coverage]] = {
    SignatureCoverageLevel.ENTIRE_FILE: "file",
    SignatureCoverageLevel.ENTIRE_REVISION: "revision",
}
_LATER: Final[dict[ModificationLevel, Later]] = {
    ModificationLevel.NONE: "none",
    ModificationLevel.LTA_UPDATES: "proofs",
    ModificationLevel.FORM_FILLING: "form",
    ModificationLevel.ANNOTATIONS: "comments",
    ModificationLevel.OTHER: "other",
}


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a signature stands in the file."""

    field: str
    dictionary: Any
    """The form field, or for usage rights a stand-in for one."""
    usage_rights: bool = False


@dataclass(frozen=True, slots=True)
class _Entry:
    """A signature at its place; ``embedded`` is None if its inside cannot be read."""

    place: _Place
    embedded: EmbeddedPdfSignature | None

    @property
    def revision(self) -> int:
        return MOST_COUNTED if self.embedded is None else self.embedded.signed_revision


def read(stream: BufferedReader, report: Report) -> None:
    """Report what the file says of its signatures; the last report counts.

    The difference analysis may outlast the clock, so what is cheap is reported first.
    """
    try:
        # Not strict: what viewers forgive must not be called unreadable here.
        reader = PdfFileReader(stream, strict=False)
        # The empty password is the one that viewers try before they ask.
        if reader.encrypted and reader.decrypt(b"").status is AuthStatus.FAILED:
            report(Findings(outcome="encrypted"))
            return
        places = list(islice(_places(reader), MOST_COUNTED))
    except MemoryError:
        # The wall's bound on memory, and no statement about the file.
        report(Findings(outcome="too-much"))
        return
    except Exception:  # noqa: BLE001 - a file that pyHanko cannot read says so
        report(Findings(outcome="unreadable"))
        return
    if not places:
        report(Findings(outcome="none"))
        return
    explained = places[:MOST_SIGNATURES]
    entries = sorted(
        (_entry(reader, place) for place in explained), key=lambda one: one.revision
    )
    more = len(places) - len(entries)
    store = _store_certificates(reader)
    cheap = tuple(_signature(reader, one, store) for one in entries)
    report(Findings(outcome="read", signatures=cheap, more=more, whole=False))
    compared = tuple(map(_with_later, entries, cheap))
    report(Findings(outcome="read", signatures=compared, more=more))


def _places(reader: PdfFileReader) -> Iterator[_Place]:
    for name, _, field in enumerate_sig_fields(reader, filled_status=True):
        yield _Place(str(name), field)
    permissions = reader.root.get("/Perms", {})
    for key in ("/UR3", "/UR"):
        if key in permissions:
            # Usage rights have no field; pyHanko asks a field for nothing but /V.
            value = permissions.raw_get(key)
            stand_in = generic.DictionaryObject()  # type: ignore[no-untyped-call]
            stand_in["/V"] = value
            yield _Place("", stand_in, usage_rights=True)


def _entry(reader: PdfFileReader, place: _Place) -> _Entry:
    try:
        return _Entry(
            place, EmbeddedPdfSignature(reader, place.dictionary, place.field)
        )
    except Exception:  # noqa: BLE001 - one broken signature must not hide the others
        return _Entry(place, None)


def _signature(
    reader: PdfFileReader, entry: _Entry, store: list[x509.Certificate]
) -> Signature:
    embedded = entry.embedded
    if embedded is None:
        kind: Kind = "usage-rights" if entry.place.usage_rights else "signature"
        return Signature(kind=kind, field=entry.place.field, reason="broken")
    signer, others = certificates_of(embedded.signed_data)
    intact, reason = intact_answer(reader, embedded)
    return Signature(
        kind=_kind(entry, embedded, signer),
        field=entry.place.field,
        signer=signer and stated(lambda: certificate_facts(signer, [*others, *store])),
        claimed_at=stated(lambda: embedded.self_reported_timestamp),
        stamp=stamp_of(embedded, store),
        intact=intact,
        reason=reason,
        coverage=_coverage(reader, embedded),
        later_revisions=max(0, reader.xrefs.total_revisions - 1 - entry.revision),
        docmdp=_docmdp(embedded),
        purpose=_text(embedded, "/Reason"),
        place=_text(embedded, "/Location"),
    )


def _kind(
    entry: _Entry, embedded: EmbeddedPdfSignature, signer: x509.Certificate | None
) -> Kind:
    if entry.place.usage_rights:
        return "usage-rights"
    if is_timestamp(embedded):
        return "document-timestamp"
    return stated(lambda: kind_of(signer)) or "signature"


def _coverage(reader: PdfFileReader, embedded: EmbeddedPdfSignature) -> Coverage:
    if not covers_all_but_itself(reader, embedded):
        return "part"
    try:
        level = embedded.evaluate_signature_coverage()
        # The difference analysis below starts from what stands here.
        embedded.coverage = level  # type: ignore[assignment]
        coverage = _COVERAGE.get(level, "part")
    except Exception:  # noqa: BLE001 - a hostile table of objects
        return "unsaid"
    if coverage == "revision" and reader.xrefs.hybrid_xrefs_present:
        # Two tables of objects in one file: what a revision holds is up to the reader.
        return "unsaid"
    return coverage


def _with_later(entry: _Entry, facts: Signature) -> Signature:
    """The facts with what came after the signature, which pyHanko's difference analysis
    tells; what it calls *other* may be harmless.
    """
    if facts.coverage == "file":
        return facts.model_copy(update={"later": "none"})
    if entry.embedded is None or facts.coverage != "revision":
        return facts
    try:
        result = entry.embedded.evaluate_modifications(DEFAULT_DIFF_POLICY)
    except Exception:  # noqa: BLE001 - see read()
        return facts
    later: Later = "other"
    if isinstance(result, DiffResult):
        later = _LATER[result.modification_level]
    return facts.model_copy(update={"later": later})


def _store_certificates(reader: PdfFileReader) -> list[x509.Certificate]:
    """The certificates of the document security store, where long-lived signatures keep
    their chains.
    """
    try:
        streams = reader.root["/DSS"]["/Certs"]
        return [
            x509.Certificate.load(stream.get_object().data)
            for stream in islice(streams, MOST_CERTIFICATES)
        ]
    except Exception:  # noqa: BLE001 - most files have none
        return []


def _docmdp(embedded: EmbeddedPdfSignature) -> int:
    level = stated(lambda: embedded.docmdp_level)
    return int(level.value) if level is not None else 0


def _text(embedded: EmbeddedPdfSignature, key: str) -> str:
    value = stated(lambda: embedded.sig_object.get(key))
    return str(value) if isinstance(value, generic.TextStringObject) else ""
