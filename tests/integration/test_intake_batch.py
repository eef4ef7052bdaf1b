"""The certifier ticks papers in the queue and approves them in one act, by form."""

import asyncio
import re

import pytest
from sqlalchemy import func, select, update

from intake.adapters.sql.tables import documents, register
from support.intake import Form, app_of, browsing, path_of
from support.papers import open_papers


@pytest.fixture
async def papers(tmp_path):
    async with open_papers(tmp_path) as opened:
        yield opened


async def seen(papers, vinh, document):
    """Each picture asked for, each lower edge in view."""
    await papers.look(document, "vinh")
    wall = await vinh.look(f"/wall/{document}")
    assert f'formaction="/documents/{document}/seen"' in wall.text
    form = Form(wall.text, f"/documents/{document}/approve")
    ticked = form.sent(seen=form.boxes["seen"])
    return await vinh.http.post(f"/documents/{document}/seen", data=ticked)


def results(page):
    """Document → its line of the page."""
    lines = re.findall(r'(?s)<li data-document="([^"]+)">(.*?)</li>', page.text)
    return dict(lines)


async def numbered(papers):
    return await papers.opened.store.read(
        lambda tx: tx.scalar(select(func.count()).select_from(register))
    )


def pickable(page):
    """The boxes of the queue that a person can tick."""
    return re.findall(r'name="item" value="([^"]+)" form="batch">', page.text)


async def test_each_paper_has_its_own_result_and_failures_come_first(papers):
    """Two good ones, one unseen, one changed since, and no paper at all: two numbers,
    three reasons, and the same page after a reload and after two presses at once.
    """
    good = [await papers.awaiting() for _ in range(2)]
    unseen, changed = await papers.awaiting(), await papers.awaiting()
    async with browsing(app_of(papers.opened), "vinh") as (vinh,):
        for document in (*good, changed):
            page = await seen(papers, vinh, document)
        assert {box.partition(":")[0] for box in pickable(page)} == {*good, changed}
        form = Form(page.text, "/wall/batches")
        ticked = dict(each.split(":") for each in form.boxes["item"])
        known = await papers.known(changed)
        await papers.desk.certifying.send_back(
            changed, "mờ", known.version, papers.people["loc"]
        )
        items = [f"{document}:{version}" for document, version in ticked.items()]
        sent = form.sent() | {"item": [*reversed(items), "nope:1"]}
        first, again = await asyncio.gather(
            vinh.http.post("/wall/batches", data=sent),
            vinh.http.post("/wall/batches", data=sent),
        )
        assert path_of(first) == path_of(again)
        reloaded = await vinh.look(path_of(first))
        for page in (first, again, reloaded):
            assert "2 giấy đã duyệt, 3 giấy chưa" in page.text
            lines = results(page)
            assert {*list(lines)[:3]} == {unseen, changed, "nope"}
            assert "Còn trang 1 chưa xem" in lines[unseen]
            assert "Trần Hữu Lộc đã sửa giấy này" in lines[changed]
            assert all(re.search(r"số \d/2026", lines[document]) for document in good)
        assert await numbered(papers) == 2
        # Whoever else signs in does not find it.
        async with browsing(app_of(papers.opened), "loc") as (loc,):
            assert (await loc.look(path_of(first))).status_code == 404


async def test_who_received_does_not_certify_in_a_batch_either(papers):
    """The box is closed, and a form made by hand is refused."""
    own = await papers.awaiting(by="both")
    known = await papers.known(own)
    await papers.look(own, "both")
    await papers.desk.pictures.note_seen(own, known.page_digests, papers.people["both"])
    async with browsing(app_of(papers.opened), "both") as (both,):
        wall = await both.look("/wall")
        assert pickable(wall) == []
        page = await both.send(wall, "/wall/batches", item=f"{own}:{known.version}")
        assert "Hồ sơ do chính tôi tiếp nhận" in results(page)[own]
        none = await both.send(wall, "/wall/batches")
        assert (none.status_code, "Chọn ít nhất một giấy" in none.text) == (422, True)
        many = [f"{own}:{n}" for n in range(101)]
        assert (await both.send(wall, "/wall/batches", item=many)).status_code == 422
    assert await numbered(papers) == 0


async def test_a_fault_in_one_paper_stops_no_other(papers):
    """Whatever breaks inside one is said of that one; its key stays free."""
    broken, good = await papers.awaiting(), await papers.awaiting()
    async with browsing(app_of(papers.opened), "vinh") as (vinh,):
        for document in (broken, good):
            page = await seen(papers, vinh, document)
        # A row that no version of ours writes: reading it raises.
        known = await papers.opened.store.read(
            lambda tx: tx.scalar(
                select(documents.c.state).where(documents.c.id == broken)
            )
        )

        def spoil(state):
            return lambda tx: tx.execute(
                update(documents).where(documents.c.id == broken).values(state=state)
            )

        form = Form(page.text, "/wall/batches")
        sent = form.sent(item=form.boxes["item"])
        await papers.opened.store.write(spoil("no-such-state"))
        page = await vinh.http.post("/wall/batches", data=sent, follow_redirects=False)
        assert page.status_code == 303
        await papers.opened.store.write(spoil(known))
        lines = results(await vinh.look(page.headers["location"]))
        assert "Máy gặp lỗi với riêng giấy này" in lines[broken]
        assert "số 1/2026" in lines[good]
        again = await vinh.http.post("/wall/batches", data=sent)
        assert "2 giấy đã duyệt" in again.text
    assert await numbered(papers) == 2


async def test_a_page_that_did_not_change_need_not_be_seen_again(papers):
    """Sent back and submitted anew: what was seen stays seen, under its own digest."""
    document = await papers.awaiting()
    async with browsing(app_of(papers.opened), "vinh") as (vinh,):
        await seen(papers, vinh, document)
        known = await papers.known(document)
        by = papers.people
        await papers.desk.certifying.send_back(document, "x", known.version, by["loc"])
        await papers.compare(document)
        await papers.submit(document)
        page = await vinh.look("/wall")
        assert len(pickable(page)) == 1
        assert 'class="unseen"' not in page.text
