"""What earlier releases left on a ward's disk (``tests/corpus/make_release.py``)."""

import sqlite3
import tarfile
from contextlib import closing
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "corpus" / "files" / "releases"
RELEASES = sorted(FOLDER.glob("*.tar.xz"))
"""Oldest first."""
SERVICES = ("intake", "signing", "storage")


def unpacked(release: Path, into: Path) -> Path:
    """The folder with the release's ``var/`` and its ``ecopy/``."""
    with tarfile.open(release) as archive:
        archive.extractall(into, filter="data")
    return into


def rows(database: Path) -> dict[str, list[dict[str, object]]]:
    """Table → its rows, of a SQLite file; the schema's own version apart."""
    with closing(sqlite3.connect(database)) as connection:
        connection.row_factory = sqlite3.Row
        names = connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table'"
            " AND name NOT LIKE 'sqlite_%' AND name != 'alembic_version'"
        ).fetchall()
        return {
            name: [dict(r) for r in connection.execute(f'SELECT * FROM "{name}"')]
            for (name,) in names
        }


def version(database: Path) -> str:
    """The revision of the schema that the release had."""
    with closing(sqlite3.connect(database)) as connection:
        found = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        return str(found[0])
