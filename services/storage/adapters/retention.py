"""Each of storage's rules with the place of its things. Start at ``held``."""

from dataclasses import replace
from pathlib import Path

from chassis.clock import Clock
from chassis.database import Database
from chassis.held_rows import CountedRows, HeldRows, published
from chassis.leftovers import DeadFiles, DeadFolders
from chassis.objects import Objects
from chassis.retention import Held
from chassis.retention_rule import INCOMING, TEMPORARY, outbox
from storage.adapters.aside_rows import ObjectsAside
from storage.adapters.expired import ExpiredCopies
from storage.adapters.tables import metadata, ratings
from storage.domain import retention


def held(
    database: Database,
    archive: Objects,
    clock: Clock,
    *,
    archive_url: str,
    archive_days: int,
    spool: Path | None,
    outbox_days: int,
) -> tuple[Held, ...]:
    """What the purge goes through, and what ``retention`` shows."""
    return (
        (outbox(outbox_days), published(database)),
        (
            retention.archived_files(archive_days),
            ExpiredCopies(database, archive, clock),
        ),
        (
            retention.RATINGS,
            HeldRows(database, ratings, ratings.c.day, ratings.c.id),
        ),
        (retention.ASIDE, ObjectsAside(database, archive, clock)),
        (INCOMING, DeadFiles.of_bucket(archive_url)),
        (replace(INCOMING, name=retention.SPOOL), DeadFiles.of_spool(spool)),
        (TEMPORARY, DeadFolders()),
        *(
            (retention.for_ever(name), CountedRows(database, metadata.tables[name]))
            for name in retention.FOR_EVER
            if name in metadata.tables  # some came with later migrations
        ),
    )
