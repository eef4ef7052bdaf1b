"""The administrator's page of the system, and what is done about dead letters: on a
real desk, the bus in memory (the real one is in ``chassis/test_dead_letters``).
"""

from datetime import timedelta
from types import SimpleNamespace

import httpx
import pytest

from ecopy.marks import Mark, Marks
from intake import wiring
from intake.adapters.sql import audit
from intake.adapters.sql.tables import audit as audit_table
from intake.adapters.sql.tables import dead_letter_acts
from intake.app.application import create_app
from intake.domain.records import NotFound
from intake.domain.states import NotAllowed
from support.dead_letters import DeadLettersInMemory, letter
from support.intake import AGENCY, MORNING, PASSWORD, Form
from support.papers import open_papers

UNSIGNED = 2


@pytest.fixture
async def house(tmp_path):
    async with open_papers(tmp_path) as papers:
        bus = DeadLettersInMemory([letter(1), letter(UNSIGNED, publisher="")])
        opened = papers.opened
        yield SimpleNamespace(
            store=opened.store,
            clock=opened.clock,
            bus=bus,
            desk=wiring.desk(opened, letters=bus, bus=bus),
            papers=papers,
            long=papers.people["long"],
        )


async def audited(house):
    def lines(tx):
        audit.verified(tx)
        rows = tx.execute(audit_table.select().order_by(audit_table.c.seq))
        return [r for r in rows if r.action.startswith("letter-")]

    return await house.store.read(lines)


async def steps(house):
    acts = await house.store.read(
        lambda tx: tx.execute(dead_letter_acts.select()).all()
    )
    return [(act.act, act.step) for act in acts]


async def standings(house):
    return {
        each.letter.number: each.standing for each in await house.desk.replaying.all()
    }


async def test_a_replay_is_written_down_and_sent(house):
    """Who, when and what was mended, in the chained audit; the letter shows it."""
    await house.desk.replaying.replay(1, "đã sửa khóa", house.long)
    assert list(house.bus.replayed.values()) == [house.bus.letters[0]]
    assert await steps(house) == [("replay", "sent")]
    assert await standings(house) == {1: "replay-sent", UNSIGNED: "new"}
    (line,) = await audited(house)
    assert (line.actor, line.action) == ("long", "letter-replayed")
    assert line.values == {
        "letter": 1,
        "consumer": "signing-ordered",
        "entry": house.bus.letters[0].entry,
        "why": "đã sửa khóa",
    }


async def test_the_page_says_why_no_number_is_given(house):
    """With the register's own last number and the one that somebody has met."""
    says = {part.slug: part.says for part in (await page(house)).parts}
    assert says["numbers"] == "numbers"
    house.papers.opened.marks.hear({"signing": marks_at(9), "storage": None})
    (part,) = (p for p in (await page(house)).troubled if p.slug == "numbers")
    assert part.says == "register-older"
    assert (part.values["number"], part.values["known"]) == (0, 9)


async def page(house):
    return await house.desk.overseeing.page(house.long)


def marks_at(highest):
    mark = Mark(agency=AGENCY, series="E", year=2026, highest=highest)
    return Marks(at=MORNING, books=(mark,))


async def test_a_letter_that_nobody_signed_is_not_sent(house):
    """Refused, nothing is written; it can be looked at and dismissed."""
    with pytest.raises(NotAllowed, match="letter-unsigned"):
        await house.desk.replaying.replay(UNSIGNED, "", house.long)
    assert (await audited(house), await steps(house)) == ([], [])
    shown = await house.desk.overseeing.letter(UNSIGNED, house.long)
    assert not shown.row.signed
    await house.desk.replaying.dismiss(UNSIGNED, "giả mạo", house.long)
    assert await standings(house) == {1: "new", UNSIGNED: "dismiss-noted"}
    assert house.bus.replayed == {}
    actions = [line.action for line in await audited(house)]
    assert actions == ["letter-shown", "letter-dismissed"]


async def test_a_replay_that_could_not_be_sent_is_sent_later_once(house):
    """The bus goes away behind the reading, or the process dies there: the row is what
    brings the replay about.
    """
    house.bus.away_after_reading = True
    await house.desk.replaying.replay(1, "", house.long)
    assert await standings(house) == {1: "replay-asked", UNSIGNED: "new"}
    house.bus.away_after_reading = False
    assert await house.desk.replaying.send_rest() == 1
    assert await house.desk.replaying.send_rest() == 0
    assert len(house.bus.replayed) == 1
    assert await steps(house) == [("replay", "sent")]
    assert len(await audited(house)) == 1


