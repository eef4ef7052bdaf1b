"""What intake holds to a time, removed each hour; what counts of it is in the audit.

Start at ``purge_old``.
"""

import asyncio
from contextlib import closing
from datetime import timedelta

from chassis.clock import Clock, utc_now
from chassis.database import Database, open_database
from chassis.objects import Objects
from chassis.objects.opening import open_objects
from chassis.retention import Held, keep_purging, report
from intake.adapters import retention
from intake.adapters.sql import audit
from intake.domain.records import Note
from intake.domain.retention import AUDITED
from intake.settings import Settings
from intake.wiring.adapters import Adapters


async def purge_old(
    house: Adapters, things: tuple[Held, ...], stop: asyncio.Event
) -> None:
    """Until *stop*; each purge of something in ``AUDITED`` is a line of the audit."""

    async def note(thing: str, removed: int) -> None:
        if thing not in AUDITED:
            return
        values: dict[str, str | int] = {"thing": thing, "removed": removed}
        line = Note(house.clock(), "", "", "", "purged", values=values)
        await house.store.write(lambda tx: audit.append(tx, line))

    await keep_purging(things, house.store, house.clock, stop, note=note)


def held(
    settings: Settings, store: Database, objects: Objects, clock: Clock = utc_now
) -> tuple[Held, ...]:
    return retention.held(
        store,
        objects,
        clock,
        scans_url=settings.scans.url,
        scans_days=settings.retention.scans_days,
        outbox_days=settings.retention.outbox_days,
        session_seconds=settings.session.absolute_seconds,
        upload_life=timedelta(hours=settings.limits.upload_hours),
        arrivals_days=settings.hot_folders.days,
    )


async def shown(settings: Settings) -> list[str]:
    """Lines for whoever operates the house. Raises Trouble."""
    url = settings.database.url.get_secret_value()
    with closing(open_objects(settings.scans, reads_only=True)) as objects:
        async with open_database(url) as store:
            return await report("intake", held(settings, store, objects), utc_now())
