"""An order that stands still goes out once more, by a person's word.

What the machine repeats or renews by itself is in ``expecting`` and ``following``.
Start at ``order_again``.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from ecopy.events import CertificationOrdered
from intake.domain import expecting, states
from intake.domain.agencies import AgencyEntry, Identities
from intake.domain.certifications import Certification
from intake.domain.desk import check_version, note, touched
from intake.domain.expecting import Patience
from intake.domain.people import Actor
from intake.domain.records import CaseDocument, Outcome
from intake.domain.releasing import STAGE, waits_for_seal
from intake.domain.renewing import next_order
from intake.domain.states import Move, NotAllowed


@dataclass(frozen=True, slots=True)
class Mended:
    """What a person may have mended since signing halted, as of now."""

    agency: AgencyEntry
    identities: Identities
    public_host: str


def stands_open_from(document: CaseDocument, patience: Patience) -> datetime | None:
    """When a person may act on a copy that is on its way: since it halted, or once it
    has gone on for too long without an end. None where no copy is on its way.
    """
    certified = document.certification
    if certified is None or document.state not in states.ORDERED:
        return None
    setback = certified.setback
    if setback is not None and setback.next_try_at is None:
        return setback.since
    return certified.order.at + patience.person


def check_stands_still(
    document: CaseDocument, patience: Patience, now: datetime
) -> Certification:
    """Raises NotAllowed while the machine may still bring it to an end by itself."""
    certified = document.certification
    opened = stands_open_from(document, patience)
    if certified is None or opened is None:
        raise NotAllowed("error.not-halted")
    # A halt may carry the time of a clock that goes ahead of ours: it stands open.
    setback = certified.setback
    halted = setback is not None and setback.next_try_at is None
    if not halted and now < opened:
        minutes = int(patience.person.total_seconds() // 60)
        raise NotAllowed("error.not-halted-yet", n=minutes)
    return certified


def order_again(
    document: CaseDocument,
    mended: Mended,
    *,
    version: int,
    by: Actor,
    at: datetime,
    patience: Patience,
) -> Outcome:
    """The same entry, number and date, revision + 1.

    Only what stands halted, or has gone on for too long. The words stay as they are,
    for there may be a copy with them; where signing halted there is none, so what was
    mended goes in (see ``_mended``). Where storage refused a copy, the order replaces
    that one.
    """
    check_version(document, version)
    stuck = check_stands_still(document, patience, at)
    setback = stuck.setback
    changes: dict[str, object] = {}
    halted = setback is not None and setback.next_try_at is None
    if setback is not None and halted and setback.stage in {"signing", STAGE}:
        changes = _mended(stuck.order, mended, at)
    refused = setback.copy_sha256 if setback is not None else None
    # Whoever keeps the seal releases what a person has ordered again: it may have other
    # words by now.
    changes["released_at"] = None
    order = next_order(stuck.order, at, replaces=refused, **changes)
    after = replace(
        stuck, order=order, setback=None, sealed_at=None, sealed_sha256=None
    )
    moved = replace(
        document,
        state=states.moved(document.state, Move.ORDER_AGAIN),
        certification=expecting.expected(after, at, patience),
    )
    return Outcome(
        document=touched(waits_for_seal(moved), by, at),
        notes=(note(document, "ordered-again", by, at, revision=order.revision),),
        event=order,
        under=mended.identities.under.seq if mended.identities.under else None,
    )


def _mended(
    order: CertificationOrdered, mended: Mended, at: datetime
) -> dict[str, object]:
    """What a person may have mended, as of now; nothing was signed yet.

    A mended certificate is another pin, a clause that did not fit has other words or
    another layout: that of the clause's own day, which stays, as number and book do.
    """
    agency = mended.agency
    clause = {"template": agency.layout(order.clause.date), "statement": agency.clause}
    return {
        "approved_at": at,
        "officer": mended.identities.officer,
        "agency": mended.identities.agency,
        "clause": order.clause.model_copy(update=clause),
        "public_host": mended.public_host,
        "level": agency.level,
    }
