"""``python -m storm.purging storage 366 [point]``: one turn of a service's own purge so
many days ahead, which dies at *point*. Its exit status is 0, or that of kill −9.

The house around it goes on with its own clock. Start at ``main``.
"""

import asyncio
import sys
from contextlib import closing
from datetime import datetime, timedelta

from chassis import crash
from chassis.clock import Clock, utc_now
from chassis.database import open_database
from chassis.objects.opening import open_objects
from chassis.retention import purge


def main(service: str, days: str, point: str = "") -> None:
    ahead = timedelta(days=int(days))

    def clock() -> datetime:
        return utc_now() + ahead

    crash.arm(point)
    asyncio.run({"intake": purge_intake, "storage": purge_storage}[service](clock))


async def purge_intake(clock: Clock) -> None:
    from intake.settings import Settings
    from intake.wiring.retention import held

    settings = Settings()
    with closing(open_objects(settings.scans)) as objects:
        url = settings.database.url.get_secret_value()
        async with open_database(url) as store:
            await purge(held(settings, store, objects, clock), clock())


async def purge_storage(clock: Clock) -> None:
    from storage.settings import Settings
    from storage.wiring import purged

    settings = Settings()
    with closing(open_objects(settings.archive)) as archive:
        url = settings.database.url.get_secret_value()
        async with open_database(url) as database:
            await purge(purged(settings, database, archive, clock), clock())


if __name__ == "__main__":
    main(*sys.argv[1:])
