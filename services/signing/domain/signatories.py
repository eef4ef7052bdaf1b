"""Who signs one copy, and when it may still be signed."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from ecopy.events import CertificationOrdered
from ecopy.identifiers import Sha256
from ecopy.refusals import Hindrance, Reason, Refusal, Trouble

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


def check_approval(order: CertificationOrdered, now: datetime) -> None:
    """Raises Refusal(APPROVAL_TOO_OLD); Trouble if our clock is behind intake's."""
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
