"""The question before a link in SQL, and the count of its wrong answers.

The throttle over all replicas is the row: start at ``tried``.
"""

import hmac
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select
from sqlalchemy.dialects import postgresql, sqlite

from ecopy.events import LinkFactor
from ecopy.identifiers import EntryId
from storage.adapters.tables import link_factors, link_tries
from storage.domain.factors import TRIES, Factor


def put(tx: Connection, entry: EntryId, generation: int, factor: LinkFactor) -> None:
    """The first word holds."""
    row = {"entry": entry, "generation": generation, **factor.model_dump()}
    tx.execute(_insert(tx, link_factors).values(row).on_conflict_do_nothing())


def factor_of(
    tx: Connection, entry: EntryId, generation: int, *, locked: bool = False
) -> Factor | None:
    query = select(link_factors.c.kind, link_factors.c.answer_hmac).where(
        link_factors.c.entry == entry, link_factors.c.generation == generation
    )
    row = tx.execute(query.with_for_update() if locked else query).first()
    if row is None:
        return None
    wrong = tx.scalar(select(link_tries.c.wrong).where(*_mine(entry, generation)))
    return Factor(row.kind, row.answer_hmac, wrong or 0)


def locked_at(tx: Connection, entry: EntryId, generation: int) -> datetime | None:
    return tx.scalar(select(link_tries.c.locked_at).where(*_mine(entry, generation)))


def tried(
    tx: Connection, entry: EntryId, generation: int, answer: str, now: datetime
) -> tuple[bool, Factor] | None:
    """Whether *answer* is right, and the question with its wrong answers counted; None
    where nothing is asked. No answer is compared once too many were wrong.
    """
    # The row is held from reading the count to writing it: of many answers at once, at
    # any replica, no more than allowed are compared.
    factor = factor_of(tx, entry, generation, locked=True)
    if factor is None:
        return None
    if not factor.left:
        return False, factor
    if hmac.compare_digest(factor.answer_hmac, answer):
        return True, factor
    wrong = factor.wrong + 1
    count = {"wrong": wrong, "locked_at": now if wrong >= TRIES else None}
    counting = _insert(tx, link_tries).values(
        entry=entry, generation=generation, **count
    )
    keys = ["entry", "generation"]
    tx.execute(counting.on_conflict_do_update(index_elements=keys, set_=count))
    return False, Factor(factor.kind, factor.answer_hmac, wrong)


def _mine(entry: EntryId, generation: int) -> tuple[Any, Any]:
    return link_tries.c.entry == entry, link_tries.c.generation == generation


def _insert(tx: Connection, table: Any) -> Any:
    made = sqlite.insert if tx.dialect.name == "sqlite" else postgresql.insert
    return made(table)
