"""The clerk's moves on one document: pure, guarded, each with its line of audit.

What becomes of its files is in ``paper_files``, and the certifier's moves are in
``certifying``. Each function takes a record and returns the next one; nothing is stored
here. Start at ``submit``.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Final

from intake.domain import objecting, pictures, states
from intake.domain.people import Actor
from intake.domain.records import Case, CaseDocument, Conflict, Note, Original, Outcome
from intake.domain.states import Move, NotAllowed

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
        document,
        state=states.moved(document.state, Move.SUBMIT),
        original=original,
        refused=objecting.answered(document.refused),
    )
    return Outcome(
        touched(brought(after, by), by, at),
        (note(document, "submitted", by, at, pages=len(original.manifest)),),
    )


def uncompared(document: CaseDocument) -> CaseDocument:
    return replace(
        document,
        compared_by=None,
        compared_by_name=None,
        compared_at=None,
        compared_pages=(),
    )
