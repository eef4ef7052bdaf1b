"""Two people, one case: whoever is second hears who was first, when, and what differs,
and keeps what they typed.
"""

import re
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from intake.adapters.sql.form_uses import REMEMBERED
from intake.adapters.sql.tables import superseded
from support.intake import Form, app_of, browsing
from support.papers import open_papers

PAPER = {"title": "Giấy khai sinh", "kind": "birth-certificate", "pages": "3"}


@pytest.fixture
async def papers(tmp_path):
    async with open_papers(tmp_path) as opened:
        yield opened


def told(page):
    """Field → old and new, as the page says it."""
    table = page.text.partition('<table class="differs">')[2].partition("</table>")[0]
    rows = re.findall(r'(?s)<th scope="row">(.*?)</th>(.*?)</tr>', table)
    return {
        name: tuple(re.sub("<[^>]+>", "", cell) for cell in cells.split("</td>")[:-1])
        for name, cells in rows
    }


async def test_whoever_describes_a_paper_second_keeps_what_they_typed(papers):
    """Name, hour, the field with its old and new value, and the form as it was typed;
    sent again it is recorded, over what the first had written.
    """
    document = await papers.scanned()
    form, desk = f"/documents/{document}/details", f"/documents/{document}/desk"
    async with browsing(app_of(papers.opened), "ha", "man") as (ha, man):
        hers, his = await ha.look(desk), await man.look(desk)
        papers.opened.clock.on(minutes=2)
        await ha.send(hers, form, title="Bằng cử nhân", number="41/2003")
        page = await man.send(his, form, title="Bằng ĐH", holder="Đào")
        assert page.status_code == 409
        assert "Lò Thị Minh Hạ đã sửa hồ sơ này" in page.text
        assert "09:02" in page.text
        assert told(page) == {
            "Tên giấy tờ": ("Bằng tốt nghiệp đại học", "Bằng cử nhân"),
            "Số của giấy tờ": ("–", "41/2003"),
        }
        typed = Form(page.text, form).sent()
        assert (typed["title"], typed["holder"]) == (["Bằng ĐH"], ["Đào"])
        page = await man.http.post(form, data=typed)
        assert page.status_code == 200
    assert (await papers.known(document)).paper.title == "Bằng ĐH"


async def test_a_decision_that_comes_second_keeps_its_words(papers):
    """A refusal after a send-back: no form is left, so its words stand in a note. A
    send-back of a paper that awaits again has its form with pages and reasons.
    """
    document = await papers.awaiting()
    wall, back = f"/wall/{document}", f"/documents/{document}/send-back"
    async with browsing(app_of(papers.opened), "vinh", "loc") as (one, two):
        first, second = await one.look(wall), await two.look(wall)
        (name,) = Form(second.text, back).boxes["page"]
        typed = {"page": name, f"reason-{name}": "cut", f"words-{name}": "góc trên"}
        await one.send(first, back, text="mờ")
        page = await two.send(second, back, **typed)
        assert page.status_code == 409
        assert told(page)["Tình trạng"] == ("Chờ duyệt", "Trả lại quét")
        assert "Nội dung đã nhập: góc trên" in page.text
        await papers.compare(document)
        await papers.submit(document)
        page = await two.send(second, back, **typed)
        form = Form(page.text, back)
        assert form.sent()[f"words-{name}"] == ["góc trên"]
        assert re.search(rf'value="{re.escape(name)}" checked', page.text)
        page = await two.send(page, back, **typed)
        assert page.url.path == "/wall"


async def test_a_second_paper_of_a_case_is_no_loss(papers):
    """The case's own version: how many papers it has now, and the form as it was."""
    document = await papers.received()
    case = f"/cases/{document.rpartition('-')[0]}"
    async with browsing(app_of(papers.opened), "ha", "man") as (ha, man):
        hers, his = await ha.look(case), await man.look(case)
        await ha.send(hers, f"{case}/documents", **PAPER)
        page = await man.send(his, f"{case}/documents", **PAPER | {"title": "Học bạ"})
        assert page.status_code == 409
        assert told(page) == {"Số giấy trong hồ sơ": ("1", "2")}
        assert Form(page.text, f"{case}/documents").sent()["title"] == ["Học bạ"]


async def test_a_form_of_ticks_is_told_what_differs(papers):
    """Nothing is typed, so the page is the answer; what was compared has changed."""
    document = await papers.scanned()
    desk, form = f"/documents/{document}/desk", f"/documents/{document}/compare"
    async with browsing(app_of(papers.opened), "ha", "man") as (ha, man):
        hers, his = await ha.look(desk), await man.look(desk)
        await ha.send(hers, form, all_present="1")
        page = await man.send(his, form, all_present="1")
        assert page.status_code == 409
        assert told(page) == {"Người đối chiếu": ("–", "Lò Thị Minh Hạ")}


async def test_what_was_is_forgotten_with_the_forms_of_its_day(papers):
    """Earlier versions hold what a citizen's papers say: three days, no longer."""
    document = await papers.scanned()
    papers.opened.clock.at += REMEMBERED + timedelta(hours=1)
    await papers.compare(document)
    left = await papers.opened.store.read(
        lambda tx: tx.scalar(select(func.count()).select_from(superseded))
    )
    assert left == 1
