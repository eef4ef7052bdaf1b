"""Who signs one copy, and when it may still be signed."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from ecopy.events import Agency, CertificationOrdered, Officer
from ecopy.identifiers import Sha256
from ecopy.refusals import Hindrance, Reason, Refusal, Trouble
from signing.domain.copies import SealedCopy

APPROVAL_LASTS: Final = timedelta(hours=72)
"""How long an approval may be signed: the gate refuses a token whose time is later
(docs/dialect.md section 3)."""
ROOM_FOR_SIGNING: Final = timedelta(minutes=10)
"""How much earlier signing must begin, so that the token is still within that time."""
CLOCKS: Final = timedelta(minutes=5)
"""How far the clocks of two services may be apart."""


@dataclass(frozen=True, slots=True)
class Signatory:
    """A key that was found present, pinned and valid for this order. Its private part
    stays in its adapter.
    """

    role: Literal["officer", "seal"]
    key: str
    certificate_sha256: Sha256


@dataclass(frozen=True, slots=True)
class Signatories:
    """The two who sign a copy: first the officer, who certifies, then the agency's
    seal.
    """

    officer: Signatory
    seal: Signatory

    @property
    def both(self) -> tuple[Signatory, Signatory]:
        return self.officer, self.seal


@dataclass(frozen=True, slots=True)
class OrderedIdentity:
    """An identity as the order names it; a key must match every field of it."""

    role: Literal["officer", "seal"]
    id: str
    version: str
    key: str
    certificate_sha256: str
    name_lines: tuple[str, ...]
    title_lines: tuple[str, ...]


def ordered_officer(officer: Officer) -> OrderedIdentity:
    """The officer of an order, as a key of theirs must be described."""
    return OrderedIdentity(
        "officer",
        officer.id,
        officer.version,
        officer.key,
        officer.certificate_sha256,
        (officer.name,),
        officer.title_lines,
    )


def ordered_seal(agency: Agency) -> OrderedIdentity:
    """The agency of an order, as the key of its seal must be described."""
    return OrderedIdentity(
        "seal",
        agency.code,
        agency.version,
        agency.key,
        agency.certificate_sha256,
        agency.name_lines,
        (),
    )


def check_approval(order: CertificationOrdered, now: datetime) -> None:
    """Check that the approval may still be signed. Raises Refusal(APPROVAL_TOO_OLD), or
    Trouble if our clock is behind intake's.
    """
    if now > order.approved_at + APPROVAL_LASTS - ROOM_FOR_SIGNING:
        raise Refusal(
            Reason.APPROVAL_TOO_OLD,
            "approved-long-ago",
            at=f"{order.approved_at:%d/%m/%Y %H:%M} UTC",
        )
    if now < order.approved_at - CLOCKS:
        raise Trouble(
            Hindrance.UNEXPECTED, f"approved at {order.approved_at}, now is {now}"
        )


def check_times(copy: SealedCopy, order: CertificationOrdered, now: datetime) -> None:
    """Check that the archive's gate will take the times in *copy*. Raises Trouble(TSA):
    the next try has other times.

    A clock that jumps while a copy is sealed leaves times that nobody may mend. The
    copy's number would be dead if such a copy were recorded as the entry's.
    """
    officer, seal = (summary.signed_at for summary in copy.signatures)
    begins, ends = order.approved_at - CLOCKS, order.approved_at + APPROVAL_LASTS
    for stamped in (officer, seal):
        if abs(stamped - copy.signed_at) > CLOCKS:
            raise _untimely(f"stamped {stamped}, signed at {copy.signed_at}")
        if not begins <= stamped <= ends:
            raise _untimely(f"stamped {stamped}, approved at {order.approved_at}")
        # Not the other way round: an authority that is slow makes a stamp old.
        if stamped > now + CLOCKS:
            raise _untimely(f"stamped {stamped}, now is {now}")
    if officer > seal + CLOCKS:
        raise _untimely(f"signed {officer}, sealed {seal}")


def _untimely(what: str) -> Trouble:
    return Trouble(Hindrance.TSA, what)
