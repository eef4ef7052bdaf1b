"""Whether the desk is ready, and why a number stands still. Start at ``ready``."""

from collections.abc import Callable, Iterable
from collections.abc import Set as AbstractSet

from chassis.forgotten import forgotten
from ecopy.refusals import Hindrance, Trouble
from intake.adapters.sql.skipping import SqlSkips
from intake.adapters.sql.tables import cases as cases_table
from intake.adapters.sql.tables import metadata
from intake.domain.numbering import REGISTER_OLDER, NumberingStop
from intake.usecases import numbering
from intake.wiring.adapters import Adapters
from intake.wiring.sentences import sentences

Lost = Callable[[], AbstractSet[str]]
"""Consumers that the bus does not have (any more)."""


async def ready(house: Adapters, lost: Lost) -> NumberingStop | None:
    """Raises what hinders: the database does not answer, or the bus has lost what
    brings the answers of the others. A bus that is away only delays them. A register
    that is older than the highest number hinders numbering alone, and ends only by a
    hand: it is answered, since the desk must be reachable meanwhile.
    """
    # Consumers are made by ``provision`` and never here: without one of them the
    # answers of signing and storage would be missed without a word.
    if missing := lost():
        names = ", ".join(sorted(missing))
        raise Trouble(Hindrance.UNEXPECTED, f"the bus has no consumer {names}")
    if not await house.store.answers(metadata.sorted_tables):
        raise Trouble(Hindrance.DATABASE, "a table cannot be read")
    # A new database beside a full bucket: a restored disk that is not whole. Numbers
    # would start again at one (docs/architecture.md, readiness).
    if await forgotten(house.store, cases_table, house.objects):
        raise Trouble(Hindrance.DATABASE, "there are scans, and no case")
    why = await standstill(house, house.rules.agencies)
    if why is None or why.key == REGISTER_OLDER:
        return why
    slug, said = why.key.removeprefix("error."), sentences(why.key, why.values)
    raise Trouble(Hindrance.UNEXPECTED, f"{slug}: {' / '.join(said)}")


async def standstill(house: Adapters, agencies: Iterable[str]) -> NumberingStop | None:
    """Why one of *agencies* gets no number now (``numbering.standstill``)."""
    return await numbering.standstill(
        agencies, marks=house.marks, skips=SqlSkips(house.store), clock=house.clock
    )
