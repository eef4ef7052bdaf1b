"""The files of one paper: each at its place, settled by the rebuild, removed by hand.

Places are the clerk's order; a file that was refused or removed stays as evidence. How
the pages lie that come out of them is in ``arranging``. Start at ``add_file``.
"""

from dataclasses import replace
from datetime import datetime
from typing import Final

from intake.domain.arranging import page_id
from intake.domain.desk import (
    MACHINE,
    brought,
    check_editable,
    check_version,
    note,
    touched,
    uncompared,
)
from intake.domain.files import StoredFile
from intake.domain.people import Actor
from intake.domain.records import CaseDocument, Outcome
from intake.domain.states import NotAllowed

MOST_PLACES: Final = 1000
"""The most places reserved at once: more files than a hand drops on a page."""


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
    places = document.places if reserved else last_place(document) + 1
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
    first = last_place(document) + 1
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
    gone = {file, *_made_of(document, file)}
    files = tuple(
        replace(f, state="removed") if f.id in gone else f for f in document.files
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
    mine = {file, *_made_of(document, file)}
    parts = [f.part for f in document.files if f.id in mine and f.part is not None]
    here = sum(page.id.file in mine for page in document.laid)
    if here < sum(len(part.manifest) for part in parts):
        raise NotAllowed("error.pages-elsewhere", name=document.shown_names[file])


def _made_of(document: CaseDocument, file: str) -> list[str]:
    """The files of the paper that were made at the desk, each of a page of *file*."""
    made = [(f.id, f.made_of) for f in document.files]
    return [name for name, of in made if of and page_id(of.page).file == file]


def last_place(document: CaseDocument) -> int:
    """The highest place in the clerk's order that is given away or taken."""
    return max((document.places, *(f.position for f in document.files)))
