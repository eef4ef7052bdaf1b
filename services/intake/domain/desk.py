"""The clerk's moves on one document: pure, guarded, each with its line of audit.

The certifier's moves are in ``certifying``. Each function takes a record and returns
the next one; nothing is stored here. Start at ``submit``.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Final

from intake.domain import pictures, states
from intake.domain.files import StoredFile
from intake.domain.people import Actor
from intake.domain.records import Case, CaseDocument, Conflict, Note, Original, Outcome
from intake.domain.states import Move, NotAllowed

MOST_PLACES: Final = 1000
"""The most places reserved at once: more files than a hand drops on a page."""
MACHINE: Final = Actor(user="", name="", agency="")


def check_version(document: CaseDocument, version: int) -> None:
    """Raises Conflict if the form was made from an older version."""
    if document.version != version:
        raise Conflict(document.changed_by, document.changed_at)


def check_case_version(case: Case, version: int) -> None:
    """Raises Conflict if a form about the whole case is older than the case."""
    if case.version != version:
        raise Conflict(case.changed_by, case.changed_at)


def note(
    document: CaseDocument, action: str, by: Actor, at: datetime, **values: str | int
) -> Note:
    return Note(
        at=at,
        actor=by.user,
        actor_name=by.name,
        agency=document.agency,
        action=action,
        case=document.case,
        document=document.ordinal,
        address=by.address,
        values=values,
    )


def touched(document: CaseDocument, by: Actor, at: datetime) -> CaseDocument:
    """The next version, by a person: forms made before it are stale."""
    return replace(
        document, version=document.version + 1, changed_by=by.name, changed_at=at
    )


def brought(document: CaseDocument, by: Actor) -> CaseDocument:
    """The document with *by* noted among those who had its scan in hand."""
    return replace(document, brought_by=tuple(sorted({*document.brought_by, by.user})))


def takes_papers(documents: Iterable[CaseDocument]) -> bool:
    """A case whose papers have all ended takes no more: its fee, its due hour and what
    the citizen was given stand. While one is still open, another may join it.
    """
    return any(document.state in states.OPEN for document in documents)


def check_editable(document: CaseDocument) -> None:
    if document.state not in states.EDITABLE:
        raise NotAllowed("error.not-editable", state=document.state)


def check_room(document: CaseDocument, most: int) -> None:
    """Raises NotAllowed if the document holds as many files as it may. Those that were
    refused or removed count, too: they are evidence that stays.
    """
    if len(document.files) >= most:
        raise NotAllowed("error.document-full", most=most)


def add_file(
    document: CaseDocument, file: StoredFile, by: Actor, at: datetime, *, most: int
) -> Outcome:
    """A raw file has arrived whole; the comparison made before does not hold for it.

    It takes the place that was reserved for it, whatever arrived before, or the next
    one if it has none. The same bytes at a place that is taken are the same file, sent
    again after an answer was lost; it is answered as before, also once the document
    takes no files any more. So is a file with the id of one that is there: an upload
    that was completed twice.
    """
    if any(known.id == file.id for known in document.files):
        return Outcome(document)
    there = at_place(document, file.position)
    if there is not None and there.raw == file.raw and there.state != "removed":
        return Outcome(document)
    check_editable(document)
    check_room(document, most)
    reserved = there is None and 1 <= file.position <= document.places
    places = document.places if reserved else _last_place(document) + 1
    placed = replace(file, position=file.position if reserved else places)
    files = sorted((*document.files, placed), key=lambda f: f.position)
    after = replace(uncompared(document), files=tuple(files), places=places)
    return Outcome(
        touched(brought(after, by), by, at),
        (note(document, "file-received", by, at, file=file.id, size=file.raw.size),),
    )


def at_place(document: CaseDocument, place: int) -> StoredFile | None:
    """The file that has this place, if one has arrived."""
    return next((f for f in document.files if f.position == place), None)


def reserve(document: CaseDocument, count: int) -> tuple[Outcome, int]:
    """Places in the clerk's order for files that are about to be sent, and the first
    of them. A place that stays empty leaves no hole: places only order.
    """
    check_editable(document)
    if not 1 <= count <= MOST_PLACES:
        raise NotAllowed("error.too-many-files", most=MOST_PLACES)
    first = _last_place(document) + 1
    reserved = replace(document, places=first + count - 1)
    return Outcome(reserved), first


def settle_file(document: CaseDocument, file: StoredFile, at: datetime) -> Outcome:
    """The file is good, or refused with its reason, as the rebuild found.

    Safe to repeat: a file that is settled stays as it is.
    """
    known = next((f for f in document.files if f.id == file.id), None)
    if known is None or known.state != "busy":
        return Outcome(document)
    settled = replace(file, position=known.position)
    files = tuple(settled if f.id == file.id else f for f in document.files)
    after = replace(document, files=files, version=document.version + 1)
    if settled.part is not None:
        return Outcome(after)
    refused = note(
        document, "file-refused", MACHINE, at, file=file.id, reason=file.fault or ""
    )
    return Outcome(after, (refused,))


def remove_file(
    document: CaseDocument, file: str, version: int, by: Actor, at: datetime
) -> Outcome:
    """The document without the file; its bytes stay as evidence until their purge."""
    if any(f.id == file and f.state == "removed" for f in document.files):
        return Outcome(document)
    check_version(document, version)
    check_editable(document)
    files = tuple(
        replace(f, state="removed") if f.id == file else f for f in document.files
    )
    if files == document.files:
        raise NotAllowed("error.no-such-file")
    _check_all_here(document, file)
    after = replace(uncompared(document), files=files)
    removed = note(document, "file-removed", by, at, file=file)
    return Outcome(touched(after, by, at), (removed,))


def _check_all_here(document: CaseDocument, file: str) -> None:
    """Raises NotAllowed while a page of the file lies in another paper: it would go
    there, unseen by whoever compared it.
    """
    known = next(f for f in document.files if f.id == file)
    here = sum(page.id.file == file for page in document.laid)
    if known.part is not None and here < len(known.part.manifest):
        raise NotAllowed("error.pages-elsewhere", name=document.shown_names[file])


def compare(
    document: CaseDocument,
    version: int,
    pages: tuple[str, ...],
    by: Actor,
    at: datetime,
) -> Outcome:
    """A named person has held the paper original beside these pages.

    *pages* are the digests that the person's screen showed. Raises NotAllowed if they
    are not the document's, in its order.
    """
    again = document.compared_by == by.user and document.compared_pages == pages
    if again and document.state in states.EDITABLE:
        return Outcome(document)
    check_version(document, version)
    check_editable(document)
    missing = set(blockers(document)) - {"not-compared"}
    if missing:
        raise NotAllowed(f"error.{min(missing)}")
    if pages != document.page_digests:
        raise NotAllowed("error.pages-changed")
    after = replace(
        document,
        compared_by=by.user,
        compared_by_name=by.name,
        compared_at=at,
        compared_pages=pages,
    )
    return Outcome(
        touched(after, by, at),
        (note(document, "compared", by, at, pages=len(document.pages)),),
    )


def blockers(document: CaseDocument) -> tuple[str, ...]:
    return states.short_of_submission(
        files_busy=sum(f.state == "busy" for f in document.files),
        pages=len(document.pages),
        declared=document.paper.pages,
        compared=document.compared_by is not None
        and document.compared_pages == document.page_digests,
    )


def check_submittable(document: CaseDocument, version: int) -> None:
    """Raises Conflict or NotAllowed; what is left to do is join the parts."""
    check_version(document, version)
    states.moved(document.state, Move.SUBMIT)
    missing = blockers(document)
    if missing:
        raise NotAllowed(f"error.{missing[0]}")


def submit(
    document: CaseDocument, original: Original, version: int, by: Actor, at: datetime
) -> Outcome:
    """The document at the certifier's, its original joined from the compared pages."""
    check_submittable(document, version)
    if pictures.digests(original.manifest) != document.compared_pages:
        raise NotAllowed("error.pages-changed")
    after = replace(
        document, state=states.moved(document.state, Move.SUBMIT), original=original
    )
    return Outcome(
        touched(brought(after, by), by, at),
        (note(document, "submitted", by, at, pages=len(original.manifest)),),
    )


def _last_place(document: CaseDocument) -> int:
    return max((document.places, *(f.position for f in document.files)))


def uncompared(document: CaseDocument) -> CaseDocument:
    return replace(
        document,
        compared_by=None,
        compared_by_name=None,
        compared_at=None,
        compared_pages=(),
    )
