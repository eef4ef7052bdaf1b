"""Accounts that administrators change, on SQLite and on PostgreSQL."""

import asyncio

import pytest
import pytest_asyncio
from sqlalchemy import func, select

from intake.adapters.sql.tables import audit, sessions
from intake.adapters.sql.users import SqlUsers
from intake.domain.accounts import AccountForm
from intake.domain.people import Role, User
from intake.domain.records import Note, NotFound
from intake.domain.states import NotAllowed
from support.intake import AGENCY, MORNING, OTHER, PASSWORD
from support.papers import open_papers

LONG, DUNG = "Hà Bảo Long", "Mã Thị Dung"
CLERK = frozenset({Role.CLERK})


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request, tmp_path):
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/intake.db"
    return request.getfixturevalue("postgres").place()


@pytest_asyncio.fixture
async def papers(place, tmp_path):
    async with open_papers(tmp_path, place) as opened:
        second = User("dung", DUNG, AGENCY, frozenset({Role.ADMINISTRATOR}), None, "x")
        note = Note(MORNING, "", "", AGENCY, "user-added")
        assert await SqlUsers(opened.opened.store).add(second, note)
        yield opened


async def active_administrators(papers):
    view = await papers.desk.staffing.view(None, papers.people["long"])
    return [
        row.user for row in view.rows if row.active and "administrator" in row.roles
    ]


async def test_two_administrators_who_end_each_other_at_once_leave_one(papers):
    """One locks the other, the other takes the first one's role: whoever comes second
    is refused, and the agency is never without one.
    """
    staffing, long = papers.desk.staffing, papers.people["long"]
    answers = await asyncio.gather(
        staffing.lock("dung", 1, long),
        staffing.change("long", AccountForm(LONG, CLERK, None), 1, long),
        return_exceptions=True,
    )

    refused = [each for each in answers if isinstance(each, NotAllowed)]
    assert [each.key for each in refused] == ["error.last-administrator"]
    assert len(await active_administrators(papers)) == 1


async def test_a_locked_account_is_out_in_the_same_commit(papers):
    """Its sessions, of which the list tells, are gone with it; the audit says who."""
    store, desk = papers.opened.store, papers.desk
    for _ in range(2):
        await desk.staff.sign_in("man", PASSWORD, "192.0.2.7")
    view = await desk.staffing.view("man", papers.people["long"])
    assert (view.row.sessions, view.row.signed_in_at) == (2, MORNING)

    await desk.staffing.lock("man", 1, papers.people["long"])
    left = select(func.count()).select_from(sessions)
    last = select(audit).order_by(audit.c.seq.desc()).limit(1)
    assert await store.read(lambda tx: tx.scalar(left)) == 0
    note = await store.read(lambda tx: tx.execute(last).one())
    assert (note.action, note.actor, note.values) == (
        "user-locked",
        "long",
        {"user": "man"},
    )


async def test_another_agencys_accounts_are_not_there(papers):
    """Not seen, not changed, and their names cannot be taken."""
    staffing, long = papers.desk.staffing, papers.people["long"]
    form = AccountForm("Ai Đó", CLERK, None)
    for act in (
        staffing.view("elsewhere", long),
        staffing.change("elsewhere", form, 1, long),
        staffing.lock("elsewhere", 1, long),
        staffing.unlock("elsewhere", 1, long),
        staffing.give_password("elsewhere", 1, long),
        staffing.sign_out("elsewhere", 1, long),
    ):
        with pytest.raises(NotFound):
            await act
    with pytest.raises(NotAllowed, match="account-taken"):
        await staffing.add("elsewhere", form, long)
    names = {row.user for row in (await staffing.view(None, long)).rows}
    assert "elsewhere" not in names
    stranger = await SqlUsers(papers.opened.store).find("elsewhere")
    assert (stranger.agency, stranger.version, stranger.active) == (OTHER, 1, True)
