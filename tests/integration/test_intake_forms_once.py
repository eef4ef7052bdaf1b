"""A form acts once: Back, double clicks, two at once, a restart, another replica."""

import asyncio
import re
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from corpus import scans
from intake.adapters.sql.cases import SqlCases
from intake.adapters.sql.tables import cases, documents, files, form_uses, register
from intake.app.visit import FIELD_CHARACTERS
from intake.domain.form_keys import LIFE
from support import intake
from support.intake import CASE, PASSWORD, Form, app_of, browsing, open_desk, path_of

PAPER = {"title": "Giấy khai sinh", "kind": "birth-certificate", "pages": "3"}


@pytest.fixture
async def house(tmp_path):
    async with open_desk(tmp_path) as opened:
        yield opened


async def counted(house, table):
    return await house.store.read(
        lambda tx: tx.scalar(select(func.count()).select_from(table))
    )


async def press(browser, page, action, **typed):
    """The button, without going on to the next page."""
    data = Form(page.text, action).sent(**typed)
    return await browser.http.post(action, data=data, follow_redirects=False)


def where(answer):
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


async def opened_case(clerk):
    page = await clerk.look("/cases/new")
    page = await clerk.send(page, "/cases", **CASE)
    document = path_of(page).removesuffix("/desk")
    return page, document


async def submitted(clerk):
    page, document = await opened_case(clerk)
    page = await clerk.upload(
        page, f"{document}/files", ("bang.pdf", scans.small_pdf())
    )
    page = await clerk.send(page, f"{document}/compare", all_present="1")
    await clerk.send(page, f"{document}/submit")
    return document


async def test_a_case_is_opened_once_by_one_form(house):
    """Sent, sent again, and eight at once: one case, one address."""
    async with browsing(app_of(house), "ha") as (clerk,):
        page = await clerk.look("/cases/new")
        first = await press(clerk, page, "/cases", **CASE)
        again = await press(clerk, page, "/cases", **CASE)
        many = await asyncio.gather(
            *(press(clerk, page, "/cases", **CASE) for _ in range(8))
        )
    assert {where(answer) for answer in (first, again, *many)} == {where(first)}
    assert await counted(house, cases) == 1


async def test_eight_at_once_are_one_before_any_has_answered(house):
    """No first answer to look up: the row decides, in the transaction of the act."""
    async with browsing(app_of(house), "ha") as (clerk,):
        page = await clerk.look("/cases/new")
        many = await asyncio.gather(
            *(press(clerk, page, "/cases", **CASE) for _ in range(8))
        )
    assert len({where(answer) for answer in many}) == 1
    assert await counted(house, cases) == 1


async def test_a_new_page_is_a_new_form(house):
    """The same person comes twice a day: the same words, another page, another case."""
    async with browsing(app_of(house), "ha") as (clerk,):
        for _ in range(2):
            await opened_case(clerk)
    assert await counted(house, cases) == 2


async def test_a_restart_and_another_replica_remember(house, tmp_path):
    """A second desk on the same tables, with nothing of the first in memory."""
    async with browsing(app_of(house), "ha") as (clerk,):
        page = await clerk.look("/cases/new")
        first = await press(clerk, page, "/cases", **CASE)
        url = f"sqlite:///{tmp_path}/intake.db"
        other = intake.house(url, tmp_path / "scans", house.clock)
        async with browsing(app_of(other), "ha") as (elsewhere,):
            elsewhere.http.cookies = clerk.http.cookies
            again = await press(elsewhere, page, "/cases", **CASE)
        await other.store.close()
    assert where(again) == where(first)
    assert await counted(house, cases) == 1


async def test_a_refused_form_may_be_mended_and_acts_once(house):
    """From the first try to the last it is one form: mistakes do not use it up, and
    Back to the first page does not open a second case.
    """
    async with browsing(app_of(house), "ha") as (clerk,):
        page = await clerk.look("/cases/new")
        wrong = await press(clerk, page, "/cases", **CASE | {"pages": "0"})
        assert wrong.status_code == 422
        right = await press(clerk, wrong, "/cases", **CASE)
        back = await press(clerk, page, "/cases", **CASE)
    assert where(right) == where(back)
    assert await counted(house, cases) == 1


async def test_another_content_under_a_used_key_asks_first(house):
    """Back, another name, send: nothing happens, what was typed stands there, with the
    way to the first case; sent from there it is a second case.
    """
    async with browsing(app_of(house), "ha") as (clerk,):
        page = await clerk.look("/cases/new")
        first = await press(clerk, page, "/cases", **CASE)
        other = CASE | {"requester": "Vàng Thị Mỷ"}
        asked = await press(clerk, page, "/cases", **other)
        assert asked.status_code == 409
        assert "đã gửi một lần rồi" in asked.text
        assert f'href="{where(first)}"' in asked.text
        assert await counted(house, cases) == 1
        assert 'value="Vàng Thị Mỷ"' in asked.text
        second = await press(clerk, asked, "/cases", **other)
    assert where(second) != where(first)
    assert await counted(house, cases) == 2


