"""How a result went out: what a clerk gave to whoever came for it, and when.

A paper original is given back whatever became of the paper, also where no copy was
made. Nothing is erased: a line that was wrong is noted as a mistake, and no longer
counts. Start at ``hand_over``.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from intake.domain import states
from intake.domain.certifications import (
    LINK_WAYS,
    Certification,
    HandOver,
    Mistake,
    Way,
)
from intake.domain.desk import check_version, note, touched
from intake.domain.people import Actor
from intake.domain.records import CaseDocument, NotFound, Outcome
from intake.domain.states import NotAllowed, State


def issued(document: CaseDocument) -> Certification:
    """What was issued of the paper. Raises NotAllowed for one that is not issued."""
    if document.certification is None or document.state is not State.ISSUED:
        raise NotAllowed("error.not-issued", n=document.ordinal)
    return document.certification


def check_link(document: CaseDocument) -> Certification:
    """What was issued, with a link that is not closed. Raises NotAllowed."""
    certified = issued(document)
    if certified.link_closed is not None:
        raise NotAllowed("error.link-is-closed", n=document.ordinal)
    return certified


def may_give_back(document: CaseDocument) -> bool:
    """Whether the office may part with the original: it was compared, or nobody will
    compare it any more. What is held for a report stays here, and what was merged into
    another paper goes with that one.
    """
    if document.state in {State.HELD, State.MERGED}:
        return False
    return document.compared_by is not None or document.state in states.ENDS


def check_given_back(document: CaseDocument) -> None:
    """Raises NotAllowed while the original has to stay at the office."""
    if not may_give_back(document):
        held = document.state is State.HELD
        key = "error.original-held" if held else "error.original-stays"
        raise NotAllowed(key, n=document.ordinal)


def hand_over(
    documents: Iterable[CaseDocument],
    ways: Iterable[Way],
    *,
    versions: dict[str, int],
    by: Actor,
    at: datetime,
) -> tuple[Outcome, ...]:
    """The papers named in *versions*, each given in these *ways*, in one act.

    A way that stands already is not written twice. Raises Conflict, NotFound,
    NotAllowed (no paper, no way, a link of a paper that is not issued, or an original
    that has to stay).
    """
    chosen, given = list(documents), tuple(dict.fromkeys(ways))
    if not given:
        raise NotAllowed("error.handed-how")
    if not versions:
        raise NotAllowed("error.handed-what")
    foreign = versions.keys() - {document.id for document in chosen}
    if foreign:
        raise NotFound(min(foreign))
    return tuple(
        _handed(document, given, versions[document.id], by, at)
        for document in chosen
        if document.id in versions
    )


def _handed(
    document: CaseDocument, ways: Sequence[Way], version: int, by: Actor, at: datetime
) -> Outcome:
    check_version(document, version)
    if LINK_WAYS.intersection(ways):
        check_link(document)
    if Way.ORIGINAL in ways:
        check_given_back(document)
    certified = document.certification
    generation = certified.link_generation if certified else 0
    new = [way for way in ways if way not in document.given]
    lines = tuple(HandOver(way, by.user, by.name, at, generation) for way in new)
    if not lines:
        return Outcome(document)
    after = replace(document, handed=(*document.handed, *lines))
    return Outcome(
        touched(after, by, at),
        tuple(note(document, f"handed-{way}", by, at) for way in new),
    )


def mistaken(
    document: CaseDocument, nth: int, *, version: int, by: Actor, at: datetime
) -> Outcome:
    """The *nth* line, counted from 1, noted as a mistake: it stays, and counts no more.

    Safe to repeat. Raises Conflict, NotFound.
    """
    if not 1 <= nth <= len(document.handed):
        raise NotFound(str(nth))
    line = document.handed[nth - 1]
    if line.mistake is not None:
        return Outcome(document)
    check_version(document, version)
    noted = replace(line, mistake=Mistake(by.user, by.name, at))
    lines = (*document.handed[: nth - 1], noted, *document.handed[nth:])
    return Outcome(
        touched(replace(document, handed=lines), by, at),
        (note(document, f"mistaken-{line.way}", by, at),),
    )
