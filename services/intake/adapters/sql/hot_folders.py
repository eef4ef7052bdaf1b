"""What was last seen of each hot folder, for the page of the inbox."""

from sqlalchemy import Connection, insert, select, update

from intake.adapters.sql.tables import hot_folders
from intake.domain.arrivals import FolderReport


def report(tx: Connection, seen: FolderReport) -> None:
    values = {
        "agency": seen.agency,
        "looked_at": seen.looked_at,
        "trouble": seen.trouble,
        "since": seen.since,
        "arriving": [list(each) for each in seen.arriving],
    }
    mine = hot_folders.c.name == seen.name
    if not tx.execute(update(hot_folders).where(mine).values(values)).rowcount:
        tx.execute(insert(hot_folders).values(name=seen.name, **values))


def folders(tx: Connection, agency: str) -> tuple[FolderReport, ...]:
    query = select(hot_folders).order_by(hot_folders.c.name)
    if agency:
        query = query.where(hot_folders.c.agency == agency)
    return tuple(
        FolderReport(
            name=row.name,
            agency=row.agency,
            looked_at=row.looked_at,
            trouble=row.trouble,
            since=row.since,
            arriving=tuple((name, size) for name, size in row.arriving),
        )
        for row in tx.execute(query)
    )
