"""What the command ``reconcile`` prints of the catalogue and the archive, and the rows
that it can prove and write again.

Start at ``reckoning``.
"""

from collections.abc import Container
from contextlib import closing

import structlog
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError, ProgrammingError

from chassis.clock import LOCAL, utc_now
from chassis.database import Database, open_database
from chassis.objects import Objects
from chassis.objects.opening import open_objects
from chassis.trust import open_trust
from ecopy.events import CopyArchived
from ecopy.identifiers import EntryId, ObjectRef
from ecopy.reckoning import Discrepancy, Reckoning
from ecopy.refusals import Hindrance, Refusal, Trouble
from storage.adapters import counting
from storage.adapters.archived import ObjectArchive
from storage.adapters.catalogue import SqlCatalogue
from storage.adapters.custody import ObjectCustody
from storage.domain.copies import archive_key, archived, first_link
from storage.domain.gate import compile_trust
from storage.domain.rulings import MEDIA_TYPE
from storage.settings import PREFIX, ReckonSettings

log = structlog.get_logger()

Sizes = dict[str, tuple[int, str]]


async def reckoning(settings: ReckonSettings, *, deep: bool, repair: bool) -> Reckoning:
    """Every entry of the catalogue, and what it and the archive do not agree on; with
    *deep* every archived byte is read. What *repair* could prove is repaired before.
    Trouble where database or store does not answer.
    """
    at = utc_now()
    url = settings.database.url.get_secret_value()
    with closing(open_objects(settings.archive)) as archive:
        async with open_database(url) as store:
            said = await _read(store, archive, deep=deep)
            if repair and await _repaired(settings, store, archive, said.findings):
                said = await _read(store, archive, deep=deep)
    return said.model_copy(update={"at": at})


async def _read(store: Database, archive: Objects, *, deep: bool) -> Reckoning:
    at = utc_now()

    def read(tx: Connection) -> tuple[Reckoning, Sizes, dict[str, bool]]:
        said = Reckoning(
            service="storage",
            at=at,
            catalogue=counting.catalogue_lines(tx),
            findings=tuple(counting.findings(tx)),
        )
        return said, counting.archived_sizes(tx), counting.given_up_entries(tx)

    try:
        said, known, gone = await store.read(read)
    except ProgrammingError as error:  # no such table, on PostgreSQL
        why = str(error.orig).splitlines()[0]
        raise Trouble(Hindrance.DATABASE, why) from error
    found = await counting.object_findings(archive, known, deep=deep, gone=gone)
    # A copy that is archived just now is an object first and a row soon after: what has
    # its row by now was on its way. And one whose time came meanwhile is not lost.
    _, rows, gone = await store.read(read)
    by_now: dict[str, Container[str]] = {
        "object-without-row": rows,
        "row-without-object": gone,
    }
    still = [f for f in found if f.entry not in by_now.get(f.kind, ())]
    return said.model_copy(update={"findings": (*said.findings, *still)})


async def _repaired(
    settings: ReckonSettings,
    store: Database,
    archive: Objects,
    findings: tuple[Discrepancy, ...],
) -> bool:
    """Whether a row was written again. An archived object proves nothing by itself: it
    is judged by the gate against its order, as when it first came.
    """
    written = False
    for finding in findings:
        if finding.kind != "object-without-row":
            continue
        try:
            written |= await _entered(settings, store, archive, finding.entry)
        except (Refusal, IntegrityError) as error:
            # Not the copy that was ordered, or half of its rows are still there.
            log.error("row_not_restored", entry=finding.entry, why=repr(error))  # noqa: TRY400 - its reason is all there is
    return written


async def _entered(
    settings: ReckonSettings, store: Database, archive: Objects, entry: EntryId
) -> bool:
    """Enter an archived copy whose row is lost; False without its order or its bytes.
    Raises Refusal if it is not the copy that was ordered.
    """
    # No address is noted here, so its key may be any.
    catalogue = SqlCatalogue(store, utc_now, address_key=b"unused")
    order = await catalogue.order(entry)
    stored = await ObjectArchive(archive).stored(entry, 0)
    size = await archive.size(archive_key(entry))
    if order is None or stored is None or size is None:
        return False
    trust = open_trust(settings.trust_file, demo=settings.demo, prefix=PREFIX)
    custody = ObjectCustody(archive, archive, compile_trust(trust))
    ref = ObjectRef(
        bucket="archive",
        key=archive_key(entry),
        sha256=stored.whole,
        size=size,
        media_type=MEDIA_TYPE,
    )
    async with custody.open_sealed(ref, entry) as file:
        passed = await custody.check_copy(file, order, ref.sha256)
    now = utc_now()
    copy = archived(passed, order, now)
    link = first_link(order, now, days=settings.link_days, zone=LOCAL)
    event = CopyArchived(
        at=now,
        entry=entry,
        copy_ref=ref,
        pages=copy.pages,
        link_expires_at=link.expires_at,
    )
    if not await catalogue.enter(copy, link, event):
        return False  # these bytes were rejected: what lies there is to be discarded
    log.info("row_restored", entry=entry)
    return True
