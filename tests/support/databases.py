"""A database with its tables in it, without their history."""

import tempfile
from functools import cache
from pathlib import Path

from sqlalchemy import make_url

from chassis.migration import migrate


def make_ready(url: str, migrations: Path) -> None:
    """An empty database gets its tables. On SQLite it is a copy of one that was
    migrated in this test process: migrations are proved by the contract tests.
    """
    where = make_url(url)
    file = Path(where.database or "")
    if where.get_backend_name() == "sqlite" and not file.exists():
        file.write_bytes(_migrated(migrations))
        return
    migrate(url, migrations)


@cache
def _migrated(migrations: Path) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "new.db"
        migrate(f"sqlite:///{file}", migrations)
        return file.read_bytes()
