"""Steps of the page desk: a line each, which says what it does and whether it stands.

What they come to is derived (``domain.arranging``). Start at ``history``.
"""

from collections.abc import Iterable
from typing import Any, Final

from sqlalchemy import Connection, Row, bindparam, insert, select, update

from intake.adapters.sql.tables import page_steps
from intake.domain.arranging import History, PageStep

PLAIN: Final = (
    "case",
    "seq",
    "kind",
    "document",
    "effect",
    "papers",
    "by",
    "by_name",
    "at",
    "state",
    "undone_by",
    "undone_at",
)


# Made once: SQLAlchemy keeps what it worked out for a statement with the statement.
_OF_CASE: Final = (
    select(page_steps)
    .where(page_steps.c.case == bindparam("one"))
    .order_by(page_steps.c.seq)
)


def history(tx: Connection, case: str) -> History:
    return History(tuple(map(_step, tx.execute(_OF_CASE, {"one": case}))))


def store(tx: Connection, before: History, steps: Iterable[PageStep]) -> None:
    """New steps are added; of one that is there only its state changes."""
    known = {step.seq for step in before.steps}
    for step in steps:
        if step.seq not in known:
            tx.execute(insert(page_steps).values(**_values(step)))
            continue
        tx.execute(
            update(page_steps)
            .where(page_steps.c.case == step.case, page_steps.c.seq == step.seq)
            .values(
                state=step.state, undone_by=step.undone_by, undone_at=step.undone_at
            )
        )


def _values(step: PageStep) -> dict[str, Any]:
    values = {name: getattr(step, name) for name in PLAIN}
    return values | {"touches": list(step.touches)}


def _step(row: Row[Any]) -> PageStep:
    values = {name: getattr(row, name) for name in PLAIN}
    return PageStep(touches=tuple(row.touches), **values)
