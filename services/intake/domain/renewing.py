"""An order under its next revision, and when the machine may make one by itself."""

from datetime import datetime, timedelta
from typing import Final

from ecopy.events import CertificationOrdered
from ecopy.identifiers import Sha256
from ecopy.refusals import Reason
from intake.domain.certifications import Certification

RENEWALS: Final = 2
"""How often the machine orders a number anew. The third time is no accident on the way:
a person looks (docs/decisions/0085)."""
APPROVAL_LASTS: Final = timedelta(hours=72)
"""A copy is made within so long after its approval (docs/dialect.md section 3)."""


def called_old_by_mistake(certified: Certification, now: datetime) -> bool:
    """Whether signing halted an approval as too old that is not: its clock was wrong,
    or ours is now. Without another order the number would wait for a person.
    """
    halt = certified.setback
    if halt is None or halt.reason != Reason.APPROVAL_TOO_OLD:
        return False
    fresh = now - certified.order.approved_at <= APPROVAL_LASTS
    return fresh and certified.renewals < RENEWALS


def next_order(
    order: CertificationOrdered,
    at: datetime,
    *,
    replaces: Sha256 | None,
    **changes: object,
) -> CertificationOrdered:
    """The order under its next revision and a fresh event id.

    A copy that an earlier revision replaces stays named until another one is: the
    withdrawal that signing waits for may still be on its way.
    """
    renewed: dict[str, object] = {
        "revision": order.revision + 1,
        "at": at,
        "replaces": replaces or order.replaces,
    }
    content = order.model_copy(update=renewed | changes)
    return CertificationOrdered(**content.model_dump(exclude={"id"}))
