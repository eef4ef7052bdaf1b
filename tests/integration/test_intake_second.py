"""Two people, one case: whoever is second hears who was first, when, and what differs,
and keeps what they typed.
"""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

import intake.web
from intake.adapters.sql.form_uses import REMEMBERED
from intake.adapters.sql.tables import superseded
from intake.app.routes import ROUTES
from intake.app.typed_forms import shown
from support.intake import Form, app_of, browsing
from support.papers import open_papers

TEMPLATES = Path(intake.web.__file__).parent / "templates"
PAPER = {"title": "Giấy khai sinh", "kind": "birth-certificate", "pages": "3"}
OPENED_ANEW = {
    "/sign-in": "passwords are typed anew",
    "/account/password": "passwords are typed anew",
    "/accounts/{user}/password": "a password is typed anew",
    "/calendar": "one day of the calendar",
    "/calendar/hours": "one hour of the calendar",
    "/documents/{document}/pages/split": "the title of the new paper",
    "/documents/{document}/pages/merge": "the title of the joined paper",
    "/system/letters/{number}/replay": "a line of why",
    "/inbox/{arrival}/set-aside": "a line of why",
    "/templates/{handout}/preview": "nothing: it is the answer that shows them",
}
"""Forms that are not shown again, and what somebody loses by it."""
ALONE = {
    "/sign-in": "a session is no act",
    "/sign-out": "nothing is left to do twice",
    "/wall/batches": "each paper belongs to the form by itself",
    "/documents/{document}/seen": "a look is noted once, whoever says it again",
    "/templates/{handout}/preview": "it writes nothing",
}
"""Acts that the guard does not hold to one use of their form, and why."""


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


def test_every_form_into_which_people_type_comes_back():
    """By construction: each form of each template that has a field to type in is shown
    again after a lost session and a conflict, or is named above with its reason.
    """
    paths = [route.path for route in ROUTES if route.method == "POST"]
    missing = set()
    for template in TEMPLATES.glob("*.html"):
        source = template.read_text("utf-8")
        for form in re.findall(r'(?s)<form[^>]*method="post".*?</form>', source):
            typed = re.search(r'<textarea|<input (?!type)[^>]*class="input', form)
            action = re.search(r'action="([^"]*)"', form)
            if typed is None or action is None:
                continue
            path = address(action[1], paths)
            if path not in OPENED_ANEW and shown(filled(path)) is None:
                missing.add(path)
    assert missing == set()


def test_every_act_is_done_once():
    """By construction: a route that a form posts to claims the form's key before it
    acts, or is named above; and each form of each template carries a key.
    """
    acts = {route.path for route in ROUTES if route.method == "POST"}
    once = {route.path for route in ROUTES if route.method == "POST" and route.outcome}
    by_program = {route.path for route in ROUTES if route.answer or route.tus}
    assert acts - once - by_program == set(ALONE)
    keyless = [
        (template.name, form)
        for template in TEMPLATES.glob("*.html")
        for form in re.findall(
            r'(?s)<form[^>]*method="post".*?</form>', template.read_text()
        )
        if "s.csrf(me)" not in form and 'action="/sign-' not in form
    ]
    assert keyless == []


def address(action, paths):
    """The route of an action with expressions in it."""
    pattern = re.escape(re.sub(r"{{.*?}}", "\0", action)).replace("\0", ".+")
    return next(path for path in paths if re.fullmatch(pattern, path))


def filled(path):
    return re.sub(r"{\w+}", "x", path)
