"""How a result went out: what a clerk gave to whoever came for it, and when.

Nothing is erased: a line that was wrong is noted as a mistake, and no longer counts.
Start at ``hand_over``.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

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
    NotAllowed (no paper, no way, or one that is not issued).
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
    certified = issued(document)
    check_version(document, version)
    if LINK_WAYS.intersection(ways):
        check_link(document)
    new = [way for way in ways if way not in certified.given]
    lines = tuple(
        HandOver(way, by.user, by.name, at, certified.link_generation) for way in new
    )
    if not lines:
        return Outcome(document)
    after = replace(certified, handed=(*certified.handed, *lines))
    return Outcome(
        touched(replace(document, certification=after), by, at),
        tuple(note(document, f"handed-{way}", by, at) for way in new),
    )


def mistaken(
    document: CaseDocument, nth: int, *, version: int, by: Actor, at: datetime
) -> Outcome:
    """The *nth* line, counted from 1, noted as a mistake: it stays, and counts no more.

    Safe to repeat. Raises Conflict, NotAllowed, NotFound.
    """
    certified = issued(document)
    if not 1 <= nth <= len(certified.handed):
        raise NotFound(str(nth))
    line = certified.handed[nth - 1]
    if line.mistake is not None:
        return Outcome(document)
    check_version(document, version)
    noted = replace(line, mistake=Mistake(by.user, by.name, at))
    lines = (*certified.handed[: nth - 1], noted, *certified.handed[nth:])
    after = replace(certified, handed=lines)
    return Outcome(
        touched(replace(document, certification=after), by, at),
        (note(document, f"mistaken-{line.way}", by, at),),
    )
