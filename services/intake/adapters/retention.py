"""Each of intake's rules with the place of its things. Start at ``held``."""

from datetime import timedelta
from pathlib import Path

from chassis.clock import Clock
from chassis.database import Database
from chassis.held_rows import CountedRows, HeldRows, published
from chassis.leftovers import DeadFiles, DeadFolders
from chassis.objects import Objects
from chassis.retention import Held
from chassis.retention_rule import INCOMING, TEMPORARY, outbox
from intake.adapters.finished_scans import FinishedScans
from intake.adapters.sql import tables
from intake.adapters.sql.held_arrivals import HeldArrivals
from intake.adapters.sql.page_texts import HeldPageTexts
from intake.adapters.stray_scans import StrayScans
from intake.adapters.uploads import HeldUploads
from intake.domain import retention


def held(
    store: Database,
    objects: Objects,
    clock: Clock,
    *,
    scans_url: str,
    scans_days: int,
    outbox_days: int,
    session_seconds: int,
    upload_life: timedelta,
    arrivals_days: int,
    temporary: Path | None = None,
) -> tuple[Held, ...]:
    """What the purge goes through, and what ``retention`` shows. *temporary*: where
    killed processes have left folders; None for the machine's own place.
    """
    acts, uses = tables.dead_letter_acts, tables.form_uses
    watched, before, batches = tables.hot_folders, tables.superseded, tables.batches
    opened, tried, looked = tables.sessions, tables.attempts, tables.looks
    said, rated = tables.answers, tables.ratings
    return (
        (outbox(outbox_days), published(store)),
        (
            retention.sessions(session_seconds),
            HeldRows(store, opened, opened.c.created_at, opened.c.token_sha256),
        ),
        (retention.ATTEMPTS, HeldRows(store, tried, tried.c.at, tried.c.seq)),
        (retention.FORM_USES, HeldRows(store, uses, uses.c.at, uses.c.id)),
        (retention.ANSWERS, HeldRows(store, said, said.c.at, said.c.id)),
        (retention.RATINGS, HeldRows(store, rated, rated.c.reported_at)),
        (retention.LOOKS, HeldRows(store, looked, looked.c.at)),
        (retention.SUPERSEDED, HeldRows(store, before, before.c.at)),
        (retention.BATCHES, HeldRows(store, batches, batches.c.ended_at, batches.c.id)),
        (retention.DEAD_LETTER_ACTS, HeldRows(store, acts, acts.c.at, acts.c.id)),
        (retention.uploads(upload_life), HeldUploads(store, objects)),
        (
            retention.HOT_FOLDERS,
            HeldRows(store, watched, watched.c.looked_at, watched.c.name),
        ),
        (retention.arrivals(arrivals_days), HeldArrivals(store, clock)),
        (retention.STRAYS, StrayScans(store, objects, clock)),
        (retention.scans(scans_days), FinishedScans(store, objects, clock)),
        (retention.page_texts(scans_days), HeldPageTexts(store)),
        (INCOMING, DeadFiles.of_bucket(scans_url)),
        (TEMPORARY, DeadFolders(temporary)),
        *(
            (
                retention.for_ever(name),
                CountedRows(store, tables.metadata.tables[name]),
            )
            for name in retention.FOR_EVER
        ),
    )
