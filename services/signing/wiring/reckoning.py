"""What the command ``reconcile`` prints of the journal and of signing's own bucket."""

from collections.abc import Mapping
from contextlib import closing

from sqlalchemy import Connection
from sqlalchemy.exc import ProgrammingError

from chassis.clock import utc_now
from chassis.database import open_database
from chassis.objects import Objects
from chassis.objects.opening import open_objects
from ecopy.reckoning import JournalLine, Reckoning, StoredObject
from ecopy.refusals import Hindrance, Trouble
from signing.adapters.journal import counting
from signing.settings import ReckonSettings


async def reckoning(settings: ReckonSettings) -> Reckoning:
    """Every entry of the journal, every object of the bucket, and what the journal's
    tables do not agree on. Trouble where one of them does not answer.
    """
    at = utc_now()

    def read(tx: Connection) -> Reckoning:
        return Reckoning(
            service="signing",
            at=at,
            journal=counting.journal_lines(tx),
            findings=tuple(counting.findings(tx)),
        )

    with closing(open_objects(settings.copies)) as copies:
        # The bucket first: an object is written after its outcome stands in the
        # journal, so whatever lies there now is in what is read next.
        listed = {key: size async for key, size in copies.listing()}
        async with open_database(settings.database.url.get_secret_value()) as store:
            try:
                said = await store.read(read)
            except ProgrammingError as error:  # no such table, on PostgreSQL
                why = str(error.orig).splitlines()[0]
                raise Trouble(Hindrance.DATABASE, why) from error
        listed |= await _made_meanwhile(copies, said.journal, listed)
    stored = (StoredObject(key=key, size=size) for key, size in listed.items())
    return said.model_copy(update={"objects": tuple(stored)})


async def _made_meanwhile(
    copies: Objects, journal: tuple[JournalLine, ...], listed: Mapping[str, int]
) -> dict[str, int]:
    """Copies of the journal that were stored after the bucket was listed."""
    there = {}
    for line in journal:
        key = f"{line.entry}/{line.copy_sha256}.pdf"
        if line.copy_sha256 is None or key in listed:
            continue
        size = await copies.size(key)
        if size is not None:
            there[key] = size
    return there
