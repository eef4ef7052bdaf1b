"""Which event starts which use case: the whole of intake's event surface.

Nothing here refuses: the facts are heard, and the desk shows them.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from chassis import crash
from chassis.consumer import Subscription
from ecopy import topology
from ecopy.events import (
    CertificationDelayed,
    CertificationHalted,
    CopyArchived,
    CopySealed,
)


@dataclass(frozen=True, slots=True)
class EventHandlers:
    """The use cases that events start; ``wiring`` binds them."""

    sealed: Callable[[CopySealed], Awaitable[None]]
    archived: Callable[[CopyArchived], Awaitable[None]]
    delayed: Callable[[CertificationDelayed], Awaitable[None]]
    halted: Callable[[CertificationHalted], Awaitable[None]]


def subscriptions(handlers: EventHandlers) -> tuple[Subscription[Any], ...]:
    async def archived(fact: CopyArchived) -> None:
        await handlers.archived(fact)
        # Issued and not acknowledged: after a crash here the fact comes again, and
        # ``following.archived`` finds nothing to change.
        crash.reached("intake-issued-committed")

    return (
        Subscription(topology.INTAKE_SEALED, CopySealed, handlers.sealed),
        Subscription(topology.INTAKE_ARCHIVED, CopyArchived, archived),
        Subscription(topology.INTAKE_DELAYED, CertificationDelayed, handlers.delayed),
        Subscription(topology.INTAKE_HALTED, CertificationHalted, handlers.halted),
    )
