"""What the command ``scrub`` prints: one JSON object a line, for each copy and then for
the whole.

Start at ``scrub``.
"""

from collections.abc import AsyncIterator
from contextlib import ExitStack, closing
from typing import Any

from chassis.clock import utc_now
from chassis.database import open_database
from chassis.objects.opening import open_objects
from storage.adapters.downloads import checked_archive, open_second
from storage.adapters.scrubbing import figures, strays, whole_pass
from storage.adapters.scrubs import SqlScrubs
from storage.settings import ScrubSettings


async def scrub(settings: ScrubSettings) -> AsyncIterator[dict[str, Any]]:
    """Read every archived copy once, as fast as it goes, and mend what can be mended,
    also while the service runs. Trouble where database or archive do not answer.
    """
    url = settings.database.url.get_secret_value()
    with ExitStack() as stack:
        archive = stack.enter_context(closing(open_objects(settings.archive)))
        copies = closing(open_objects(settings.copies, reads_only=True))
        second = stack.enter_context(open_second(settings.second_archive))
        async with open_database(url) as database:
            scrubs = SqlScrubs(database, utc_now)
            signings = stack.enter_context(copies)
            downloads = checked_archive(archive, signings, second, scrubs)
            of, done, lost = (await scrubs.coverage()).copies, 0, []
            async for found in whole_pass(downloads, scrubs):
                done += 1
                if not found.whole:
                    lost.append(found.entry)
                yield {
                    "copy": found.entry,
                    "number": found.number,
                    "found": found.condition.value,
                    "healed": found.healed,
                    "done": done,
                    "of": max(of, done),
                }
            yield {
                "lost": lost,
                "strays": await strays(archive, scrubs),
                "figures": await figures(downloads, scrubs),
            }
