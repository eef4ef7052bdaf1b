"""A snapshot written to a file by the database's own tools, and loaded again.

SQLite copies itself page by page; PostgreSQL has ``pg_dump`` and ``pg_restore``, which
must be as new as its server. Start at ``dump``.
"""

import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, inspect, make_url, text

from chassis.engines import create
from chassis.starting import CannotStart
from onebox import settings
from onebox.backup.moment import Snapshot

SUFFIX: Final = {"sqlite": ".db", "postgresql": ".pgdump"}
COMPLAINT_CHARACTERS: Final = 500


def kind_of(url: str) -> str:
    """``sqlite`` or ``postgresql``."""
    return make_url(url).get_backend_name()


def file_name(service: str, kind: str) -> str:
    return f"{service}{SUFFIX[kind]}"


def dump(snapshot: Snapshot, url: str, file: Path) -> None:
    """Write all of the snapshot's tables into *file*; raises CannotStart."""
    if kind_of(url) == "sqlite":
        _copy_pages(snapshot.connection, file)
        return
    schema = snapshot.connection.scalar(text("SELECT current_schema()"))
    _run(
        *("pg_dump", "--format=custom", "--no-owner", "--no-privileges"),
        *(f"--snapshot={snapshot.exported}", f"--schema={schema}", f"--file={file}"),
        url=url,
    )


def load(file: Path, url: str) -> None:
    """Make the database under *url* from *file*. Raises CannotStart where it is not
    empty.
    """
    if kind_of(url) == "sqlite":
        target = Path(make_url(url).database or "")
        check_absent(target)
        shutil.copyfile(file, target)
        return
    schema = _empty_schema(url)
    _run(
        *("pg_restore", "--exit-on-error", "--single-transaction", "--no-owner"),
        *("--no-privileges", f"--schema={schema}", f"--dbname={_name(url)}", str(file)),
        url=url,
    )


def check_absent(file: Path) -> None:
    """Also what a database that was deleted has left beside it: SQLite would write the
    old pages of such a journal over the new file. Raises CannotStart.
    """
    for ending in ("", "-wal", "-journal"):
        there = file.with_name(file.name + ending)
        if there.exists():
            raise CannotStart(
                f"Đã có {there}: chỉ phục hồi vào nơi trống, không ghi đè cơ sở dữ liệu"
                f" nào.",
                f"There is {there} already: a backup is restored to an empty place"
                f" only, and no database is written over.",
            )


def _copy_pages(connection: Connection, file: Path) -> None:
    source = connection.connection.driver_connection
    if not isinstance(source, sqlite3.Connection):
        raise TypeError("not a connection of SQLite")
    with closing(sqlite3.connect(file)) as target:
        source.backup(target)
        # One file, complete in itself: no -wal beside it that could be left behind.
        target.execute("PRAGMA journal_mode=DELETE")


def _empty_schema(url: str) -> str:
    engine = create(url)
    try:
        with engine.connect() as connection:
            schema = str(connection.scalar(text("SELECT current_schema()")))
            tables = inspect(connection).get_table_names(schema)
    finally:
        engine.dispose()
    if tables:
        raise CannotStart(
            f"Cơ sở dữ liệu {_name(url)} đã có bảng ({tables[0]}, …): chỉ phục hồi vào"
            f" cơ sở dữ liệu trống.",
            f"The database {_name(url)} has tables already ({tables[0]}, …): a backup"
            f" is restored into an empty database only.",
        )
    return schema


def _name(url: str) -> str:
    return str(make_url(url).database)


def _run(*command: str, url: str) -> None:
    """Run PostgreSQL's *command* on the database under *url*."""
    # By environment: other processes of the machine can read a command line.
    place = make_url(url)
    own = {
        "PGHOST": str(place.query.get("host") or place.host or ""),
        "PGPORT": str(place.query.get("port") or place.port or ""),
        "PGUSER": str(place.username or place.query.get("user") or ""),
        "PGPASSWORD": str(place.password or ""),
        "PGDATABASE": _name(url),
    }
    try:
        done = subprocess.run(  # noqa: S603 - PostgreSQL's own program
            command,
            env=settings.for_child({k: v for k, v in own.items() if v}),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
    except FileNotFoundError as error:
        raise CannotStart(
            f"Máy này không có {command[0]}: cài gói postgresql-client cùng phiên bản"
            f" với máy chủ rồi chạy lại.",
            f"There is no {command[0]} on this machine: install the package"
            f" postgresql-client in the server's version and run again.",
        ) from error
    if done.returncode != 0:
        complaint = done.stderr.strip()[-COMPLAINT_CHARACTERS:]
        raise CannotStart(
            f"{command[0]} không xong với cơ sở dữ liệu {_name(url)}: {complaint}",
            f"{command[0]} did not succeed on the database {_name(url)}: {complaint}",
        )