async def test_a_letter_that_is_gone_is_not_taken_for_another(house):
    """A lost stream begins at one again: neither the old act nor the old replay is
    about the new letter of that number.
    """
    house.bus.away_after_reading = True
    await house.desk.replaying.replay(1, "", house.long)
    house.bus.away_after_reading = False
    house.bus.lose(house.clock() + timedelta(hours=1))
    assert await standings(house) == {1: "new"}
    await house.desk.replaying.send_rest()
    assert await steps(house) == [("replay", "gone")]
    assert house.bus.replayed == {}


async def test_what_is_not_there_is_not_found(house):
    """Neither shown nor written down."""
    for act in ("replay", "dismiss"):
        with pytest.raises(NotFound):
            await getattr(house.desk.replaying, act)(77, "", house.long)
    with pytest.raises(NotFound):
        await house.desk.overseeing.letter(77, house.long)
    with pytest.raises(NotAllowed, match="too-long"):
        await house.desk.replaying.replay(1, "x" * 301, house.long)
    assert await audited(house) == []


async def test_a_bus_that_is_away_says_so_on_the_page(house):
    """The page is there, and does not claim that there are no letters."""
    house.bus.away = True
    view = await house.desk.overseeing.page(house.long)
    assert view.letters is None
    assert view.worst == "stop"
    assert [part.says for part in view.troubled] == ["bus-away", "letters-unknown"]


async def test_the_page_counts_what_waits_and_since_when(house):
    """Papers of the own agency by state, and events that the bus has not taken."""
    first = await house.papers.awaiting()
    house.clock.on(minutes=90)
    await house.papers.awaiting()
    await house.papers.registered()
    await house.papers.issued()
    await house.papers.received("elsewhere")
    view = await house.desk.overseeing.page(house.long)
    waiting = {row.state: (row.papers, row.minutes) for row in view.waiting}
    assert waiting == {"awaiting": (2, 90), "registered": (1, 0)}
    (row,) = (row for row in view.waiting if row.state == "awaiting")
    assert first.endswith(f"{row.case}-1")
    (relay,) = (part for part in view.parts if part.slug == "relay")
    assert (relay.says, relay.values) == ("relay-waits", {"n": 2})


async def test_an_administrator_replays_from_the_page(house):
    """Overview, letter, button, receipt; pressed twice it is one act, and pressed with
    something else typed it asks.
    """
    transport = httpx.ASGITransport(create_app(house.desk))
    async with httpx.AsyncClient(
        transport=transport, base_url="http://desk.example", follow_redirects=True
    ) as http:
        await http.post("/sign-in", data={"user": "long", "password": PASSWORD})
        overview = await http.get("/system")
        assert 'href="/system/letters/1"' in overview.text
        page = await http.get("/system/letters/1")
        assert "no such field" in page.text
        form = Form(page.text, "/system/letters/1/replay").sent(why="đã sửa")
        for _ in range(2):
            after = await http.post("/system/letters/1/replay", data=form)
            assert after.url.path == "/system"
            assert "Đã cho chạy lại tin số 1" in after.text
        other = await http.post(
            "/system/letters/1/replay", data={**form, "why": "khác"}
        )
        assert other.status_code == 409
        unsigned = await http.get(f"/system/letters/{UNSIGNED}")
        assert "/system/letters/2/replay" not in unsigned.text
        listed = await http.get("/v1/system/letters")
        house.bus.away = True
        away = await http.get("/system")
        lost = await http.get("/system/letters/1")
    assert await steps(house) == [("replay", "sent")]
    assert [each["standing"] for each in listed.json()["letters"]] == [
        "new",
        "replay-sent",
    ]
    assert away.status_code == 200
    assert "Hàng đợi tin không trả lời" in away.text
    assert lost.status_code == 503
    assert "Hàng đợi tin không trả lời" in lost.text
    # The third is the page that gave back what was typed beside the conflict.
    assert [line.action for line in await audited(house)] == [
        "letter-shown",
        "letter-replayed",
        "letter-shown",
        "letter-shown",
    ]
