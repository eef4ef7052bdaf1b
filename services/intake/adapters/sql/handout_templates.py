"""Templates of papers that an agency's administrator has issued."""

from typing import Any

from sqlalchemy import Connection, Row, insert, select

from chassis.database import Database
from intake.adapters.sql import audit, form_uses
from intake.adapters.sql.rows import named
from intake.adapters.sql.tables import handout_templates
from intake.domain.handouts.fields import Handout
from intake.domain.handouts.templates import HandoutTemplate
from intake.domain.records import Note

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


def _of(tx: Connection, agency: str) -> tuple[HandoutTemplate, ...]:
    rows = tx.execute(
        select(handout_templates)
        .where(handout_templates.c.agency == agency)
        .order_by(handout_templates.c.seq)
    )
    return tuple(map(_template, rows))


def _issue(tx: Connection, template: HandoutTemplate, note: Note) -> None:
    tx.execute(insert(handout_templates).values(**named(template, TEMPLATE)))
    audit.append(tx, note)


def _template(row: Row[Any]) -> HandoutTemplate:
    return HandoutTemplate(**{**named(row, TEMPLATE), "handout": Handout(row.handout)})
