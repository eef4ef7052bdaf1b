"""Each of signing's rules with the place of its things. Start at ``held``."""

from chassis.clock import utc_now
from chassis.database import Database
from chassis.held_rows import CountedRows, published
from chassis.leftovers import DeadFiles, DeadFolders
from chassis.objects import Objects
from chassis.retention import Held
from chassis.retention_rule import INCOMING, TEMPORARY, outbox
from signing.adapters.journal.archived_copies import ArchivedCopies
from signing.adapters.journal.tables import entries, seal_journal
from signing.domain import retention


def held(
    store: Database,
    copies: Objects,
    *,
    copies_url: str,
    outbox_days: int,
    copies_days: int,
) -> tuple[Held, ...]:
    """What the purge goes through, and what ``retention`` shows."""
    return (
        (outbox(outbox_days), published(store)),
        (retention.copies(copies_days), ArchivedCopies(store, copies, utc_now)),
        (INCOMING, DeadFiles.of_bucket(copies_url)),
        (TEMPORARY, DeadFolders()),
        *(
            (retention.for_ever(table.name), CountedRows(store, table))
            for table in (entries, seal_journal)
        ),
    )
