"""What the desk hears of an order while no copy comes out: halted, or delayed."""

from uuid import UUID, uuid5

from chassis.clock import Clock
from ecopy.events import (
    CertificationDelayed,
    CertificationHalted,
    CertificationOrdered,
)
from ecopy.refusals import Refusal, Setback
from signing.ports import SealJournal

HALTED = UUID("5c0b8c1e-35a5-4d57-9d2e-7f0a4c6be5d3")
"""Namespace: one halt per order and reason, however often it is delivered."""


async def halt(
    order: CertificationOrdered,
    refusal: Refusal,
    *,
    journal: SealJournal,
    clock: Clock,
) -> None:
    """Tell intake that a person must act, and why."""
    event = CertificationHalted(
        id=uuid5(HALTED, f"{order.id} {refusal.reason} {refusal.detail}"),
        at=clock(),
        entry=order.entry,
        stage="signing",
        revision=order.revision,
        reason=refusal.reason,
        detail=refusal.detail,
    )
    await journal.announce(event, order.revision)


async def delay(
    order: CertificationOrdered,
    setback: Setback,
    *,
    journal: SealJournal,
    clock: Clock,
) -> None:
    """Tell intake that a retry is under way; nobody has to act."""
    event = CertificationDelayed(
        at=clock(),
        entry=order.entry,
        stage="signing",
        hindrance=setback.hindrance,
        since=setback.since,
        tries=setback.tries,
        next_try_at=setback.next_try_at,
    )
    await journal.announce(event, order.revision)
