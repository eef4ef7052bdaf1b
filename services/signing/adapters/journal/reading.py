"""The seal journal read once: is it unbroken, and which attempts does it leave open?

An attempt is an intent, then an outcome (its signatures exist) or a failure, then an
issue (its copy is the entry's) or a loss (it was written off); a withdrawal takes an
issue back. Rows cut off at the end leave a shorter chain that is whole: the entries'
copies tell of their issues, and a head that was noted before tells of all. Start
reading at ``verified``.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select, text

from chassis.hash_chain import Break, BrokenChainError, Head
from signing.adapters.journal.tables import CHAIN, entries, moment


@dataclass(frozen=True, slots=True)
class AttemptRow:
    """An intent, or an outcome, that no later row answers."""

    position: int
    at: str
    entry: str
    revision: int
    attempt: str


@dataclass(frozen=True, slots=True)
class JournalReading:
    """What one reading of the whole journal found sound."""

    head: Head
    open: tuple[AttemptRow, ...]
    """Intents without a later row: a key may have been used, nothing came of it."""
    loose: tuple[AttemptRow, ...]
    """Outcomes that neither became a copy nor were written off."""


def verified(tx: Connection, noted: Head | None = None) -> JournalReading:
    """The journal read once; *noted* is a head from before, which must still be in it.

    Raises BrokenChainError for the first bad row.
    """
    if tx.dialect.name == "postgresql":  # rows and copies as of one moment
        tx.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
    attempts = _Attempts()
    head = CHAIN.read(tx, attempts.note)
    _check_copies(tx, attempts.issued, head)
    CHAIN.check_noted(tx, noted)
    return JournalReading(
        head, tuple(attempts.open.values()), tuple(attempts.loose.values())
    )


def _check_copies(tx: Connection, issued: dict[str, str], head: Head) -> None:
    copies = select(entries.c.entry, entries.c.copy_sha256).where(
        entries.c.copy_sha256.is_not(None)
    )
    if {row.entry: row.copy_sha256 for row in tx.execute(copies)} != issued:
        raise BrokenChainError(head.rows + 1, Break.CUT)


class _Attempts:
    """Which attempts have no end yet while the rows go by."""

    def __init__(self) -> None:
        self.open: dict[str, AttemptRow] = {}
        self.loose: dict[str, AttemptRow] = {}
        self.issued: dict[str, str] = {}

    def note(self, row: dict[str, Any]) -> None:
        attempt, kind = row["attempt"], row["kind"]
        this = AttemptRow(
            row["position"], moment(row), row["entry"], row["revision"], attempt
        )
        if kind == "intent":
            self.open[attempt] = this
            return
        self.open.pop(attempt, None)
        if kind == "outcome":
            self.loose[attempt] = this
            return
        self.loose.pop(attempt, None)
        if kind == "issue":
            self.issued[row["entry"]] = row["copy_sha256"]
        if kind == "withdrawal":
            self.issued.pop(row["entry"], None)
