"""The later revisions, written anew and compared byte for byte: the mirror of signing's
writers (``pdf/increments.py``, ``pdf/signature_revisions.py``).

docs/dialect.md §1, §3, §5. What such a revision may hold follows from the base and a
few values (time, signature, items of the store), so the gate needs no list of allowed
changes: it says what must stand there. Start at ``signed_revision``.
"""

import re
from dataclasses import dataclass
from typing import Final

from storage.domain.gate.pdf.appearance import appearance
from storage.domain.gate.pdf.base_revision import CATALOG, BaseRevision
from storage.domain.gate.pdf.objects import View
from storage.domain.gate.pdf.pinned import has_pin
from storage.domain.gate.pdf.shape import Revision
from storage.domain.gate.pdf.tokens import Buffer
from storage.domain.gate.refusal import refuse, require

_REFERENCE: Final = (
    rb"/Reference\[<</Type/SigRef/TransformMethod/DocMDP"
    rb"/TransformParams<</Type/TransformParams/V/1\.2/P 2>>>>\]"
)
# A regular expression, because the whole object is fixed but for these groups. The
# /ByteRange has 43 characters, padded: the writer fills it in after the file is laid
# out.
_SIGNATURE: Final = re.compile(
    rb"\d+ 0 obj\n<</Type/Sig/Filter/Adobe\.PPKLite/SubFilter/ETSI\.CAdES\.detached"
    rb"/M\(D:(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)\+07'00'\)"
    rb"(?P<reference>" + _REFERENCE + rb")?"
    rb"/ByteRange\[(?=[^\]]{43}\])0 (?P<a>\d+) (?P<b>\d+) (?P<c>\d+) *\]"
    rb"/Contents<(?P<hex>[0-9a-f]++)>>>\nendobj\n"
)
_PERMISSIONS: Final = (
    b"/Perms<</DocMDP %d 0 R>>/Extensions<</ESIC<</BaseVersion/1.7/ExtensionLevel 1>>>>"
)


@dataclass(frozen=True, slots=True)
class CopySoFar:
    """A copy up to some revision, as far as the gate has followed it."""

    data: Buffer
    view: View
    catalog: bytes
    """Source text of the catalog as it now stands."""
    size: int
    """The next free number."""


@dataclass(frozen=True, slots=True)
class ContentsGap:
    """A /Contents: its CMS in hexadecimal, its place, and where its range ends."""

    start: int
    end: int
    revision_end: int
    hexadecimal: bytes
    shown_at: str = ""
    """/M as ISO 8601, with +07:00; a document timestamp has none."""


def begin(data: Buffer, base: BaseRevision) -> CopySoFar:
    view = base.view
    return CopySoFar(data, view, view[CATALOG].text(), max(view) + 1)


def signed_revision(
    before: CopySoFar,
    revision: Revision,
    base: BaseRevision,
    *,
    officer: bool,
    pin: str,
) -> tuple[CopySoFar, ContentsGap]:
    """One signature, its appearance, its field; the officer's also certifies."""
    # New objects first, in the writer's order: signature, the drawing's group, the form
    # that shows it. Then those that change: the field, and for the officer's signature,
    # which certifies the document (DocMDP), the AcroForm and the catalog.
    number, found = before.size, list(revision.objects)
    last = number + len(found) - (4 if officer else 2)
    require(number in revision.objects, "signature-missing", number)
    gap = _gap(before.data, revision, number, officer=officer)
    group = range(number + 1, last)
    field = base.officer if officer else base.seal
    grown = {field: b"/V %d 0 R/AP<</N %d 0 R>>" % (number, last)}
    if officer:
        grown[base.form] = b"/SigFlags 3"
        grown[CATALOG] = _PERMISSIONS % number
    require(found == [number, *group, last, *grown], "changed-object", found[-4:])
    require(group, "appearance-pin", "empty")
    pinned = has_pin([revision.objects[n] for n in group], pin)
    require(pinned, "appearance-pin", number)
    shown = appearance(group[0], gap.shown_at.encode())
    text = revision.objects[last].text()
    require(text == shown, "appearance", last)
    return changed_copy(before, revision, grown), gap


def _gap(
    data: Buffer, revision: Revision, number: int, *, officer: bool
) -> ContentsGap:
    """§12.8.1: two ranges, all of the file so far but the one /Contents string."""
    obj = revision.objects[number]
    match = _SIGNATURE.fullmatch(data, obj.start, obj.end)
    if match is None:
        refuse("signature-dictionary", number)
    require(bool(match["reference"]) == officer, "docmdp", number)
    start, end = gap_of(match, revision, number)
    year, month, day, hour, minute, second = (
        part.decode() for part in match.groups()[:6]
    )
    shown_at = f"{year}-{month}-{day}T{hour}:{minute}:{second}+07:00"
    return ContentsGap(start, end, revision.end, match["hex"], shown_at)


def gap_of(match: re.Match[bytes], revision: Revision, number: int) -> tuple[int, int]:
    """Where the /Contents stands; the /ByteRange leaves out it and nothing else."""
    start, end = match.start("hex") - 1, match.end("hex") + 1
    ranges = int(match["a"]), int(match["b"]), int(match["c"])
    require(ranges == (start, end, revision.end - end), "byte-range", number)
    require((end - start) % 2 == 0, "signature-dictionary", "half an octet")
    return start, end


def changed_copy(
    before: CopySoFar, revision: Revision, grown: dict[int, bytes]
) -> CopySoFar:
    """The copy with this revision, once each changed object is found to be its old text
    plus the expected addition; *grown* has the additions by object number.
    """
    data, catalog = before.data, before.catalog
    for number, addition in grown.items():
        # Entries are only added, before the closing ``>>``: nothing that an earlier
        # signature covers can be told otherwise by a later object of the same number.
        old = catalog if number == CATALOG else before.view[number].text()
        new = old[:-2] + addition + b">>"
        require(revision.objects[number].text() == new, "changed-object", number)
        catalog = new if number == CATALOG else catalog
    view = before.view | revision.objects
    return CopySoFar(data, view, catalog, max(view) + 1)
