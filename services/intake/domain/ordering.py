"""A halted order goes out once more, after somebody has mended what halted it."""

from dataclasses import replace
from datetime import datetime

from ecopy.events import CertificationOrdered
from intake.domain.agencies import AgencyEntry, Identities
from intake.domain.desk import check_version, note, touched
from intake.domain.people import Actor
from intake.domain.records import CaseDocument, Outcome
from intake.domain.states import NotAllowed, State


def order_again(
    document: CaseDocument,
    agency: AgencyEntry,
    identities: Identities,
    public_host: str,
    *,
    version: int,
    by: Actor,
    at: datetime,
) -> Outcome:
    """After mending: the same entry, number and date, revision + 1.

    Only what stands halted. A copy that the archive halted is judged once more against
    what it was made from; where signing halted, there is none (see ``_mended``).
    """
    check_version(document, version)
    stuck = document.certification
    if stuck is None or stuck.setback is None or stuck.setback.next_try_at is not None:
        raise NotAllowed("error.not-halted")
    renewed: dict[str, object] = {"revision": stuck.order.revision + 1, "at": at}
    if stuck.setback.stage == "signing":
        renewed |= _mended(stuck.order, agency, identities, public_host, at)
    order = CertificationOrdered(
        **stuck.order.model_copy(update=renewed).model_dump(exclude={"id"})
    )
    after = replace(
        document,
        state=State.REGISTERED,
        certification=replace(stuck, order=order, setback=None, sealed_at=None),
    )
    return Outcome(
        document=touched(after, by, at),
        notes=(note(document, "ordered-again", by, at, revision=order.revision),),
        event=order,
    )


def _mended(
    order: CertificationOrdered,
    agency: AgencyEntry,
    identities: Identities,
    public_host: str,
    at: datetime,
) -> dict[str, object]:
    """What a person may have mended, as of now; nothing was signed yet.

    A mended certificate is another pin, a clause that did not fit has other words or
    another layout: that of the clause's own day, which stays, as number and book do.
    """
    clause = {"template": agency.layout(order.clause.date), "statement": agency.clause}
    return {
        "approved_at": at,
        "officer": identities.officer,
        "agency": identities.agency,
        "clause": order.clause.model_copy(update=clause),
        "public_host": public_host,
        "level": agency.level,
    }