async def test_one_more_paper_is_added_once(house):
    """The second use leads to the paper of the first."""
    async with browsing(app_of(house), "ha") as (clerk,):
        _, document = await opened_case(clerk)
        code = document.rsplit("/", 1)[1].rsplit("-", 1)[0]
        page = await clerk.look(f"/cases/{code}")
        added = await asyncio.gather(
            *(press(clerk, page, f"/cases/{code}/documents", **PAPER) for _ in range(4))
        )
    assert {where(answer) for answer in added} == {f"/documents/{code}-2/desk"}
    assert await counted(house, documents) == 2


async def test_files_of_one_form_arrive_once(house):
    """Without script: the same form sent twice is the same files; other files under the
    same key are not lost.
    """
    async with browsing(app_of(house), "ha") as (clerk,):
        page, document = await opened_case(clerk)
        two = [("1.pdf", scans.small_pdf()), ("2.pdf", scans.grey_pdf())]
        for _ in range(2):
            await clerk.upload(page, f"{document}/files", *two)
        assert await counted(house, files) == 2
        await clerk.upload(page, f"{document}/files", ("3.pdf", scans.group4_pdf()))
        known = await SqlCases(house.store).document(document.rsplit("/", 1)[1])
    assert [file.name for file in known.files] == ["1.pdf", "2.pdf", "3.pdf"]


async def test_files_sent_again_after_submission_are_no_news(house):
    """The form of before answers as it did; another file in it is refused in words."""
    async with browsing(app_of(house), "ha") as (clerk,):
        page, document = await opened_case(clerk)
        form, one = page, ("1.pdf", scans.small_pdf())
        page = await clerk.upload(page, f"{document}/files", one)
        page = await clerk.send(page, f"{document}/compare", all_present="1")
        await clerk.send(page, f"{document}/submit")
        again = await clerk.upload(form, f"{document}/files", one)
        assert (again.status_code, path_of(again)) == (200, f"{document}/desk")
        other = ("2.pdf", scans.grey_pdf())
        late = await clerk.upload(form, f"{document}/files", other)
        assert late.status_code == 422
    assert await counted(house, files) == 1


async def test_compare_submit_and_remove_answer_as_the_first_time(house):
    """Whatever came of the paper since: the second press is no conflict."""
    async with browsing(app_of(house), "ha") as (clerk,):
        page, document = await opened_case(clerk)
        for name in ("weg.pdf", "bang.pdf"):
            page = await clerk.upload(
                page, f"{document}/files", (name, scans.small_pdf())
            )
        remove = re.search(rf'action="({document}/files/\w+/remove)"', page.text)[1]
        for _ in range(2):
            gone = where(await press(clerk, page, remove))
            assert gone == f"{document}/desk#live-files"
        page = await clerk.look(f"{document}/desk")
        comparing, action = page, f"{document}/compare"
        for _ in range(2):
            done = await press(clerk, comparing, action, all_present="1")
            assert where(done) == f"{document}/desk"
        page = await clerk.look(f"{document}/desk")
        both = [await press(clerk, page, f"{document}/submit") for _ in range(2)]
        assert len({where(answer) for answer in both}) == 1
        late = await press(clerk, comparing, action, all_present="1")
        assert where(late) == f"{document}/desk"


async def test_decisions_of_the_wall_act_once(house):
    """Approve four times at once: one number, one redirect. Refuse with the page of
    before: a form of its own, and too late.
    """
    async with browsing(app_of(house), "ha", "vinh") as (clerk, certifier):
        document = await submitted(clerk)
        wall = await certifier.look(f"/wall/{document.rsplit('/', 1)[1]}")
        action = f"{document}/approve"
        seen = Form(wall.text, action).boxes["seen"]
        for picture in seen:
            await certifier.look(f"{document}/pictures/{picture}/large")
        many = await asyncio.gather(
            *(press(certifier, wall, action, seen=seen) for _ in range(4))
        )
        assert {where(answer) for answer in many} == {"/wall"}
        refused = await press(
            certifier, wall, f"{document}/refuse", code="D22.1", text="Tẩy"
        )
        assert refused.status_code == 409
    assert await counted(house, register) == 1


