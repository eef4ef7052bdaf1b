"""What comes back by event, and what is asked again when nothing comes.

What a fact changes is decided in ``intake.domain.following`` and ``ending``, and when
news is late in ``expecting``. Start at ``repeat_late``.
"""

from typing import Final

from chassis.clock import Clock
from ecopy.events import (
    CertificationClosed,
    CertificationDelayed,
    CertificationHalted,
    CopyArchived,
    CopySealed,
    LinkReported,
)
from intake.domain import ending, expecting, following, linking
from intake.domain.expecting import Patience
from intake.ports import Cases, Expected

BATCH: Final = 64
"""Orders looked for at once: what one wave adds to the outbox stays small."""


# Facts come at least once, late, and in any order: what the document already has is
# ignored, and an entry that was never ordered here is nobody's (``Cases.follow``
# returns None). So none of these can fail but for trouble.
async def on_sealed(fact: CopySealed, *, cases: Cases, patience: Patience) -> None:
    await cases.follow(
        fact.entry, lambda locked: following.sealed(locked, fact, patience)
    )


async def on_archived(fact: CopyArchived, *, cases: Cases) -> bool:
    """Issued: the clerk may hand the link over. False if the archive has announced
    another copy than the desk knows of.
    """
    outcome = await cases.follow(
        fact.entry, lambda locked: ending.archived(locked, fact)
    )
    return outcome is None or not ending.contradicted(outcome, fact)


async def on_delayed(
    fact: CertificationDelayed, *, cases: Cases, patience: Patience
) -> None:
    await cases.follow(
        fact.entry, lambda locked: following.delayed(locked, fact, patience)
    )


async def on_halted(
    fact: CertificationHalted, *, cases: Cases, patience: Patience, clock: Clock
) -> None:
    """A person must act, or the machine orders the copy anew, in one transaction."""
    now = clock()
    await cases.follow(
        fact.entry, lambda locked: following.halted(locked, fact, now, patience)
    )


async def on_closed(fact: CertificationClosed, *, cases: Cases) -> None:
    """Void: the register has its note."""
    await cases.follow(fact.entry, lambda locked: ending.closed(locked, fact))


async def on_reported(fact: LinkReported, *, cases: Cases) -> None:
    """Whether the citizen's link was opened, and the copy fetched."""
    await cases.follow(fact.entry, lambda locked: linking.reported(locked, fact))


async def repeat_late(
    *, cases: Cases, expected: Expected, patience: Patience, clock: Clock, voids: bool
) -> tuple[str, ...]:
    """Publish once more the orders that nobody has answered in time; with *voids* the
    declarations that a number is void instead. Their entries.

    Safe to repeat and to cut short: each is one transaction, with the moment of its
    next repetition, so a crash leaves the others to the next turn.
    """
    now = clock()
    entries = await expected.late(now, most=BATCH, voids=voids)
    for entry in entries:
        await cases.follow(
            entry, lambda locked: expecting.repeated(locked, now, patience)
        )
    return entries
