"""Another link for a copy, a link that is closed, and what storage says of both.

A link has generations: the newest opens the copy, and none of before. Start at
``renew``.
"""

from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from typing import Final

from ecopy.events import LinkFactor, LinkGranted, LinkReported, LinkRevoked
from ecopy.link_events import FactorKind, factor_hmac
from intake.domain import numbers
from intake.domain.calendar import ZONE, local_day
from intake.domain.certifications import Certification
from intake.domain.desk import MACHINE, check_version, note, touched
from intake.domain.handing import issued
from intake.domain.link_records import (
    ClosingGround,
    LinkAct,
    LinkReport,
    RenewalGround,
    joined,
    report_of,
)
from intake.domain.people import Actor
from intake.domain.records import CaseDocument, Note, Outcome, Requester
from intake.domain.states import NotAllowed

DIGITS: Final = 4
DAYS: Final = (7, 30, 60)
"""How long a link may be given for. The archive keeps a copy for 60 days at the least.
"""
MOST: Final = 100
"""Links of one copy: more are a mistake or a machine, and each leaves its lines."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked before a link opens, and the digits that are right."""

    kind: FactorKind
    digits: str

    def keyed(self, token: str) -> LinkFactor:
        answer = factor_hmac(token, self.kind, self.digits)
        return LinkFactor(kind=self.kind, answer_hmac=answer)


def question(requester: Requester, kind: FactorKind) -> Question:
    """The last digits of what the requester gave. Raises NotAllowed where there are too
    few.
    """
    number = requester.phone if kind == "phone" else requester.id_number
    digits = "".join(c for c in number if c in "0123456789")
    if len(digits) < DIGITS:
        phone, other = "error.link-digits-phone", "error.link-digits-id"
        raise NotAllowed(phone if kind == "phone" else other)
    return Question(kind, digits[-DIGITS:])


def renew(
    document: CaseDocument,
    ground: RenewalGround,
    days: int,
    *,
    version: int,
    by: Actor,
    at: datetime,
    link_key: bytes,
    question: Question | None = None,
) -> Outcome:
    """The copy with another link; the one of before opens nothing any more.

    Raises Conflict, NotAllowed.
    """
    certified = issued(document)
    check_version(document, version)
    if days not in DAYS:
        raise NotAllowed("error.link-days")
    generation = certified.link_generation + 1
    if generation > MOST:
        raise NotAllowed("error.link-most", n=MOST)
    until = end_of(at, days)
    kind = question.kind if question else None
    act = LinkAct(generation, ground, by.user, by.name, at, until, kind)
    after = replace(
        certified, link_generation=generation, link_acts=(*certified.link_acts, act)
    )
    token = numbers.link_token(link_key, certified.entry, generation)
    return Outcome(
        touched(replace(document, certification=after), by, at),
        (note(document, "link-renewed", by, at, nth=generation, ground=ground),),
        event=LinkGranted(
            at=at,
            entry=certified.entry,
            generation=generation,
            link_token_sha256=numbers.token_sha256(token),
            expires_at=until,
            factor=question.keyed(token) if question else None,
        ),
    )


def close(
    document: CaseDocument,
    ground: ClosingGround,
    *,
    version: int,
    by: Actor,
    at: datetime,
) -> Outcome:
    """The copy without a link that opens it. Safe to repeat.

    Raises Conflict, NotAllowed.
    """
    certified = issued(document)
    if certified.link_closed is not None:
        return Outcome(document)
    check_version(document, version)
    generation = certified.link_generation
    act = LinkAct(generation, ground, by.user, by.name, at)
    after = replace(certified, link_acts=(*certified.link_acts, act))
    return Outcome(
        touched(replace(document, certification=after), by, at),
        (note(document, "link-closed", by, at, nth=generation, ground=ground),),
        event=LinkRevoked(at=at, entry=certified.entry, generation=generation),
    )


def reported(document: CaseDocument, fact: LinkReported) -> Outcome:
    """What storage knows of the newest link. Harmless in any order and any number of
    times. A generation that this desk has not given yet came from it before it was
    restored from a backup: the next one must be above it.
    """
    certified = document.certification
    if certified is None:
        return Outcome(document)
    known = {report.generation: report for report in certified.link_reports}
    before, new = known.get(fact.generation), report_of(fact)
    known[fact.generation] = new if before is None else joined(before, new)
    after = replace(
        certified,
        link_generation=max(certified.link_generation, fact.generation),
        link_reports=tuple(known[n] for n in sorted(known)),
    )
    return Outcome(
        replace(document, certification=after),
        _first_times(document, before, known[fact.generation]),
    )


def promised(certified: Certification, expires_at: datetime | None) -> Certification:
    """The certification with the day on which its first link ends, as the archive has
    said when it took the copy.
    """
    if expires_at is None or certified.link_reports:
        return certified
    return replace(certified, link_reports=(LinkReport(1, expires_at),))


def end_of(at: datetime, days: int) -> datetime:
    """The end of the *days*-th day after today, as desks count days."""
    last = local_day(at) + timedelta(days=days)
    return datetime.combine(last + timedelta(days=1), time(), tzinfo=ZONE)


def _first_times(
    document: CaseDocument, before: LinkReport | None, after: LinkReport
) -> tuple[Note, ...]:
    """A line of the audit for the first opening and the first fetch of a link."""
    notes = []
    for what in ("opened", "fetched"):
        visits = getattr(after, what)
        if visits is not None and (before is None or getattr(before, what) is None):
            line = note(document, f"link-{what}", MACHINE, visits.first_at)
            notes.append(line)
    return tuple(notes)
