"""The seal keeper's queue at a real desk: what is approved waits, and is released or
given back, by pages and forms.
"""

from dataclasses import replace
from datetime import date, timedelta

import httpx
import pytest
import pytest_asyncio
from sqlalchemy import select

from chassis.outbox import outbox
from ecopy.events import CertificationOrdered
from intake.adapters.sql.users import SqlUsers
from intake.app.application import create_app
from intake.domain.batch import Chosen
from intake.domain.people import Role
from intake.domain.records import Note
from intake.domain.states import NotAllowed, State
from intake.domain.switches import Switch
from support.intake import AGENCY, PASSWORD
from support.papers import open_papers

TODAY = date(2026, 11, 23)


@pytest_asyncio.fixture
async def papers(tmp_path):
    async with open_papers(tmp_path) as opened:
        users, at = SqlUsers(opened.opened.store), opened.opened.clock()
        like = await users.find("ha")
        keeper = replace(
            like, id="ngan", name="Đỗ Thu Ngân", roles=frozenset({Role.SEAL_KEEPER})
        )
        assert await users.add(keeper, Note(at, "", "", AGENCY, "user-added"))
        yield opened


async def turn(papers, switch, *, on=True, version=0):
    await papers.desk.governing.turn(
        switch, on=on, valid_from=TODAY, version=version, by=papers.people["long"]
    )


async def orders(papers):
    """Every order that left the desk, oldest first."""
    rows = await papers.opened.store.read(
        lambda tx: tx.execute(
            select(outbox.c.subject, outbox.c.body).order_by(outbox.c.position)
        ).all()
    )
    return [
        CertificationOrdered.decode(row.body)
        for row in rows
        if row.subject == CertificationOrdered.subject
    ]


async def test_nothing_is_sealed_before_its_keeper_has_released_it(papers):
    """With the switch on, the order says that it waits, and so do board, case and
    queue; the keeper releases several at once, and each order goes out released.
    """
    await turn(papers, Switch.MANUAL_SEAL)
    first, second = await papers.registered(), await papers.registered()
    assert (await papers.known(first)).state is State.TO_SEAL
    assert [order.held for order in await orders(papers)] == [True, True]
    token = (await papers.desk.staff.sign_in("ngan", PASSWORD, "192.0.2.7")).token
    transport = httpx.ASGITransport(create_app(papers.desk), client=("192.0.2.7", 5))
    async with httpx.AsyncClient(
        transport=transport,
        base_url="http://desk.example",
        headers={"Authorization": f"Bearer {token}", "Accept": "text/html"},
    ) as http:
        queue = (await http.get("/seal")).text
        assert "Chờ đóng dấu số: 2" in queue
        case = (await http.get(f"/cases/{(await papers.known(first)).case}")).text
        assert "Chờ văn thư cho đóng dấu số" in case
        assert "Chờ đóng dấu số" in (await http.get("/")).text
        chosen = [
            f"{document}:{(await papers.known(document)).version}"
            for document in (first, second)
        ]
        done = await http.post("/seal/release", data={"item": chosen})
        assert (done.status_code, done.headers["location"]) == (303, "/seal")
        again = await http.post("/seal/release", data={"item": chosen})
        assert again.status_code == 303
        assert "Không có bản nào chờ" in (await http.get("/seal")).text
    assert (await papers.known(first)).state is State.REGISTERED
    told = [(order.revision, order.held) for order in await orders(papers)]
    assert told == [(1, True), (1, True), (2, False), (2, False)]


async def test_a_paper_keeps_how_it_was_approved(papers):
    """Turned off, the switch lets nothing go that waits; what is approved from then on
    is sealed by itself.
    """
    await turn(papers, Switch.MANUAL_SEAL)
    waiting = await papers.registered()
    await turn(papers, Switch.MANUAL_SEAL, on=False, version=1)
    after = await papers.registered()
    states = [(await papers.known(each)).state for each in (waiting, after)]
    assert states == [State.TO_SEAL, State.REGISTERED]
    keeper = replace(papers.people["ha"], user="ngan", name="Đỗ Thu Ngân")
    known = await papers.known(waiting)
    await papers.desk.releasing.withhold(waiting, "mờ", known.version, keeper)
    withheld = await papers.known(waiting)
    assert withheld.certification.setback.detail == "mờ"
    await papers.desk.standing_still.order_again(
        waiting, withheld.version, papers.people["vinh"]
    )
    assert (await papers.known(waiting)).state is State.TO_SEAL


async def test_who_received_certifies_where_the_office_has_it_so(papers):
    """From the day of the switch on, and not before."""
    document = await papers.awaiting("both")
    await papers.look(document, "both")
    with pytest.raises(NotAllowed, match="own-case"):
        await papers.approve(document, "both")
    await turn(papers, Switch.SAME_PERSON)
    approved = await papers.approve(document, "both")
    assert approved.approved_by == "both"


async def test_the_office_is_measured_by_how_long_the_seal_waits(papers):
    """From the approval to the keeper's release, which the audit has."""
    await turn(papers, Switch.MANUAL_SEAL)
    document = await papers.registered()
    papers.opened.clock.on(hours=3)
    keeper = replace(papers.people["ha"], user="ngan", name="Đỗ Thu Ngân")
    version = (await papers.known(document)).version
    (released,) = await papers.desk.releasing.release(
        [Chosen(document, version)], keeper
    )
    assert released.state is State.REGISTERED
    await papers.seal(document)
    await papers.archive(document)
    figures = (await papers.desk.measuring.overview("", papers.people["vinh"])).figures
    assert figures.steps["release"].most == timedelta(hours=3)
    assert ("Đỗ Thu Ngân", "release") in {(p.name, p.step) for p in figures.people}
