"""Which event starts which use case: the whole of intake's event surface.

Nothing here refuses: the facts are heard, and the desk shows them. A refused copy is
ordered anew in the same step (``domain.following``).
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import structlog

from chassis import crash
from chassis.consumer import Subscription
from ecopy import topology
from ecopy.events import (
    CertificationClosed,
    CertificationDelayed,
    CertificationHalted,
    CopyArchived,
    CopySealed,
    LinkReported,
    RatingsReported,
)

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class EventHandlers:
    """The use cases that events start; ``wiring`` binds them."""

    sealed: Callable[[CopySealed], Awaitable[None]]
    archived: Callable[[CopyArchived], Awaitable[bool]]
    """False for another copy than the desk knows of."""
    delayed: Callable[[CertificationDelayed], Awaitable[None]]
    halted: Callable[[CertificationHalted], Awaitable[None]]
    closed: Callable[[CertificationClosed], Awaitable[None]]
    reported: Callable[[LinkReported], Awaitable[None]]
    rated: Callable[[RatingsReported], Awaitable[None]]


def subscriptions(handlers: EventHandlers) -> tuple[Subscription[Any], ...]:
    async def archived(fact: CopyArchived) -> None:
        if not await handlers.archived(fact):
            # Storage and the desk disagree, and no delivery mends that: it is counted
            # (``adapters.sql.counting``) and stays in the audit for a person.
            log.error("other_copy_archived", sha256=fact.copy_ref.sha256)
        # Issued and not acknowledged: after a crash here the fact comes again, and
        # ``ending.archived`` finds nothing to change.
        crash.reached("intake-issued-committed")

    return (
        Subscription(topology.INTAKE_SEALED, CopySealed, handlers.sealed),
        Subscription(topology.INTAKE_ARCHIVED, CopyArchived, archived),
        Subscription(topology.INTAKE_DELAYED, CertificationDelayed, handlers.delayed),
        Subscription(topology.INTAKE_HALTED, CertificationHalted, handlers.halted),
        Subscription(topology.INTAKE_CLOSED, CertificationClosed, handlers.closed),
        Subscription(topology.INTAKE_REPORTED, LinkReported, handlers.reported),
        Subscription(topology.INTAKE_RATED, RatingsReported, handlers.rated),
    )
