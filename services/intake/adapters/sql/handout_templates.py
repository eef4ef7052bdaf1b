"""Templates of papers that an agency's administrator has issued."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, Row, insert, select

from chassis.database import Database
from intake.adapters.sql import audit, form_uses, office_rows
from intake.adapters.sql.holding import hold
from intake.adapters.sql.rows import named
from intake.adapters.sql.tables import handout_templates
from intake.domain.handouts.fields import Handout
from intake.domain.handouts.templates import HandoutTemplate
from intake.domain.records import Note
from intake.domain.table_rows import TakenBack

TEMPLATE = ("agency", "handout", "valid_from", "text", "by", "at")


class SqlHandoutTemplates:
    """``ports.HandoutTemplates``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(self, agency: str) -> tuple[HandoutTemplate, ...]:
        return await self._database.read(lambda tx: _of(tx, agency))

    async def issue(self, template: HandoutTemplate, note: Note) -> None:
        await form_uses.write(
            self._database, lambda tx: _issue(tx, template, note), lambda _: {}
        )

    async def take_back(
        self,
        agency: str,
        row: int,
        decide: Callable[[tuple[HandoutTemplate, ...]], tuple[TakenBack, Note]],
    ) -> TakenBack:
        return await form_uses.write(
            self._database, lambda tx: _take_back(tx, agency, row, decide), lambda _: {}
        )


def _of(tx: Connection, agency: str) -> tuple[HandoutTemplate, ...]:
    taken = office_rows.taken_of(tx, handout_templates.name)
    rows = tx.execute(
        select(handout_templates)
        .where(handout_templates.c.agency == agency)
        .order_by(handout_templates.c.seq)
    )
    return tuple(_template(row, taken.get(row.seq)) for row in rows)


def _issue(tx: Connection, template: HandoutTemplate, note: Note) -> None:
    tx.execute(insert(handout_templates).values(**named(template, TEMPLATE)))
    audit.append(tx, note)


def _take_back(
    tx: Connection,
    agency: str,
    row: int,
    decide: Callable[[tuple[HandoutTemplate, ...]], tuple[TakenBack, Note]],
) -> TakenBack:
    # Whoever is second waits here, and then reads who was first.
    hold(tx, f"tables {agency}")
    taken, note = decide(_of(tx, agency))
    office_rows.take_back(tx, handout_templates.name, row, taken)
    audit.append(tx, note)
    return taken


def _template(row: Row[Any], taken: TakenBack | None) -> HandoutTemplate:
    known = named(row, (*TEMPLATE, "seq"))
    return HandoutTemplate(
        **known | {"handout": Handout(row.handout), "taken_back": taken}
    )
