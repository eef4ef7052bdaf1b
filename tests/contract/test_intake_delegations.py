"""Delegations in writing at the moment of approval, on SQLite and on PostgreSQL."""

import asyncio
from dataclasses import replace

import pytest
import pytest_asyncio
from sqlalchemy import delete, select, update
from sqlalchemy.exc import DBAPIError

from intake import wiring
from intake.adapters.sql.own_tables import RememberedTables, SqlOwnTables
from intake.adapters.sql.tables import audit, delegations, register
from intake.domain.certifications import Certification
from intake.domain.states import NotAllowed
from support import intake
from support.delegated import HIEN, TYPED, delegated_rules
from support.papers import open_papers, papers_of


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request, tmp_path):
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/intake.db"
    return request.getfixturevalue("postgres").place()


@pytest_asyncio.fixture
async def papers(place, tmp_path):
    async with open_papers(tmp_path, place) as plain:
        rules = replace(delegated_rules(), own=plain.opened.tables.of)
        yield await papers_of(intake.replaced(plain.opened, rules=rules))


@pytest.fixture
def hien(papers):
    return replace(papers.people["loc"], officer=HIEN)


@pytest.fixture
def governing(papers):
    return papers.desk.governing


async def approved(papers, document, by) -> Certification:
    known = await papers.known(document)
    return await papers.desk.certifying.approve(
        document, known.version, known.page_digests, by
    )


async def awaiting(papers):
    document = await papers.awaiting()
    await papers.look(document, "loc")
    return document


def elsewhere(papers):
    """The desk of another replica: its memory is its own."""
    tables = RememberedTables()
    rules = replace(papers.opened.rules, own=tables.of)
    other = intake.replaced(papers.opened, rules=rules, tables=tables)
    return wiring.desk(other).governing, SqlOwnTables(other.store, tables)


async def lines(papers):
    return await papers.opened.store.read(
        lambda tx: len(tx.execute(select(register)).all())
    )


async def test_a_copy_is_ordered_under_the_document_and_says_so(
    papers, hien, governing
):
    """Without it no number is taken; with it the title and the audit name it."""
    document = await awaiting(papers)
    with pytest.raises(NotAllowed, match="no-delegation"):
        await approved(papers, document, hien)
    await governing.delegate(TYPED, papers.people["long"])

    certified = await approved(papers, document, hien)
    assert certified.order.officer.id == HIEN
    assert certified.order.officer.title_lines == (
        "TUQ. CHỦ TỊCH",
        "TRƯỞNG PHÒNG TƯ PHÁP",
    )
    noted = await papers.opened.store.read(
        lambda tx: tx.execute(
            select(audit.c.action, audit.c["values"]).order_by(audit.c.seq)
        ).all()
    )
    values = dict(noted)
    assert values["approved"]["delegation"] == "19/UQ-UBND"
    assert values["delegation-entered"]["delegate"] == HIEN


async def test_a_document_ended_at_another_replica_orders_nothing(
    papers, hien, governing
):
    """This replica has not heard of it yet; its transaction reads it again."""
    document = await awaiting(papers)
    long = papers.people["long"]
    entered = await governing.delegate(TYPED, long)
    other, tables = elsewhere(papers)
    await tables.refresh()
    seq = other.delegations(long).rows[0].seq
    await other.revoke(seq, "Nghỉ hưu", long)

    with pytest.raises(NotAllowed) as refused:
        await approved(papers, document, hien)
    assert refused.value.key == "error.delegation-revoked"
    assert refused.value.values == {"number": entered.number, "who": long.name}
    assert await lines(papers) == 0


def tables_of(tables):
    return tables._remembered.of(intake.AGENCY).delegations


async def test_of_an_approval_and_an_end_at_once_one_is_first(papers, hien, governing):
    """Whichever it is: no line stands in the register whose order was refused."""
    document = await awaiting(papers)
    long = papers.people["long"]
    await governing.delegate(TYPED, long)
    seq = governing.delegations(long).rows[0].seq
    answers = await asyncio.gather(
        approved(papers, document, hien),
        governing.revoke(seq, "Nghỉ hưu", long),
        return_exceptions=True,
    )

    ordered = isinstance(answers[0], Certification)
    assert ordered or answers[0].key in {
        "error.delegation-revoked",
        "error.no-delegation",
    }
    assert await lines(papers) == int(ordered)
    assert governing.delegations(long).rows[0].standing == "revoked"


async def test_no_document_is_changed_or_removed(papers, governing):
    await governing.delegate(TYPED, papers.people["long"])
    for act in (update(delegations).values(number="x"), delete(delegations)):
        with pytest.raises(DBAPIError, match="append-only"):
            await papers.opened.store.write(lambda tx, act=act: tx.execute(act))
