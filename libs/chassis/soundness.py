"""Whether a SQLite file is whole: a row of each table does not show a page spoilt
elsewhere.
"""

import sqlite3
import threading
import time
from pathlib import Path
from typing import Final

from sqlalchemy import Connection

LEAST_SECONDS: Final = 5.0
SHARE: Final = 0.01
"""The most of the time that checks may take: one that takes a second comes every
hundred seconds."""


class Soundness:
    """Whether one database's file is whole, by SQLite's own check of every page.
    PostgreSQL's checksums are its own matter: there the answer is always yes.
    """

    def __init__(
        self, *, least_seconds: float = LEAST_SECONDS, share: float = SHARE
    ) -> None:
        self._least_seconds = least_seconds
        self._share = share
        self._sound = True
        self._next = 0.0
        self._lock = threading.Lock()

    def look(self, tx: Connection) -> bool:
        """The last finding, renewed when it is time to."""
        file = tx.engine.url.database
        if tx.dialect.name != "sqlite" or not file:
            return True
        # One look at a time: the lock is held while the whole file is read, and readers
        # that ask meanwhile wait for the same answer instead of reading it too.
        with self._lock:
            began = time.monotonic()
            if began >= self._next:
                self._sound = _whole(file)
                ended = time.monotonic()
                rest = max(self._least_seconds, (ended - began) / self._share)
                self._next = ended + rest
            return self._sound


def _whole(file: str) -> bool:
    """On a connection of its own: a pooled one answers from the pages it remembers."""
    try:
        own = sqlite3.connect(f"{Path(file).absolute().as_uri()}?mode=ro", uri=True)
        try:
            found = own.execute("PRAGMA quick_check(1)").fetchone()
        finally:
            own.close()
        return bool(found == ("ok",))
    except sqlite3.DatabaseError:
        return False
