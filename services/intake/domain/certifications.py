"""What an approval brings about, and what keeps it from its end.

Frozen values; the moves that change them are in ``certifying``, ``following``,
``expecting``, ``renewing``, ``voiding`` and ``ending``. Start at ``Certification``.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from ecopy.events import CertificationOrdered
from intake.domain.link_records import LinkAct, LinkReport


@dataclass(frozen=True, slots=True)
class Standstill:
    """Why an approved paper is not issued yet: delayed, with a next try, or halted."""

    reason: str
    """A slug of ``ecopy.refusals``: a Hindrance (delayed) or a Reason (halted)."""
    stage: str
    """The service that met it, ``signing`` or ``storage``; ``seal`` for a copy that its
    keeper has withheld."""
    since: datetime
    tries: int = 0
    next_try_at: datetime | None = None
    """None where the machine does not try again and a person must act."""
    detail: str = ""
    copy_sha256: str | None = None
    """The digest of the sealed copy that storage has refused, if it refused one."""


@dataclass(frozen=True, slots=True)
class Voiding:
    """A person's word that a number ends without a copy, and why."""

    by: str
    by_name: str
    at: datetime
    reason: str
    revision: int
    """That of the event: one more than the last order's."""


class Way(StrEnum):
    """How something was handed over at the counter."""

    SCREEN = "screen"
    """The link or its QR, shown on the screen."""
    SLIP = "slip"
    """The link and its QR, printed."""
    ORIGINAL = "original"
    """The paper original, given back."""


LINK_WAYS: Final = frozenset({Way.SCREEN, Way.SLIP})
"""The ways by which a person has the link."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """A person's word that a line was written down by mistake."""

    by: str
    by_name: str
    at: datetime


@dataclass(frozen=True, slots=True)
class HandOver:
    """One thing that a clerk handed over."""

    way: Way
    by: str
    by_name: str
    at: datetime
    generation: int
    """The generation of the link at that moment; 0 where there was none yet."""
    mistake: Mistake | None = None


@dataclass(frozen=True, slots=True)
class Certification:
    """What an approval brought about; grows with the facts that come back."""

    entry: str
    approved_by: str
    approved_by_name: str
    order: CertificationOrdered
    """The latest revision."""
    link_generation: int = 1
    setback: Standstill | None = None
    sealed_at: datetime | None = None
    issued_at: datetime | None = None
    copy_pages: int | None = None
    copy_size: int | None = None
    copy_sha256: str | None = None
    """The digest of the archived copy; None for one issued before it was noted."""
    sealed_sha256: str | None = None
    """The digest of the copy that was sealed for the order that holds."""
    other_sha256: str | None = None
    """A digest that the archive announced for this number beside the archived one: two
    services disagree, and a person must look."""
    renewals: int = 0
    """How often the machine has ordered it anew because the archive refused a copy."""
    announced_at: datetime | None = None
    """When the order was last published again for want of news."""
    announcements: int = 0
    """How often it was published again since the last news."""
    announce_at: datetime | None = None
    """When it is published again if nothing is heard until then; None where nothing is
    expected."""
    voiding: Voiding | None = None
    link_acts: tuple[LinkAct, ...] = ()
    """How people renewed and closed the link, oldest first."""
    link_reports: tuple[LinkReport, ...] = ()
    """How each generation of the link stands, as storage has said, oldest first."""

    @property
    def link_report(self) -> LinkReport | None:
        """How the link of now stands; None until storage has said so."""
        return next(
            (r for r in self.link_reports if r.generation == self.link_generation), None
        )

    @property
    def link_until(self) -> datetime | None:
        """When the link of now ends; None where nobody has said."""
        given = [
            act.expires_at
            for act in self.link_acts
            if act.expires_at is not None and act.generation == self.link_generation
        ]
        report = self.link_report
        return given[0] if given else report.expires_at if report else None

    @property
    def link_pending(self) -> bool:
        """Storage has not answered yet what a person did last with the link."""
        acts = [a for a in self.link_acts if a.generation == self.link_generation]
        report = self.link_report
        if not acts:
            return False
        closed = self.link_closed is not None
        return report is None or (closed and report.revoked_at is None)

    @property
    def link_closed(self) -> LinkAct | None:
        """A person's word that closed the link of now; None while it is not closed."""
        return next(
            (
                act
                for act in self.link_acts
                if act.expires_at is None and act.generation == self.link_generation
            ),
            None,
        )