async def test_a_send_back_is_noted_once(house):
    """Sent back, scanned again, and the old form pressed again: the new scan stays."""
    async with browsing(app_of(house), "ha", "vinh") as (clerk, certifier):
        document = await submitted(clerk)
        wall = await certifier.look(f"/wall/{document.rsplit('/', 1)[1]}")
        action = f"{document}/send-back"
        assert where(await press(certifier, wall, action, text="Mờ")) == "/wall"
        page = await clerk.look(f"{document}/desk")
        page = await clerk.send(page, f"{document}/compare", all_present="1")
        await clerk.send(page, f"{document}/submit")
        assert where(await press(certifier, wall, action, text="Mờ")) == "/wall"
        known = await SqlCases(house.store).document(document.rsplit("/", 1)[1])
    assert known.state == "awaiting"


async def test_a_password_is_changed_once(house):
    """The second press, in the session that the first one ended, asks to sign in."""
    async with browsing(app_of(house), "ha") as (clerk,):
        page = await clerk.look("/account")
        new = "suoi-trong-da-trang-2"
        typed = {"current": PASSWORD, "new": new, "again": new}
        both = await asyncio.gather(
            *(press(clerk, page, "/account/password", **typed) for _ in range(2))
        )
        assert all(where(answer).startswith("/sign-in") for answer in both)
        assert (await clerk.sign_in("ha", new)).url.path == "/"


async def test_the_key_of_somebody_else_is_none(house):
    """Mẫn sends Hạ's form with a token of his own: refused, nothing of it is shown."""
    async with browsing(app_of(house), "ha", "man") as (ha, man):
        hers = Form((await ha.look("/cases/new")).text, "/cases").sent()
        his = Form((await man.look("/cases/new")).text, "/cases").sent()
        data = his | CASE | {"key": hers["key"]}
        answer = await man.http.post("/cases", data=data)
        assert answer.status_code == 403
        assert "Bích Đào" not in answer.text
    assert await counted(house, cases) == 0


@pytest.mark.parametrize(
    "key", ["", "x", "1.x.y", "..", "ả", "9" * 5000 + ".x.y"], ids=len
)
async def test_a_broken_key_is_refused(house, key):
    """Never a fault of ours; an empty one is a form of before keys were made."""
    async with browsing(app_of(house), "ha") as (clerk,):
        page = await clerk.look("/cases/new")
        answer = await press(clerk, page, "/cases", **CASE | {"key": key})
    refused = 403 if len(key) < FIELD_CHARACTERS else 413
    assert answer.status_code == (refused if key else 303)


async def test_rows_are_swept_once_their_keys_are_past_use(house):
    """After its life a key acts no more, and its row is gone with the next act."""
    async with browsing(app_of(house), "ha") as (clerk,):
        old = await clerk.look("/cases/new")
        await press(clerk, old, "/cases", **CASE)
        house.clock.at += LIFE + timedelta(hours=2)
        await clerk.sign_in("ha")
        answer = await clerk.send(old, "/cases", **CASE)
        assert answer.status_code == 409
        assert "phiên làm việc trước" in answer.text
        await opened_case(clerk)
    assert await counted(house, form_uses) == 1
    assert await counted(house, cases) == 2


async def test_every_form_of_a_page_carries_a_key(house):
    """Each POST form that acts: on every page that a clerk or certifier sees."""
    async with browsing(app_of(house), "both", "vinh") as (clerk, certifier):
        page, document = await opened_case(clerk)
        code = document.rsplit("/", 1)[1].rsplit("-", 1)[0]
        pages = [page]
        page = await clerk.upload(
            page, f"{document}/files", ("bang.pdf", scans.small_pdf())
        )
        pages.append(page)
        page = await clerk.send(page, f"{document}/compare", all_present="1")
        pages.append(page)
        await clerk.send(page, f"{document}/submit")
        pages.append(await certifier.look("/wall"))
        pages.append(await clerk.look(f"/cases/{code}"))
        pages.append(await clerk.look("/cases/new"))
        pages.append(await clerk.look("/account"))
    forms = [
        form
        for page in pages
        for form in re.findall(r'(?s)<form[^>]*method="post".*?</form>', page.text)
        if 'action="/sign-out"' not in form and 'action="/sign-in"' not in form
    ]
    acts = {re.search(r'action="[^"]*/([\w-]+)"', form)[1] for form in forms}
    assert acts == {
        "adjust", "approve", "batches", "cases", "compare", "details", "documents",
        "files", "hand-over", "pages", "password", "refuse", "remove", "replace",
        "send-back", "submit",
    }  # fmt: skip
    assert [
        form for form in forms if not re.search(r'name="key" value="\d+\.', form)
    ] == []
