"""The desk by its own forms: clerk, certifier, and whoever is not let in."""

import re
from datetime import timedelta

import pytest

from corpus import scans
from ecopy.events import CertificationHalted, CopyArchived
from ecopy.refusals import Reason, detail_of
from intake import wiring
from intake.adapters.sql import audit
from intake.web import create_renderer
from support import build
from support.intake import CASE, Form, app_of, browsing, open_desk, path_of

PAGES = create_renderer().pages


@pytest.fixture
async def house(tmp_path):
    async with open_desk(tmp_path) as opened:
        yield opened


def csrf_of(page):
    return re.search(r'name="csrf" value="([^"]+)"', page.text)[1]


async def filed(clerk, *files, **changes):
    """A case received and its files uploaded; the page desk."""
    page = await clerk.look("/cases/new")
    page = await clerk.send(page, "/cases", **CASE | changes)
    assert path_of(page).endswith("/desk"), page.text
    document = path_of(page).removesuffix("/desk")
    files = files or (("bang.pdf", scans.small_pdf()),)
    page = await clerk.upload(page, f"{document}/files", *files)
    assert page.status_code == 200, page.text
    return page, document


async def submitted(clerk, *files, **changes):
    page, document = await filed(clerk, *files, **changes)
    page = await clerk.send(page, f"{document}/compare", all_present="1")
    page = await clerk.send(page, f"{document}/submit")
    assert path_of(page).startswith("/cases/"), page.text
    return page, document


async def test_paper_goes_from_the_counter_into_the_register(house):
    """Received, scanned, compared, submitted, approved: it has its number."""
    app = app_of(house)
    async with browsing(app, "ha", "vinh") as (clerk, certifier):
        page, document = await submitted(clerk)
        case = path_of(page)
        name = document.rsplit("/", 1)[-1]
        wall = await certifier.look(f"/wall/{name}")
        assert "Chứng thực bản sao đúng với bản chính" in wall.text
        answer = await certifier.approve(wall, document)
        assert answer.status_code == 200, answer.text
        page = await clerk.look(case)
        assert "1/2026" in page.text
        assert "02/2026-SCTĐT/BS" in page.text
        book = await clerk.look("/register?year=2026&month=11")
        assert "Bằng tốt nghiệp đại học" in book.text
    assert (await house.store.read(audit.verified)).head.rows > 0


async def test_second_person_hears_who_was_first_and_when(house):
    """Two on one paper: nothing of the second is saved; 409 with name and hour."""
    app = app_of(house)
    async with browsing(app, "ha", "vinh", "loc") as (clerk, one, two):
        _, document = await submitted(clerk)
        wall = f"/wall/{document.rsplit('/', 1)[-1]}"
        first, second = await one.look(wall), await two.look(wall)
        house.clock.on(minutes=2)
        await one.approve(first, document)
        late = await two.approve(second, document)
        assert late.status_code == 409
        assert "Phạm Quốc Vĩnh" in late.text
        assert "09:02" in late.text
        also = await two.send(
            second, f"{document}/refuse", code="D22.1", text="Tẩy xóa ở dòng 3"
        )
        assert also.status_code == 409
        as_program = await two.http.post(
            f"/v1{document}/approve",
            json={"version": 1, "seen": [1]},
            headers={"X-CSRF-Token": csrf_of(second)},
        )
        assert as_program.status_code == 409
        assert as_program.json()["who"] == "Phạm Quốc Vĩnh"


async def test_stale_page_desk_is_told(house):
    """Two clerks compare; the second form was made before the first was sent."""
    async with browsing(app_of(house), "ha", "man") as (ha, man):
        page, document = await filed(ha)
        other = await man.look(path_of(page))
        await ha.send(page, f"{document}/compare", all_present="1")
        late = await man.send(other, f"{document}/compare", all_present="1")
        assert late.status_code == 409
        assert "Lò Thị Minh Hạ" in late.text


async def test_refusal_reaches_the_clerk_in_words(house):
    """Code, text and who; the case says so, nothing enters the register."""
    async with browsing(app_of(house), "ha", "vinh") as (clerk, certifier):
        page, document = await submitted(clerk)
        wall = await certifier.look(f"/wall/{document.rsplit('/', 1)[-1]}")
        await certifier.send(
            wall, f"{document}/refuse", code="D22.1", text="Tẩy xóa ở dòng 3"
        )
        shown = await clerk.look(path_of(page))
        for words in ("D22.1", "Tẩy xóa ở dòng 3", "Phạm Quốc Vĩnh"):
            assert words in shown.text
        assert "1/2026" not in shown.text


async def test_sent_back_paper_is_scanned_again(house):
    """Returned with its reason; a new file, compared anew, goes to the wall again. The
    page is named with its reason on the page desk, in the case and in its timeline, and
    a reason that is missing costs nothing of what was typed.
    """
    async with browsing(app_of(house), "ha", "vinh") as (clerk, certifier):
        page, document = await submitted(clerk)
        case, wall = path_of(page), f"/wall/{document.rsplit('/', 1)[-1]}"
        page = await certifier.look(wall)
        back = f"{document}/send-back"
        (name,) = Form(page.text, back).boxes["page"]
        words = {"page": name, f"words-{name}": "Mờ góc phải"}
        page = await certifier.send(page, back, **words)
        assert (page.status_code, "Chọn lý do cho trang 1" in page.text) == (422, True)
        assert Form(page.text, back).sent()[f"words-{name}"] == ["Mờ góc phải"]
        page = await certifier.send(page, back, **words, **{f"reason-{name}": "cut"})
        assert path_of(page) == "/wall"
        shown = (await clerk.look(case)).text
        assert shown.count("Mất góc, mất mép") == 2
        assert "Mờ góc phải" in shown
        page = await clerk.look(f"{document}/desk")
        assert page.text.count("Mất góc, mất mép") == 3
        old = re.search(rf'action="({document}/files/[0-9a-f]+/remove)"', page.text)[1]
        page = await clerk.send(page, old)
        assert "đã xong (Mất góc, mất mép)" in page.text
        page = await clerk.upload(
            page, f"{document}/files", ("moi.pdf", scans.small_pdf())
        )
        page = await clerk.send(page, f"{document}/compare", all_present="1")
        page = await clerk.send(page, f"{document}/submit")
        assert path_of(page) == case


async def test_nothing_is_approved_unseen_or_by_its_receiver(house):
    """The server holds both rules, whatever the page let through."""
    async with browsing(app_of(house), "both", "vinh") as (both, certifier):
        page, document = await submitted(both)
        wall = f"/wall/{document.rsplit('/', 1)[-1]}"
        page = await certifier.look(wall)
        seen = Form(page.text, f"{document}/approve").boxes["seen"]
        unseen = await certifier.send(page, f"{document}/approve")
        assert unseen.status_code == 422
        token = {"csrf": csrf_of(await both.look("/account"))}
        own = await both.http.post(
            f"{document}/approve", data=token | {"version": "5", "seen": seen}
        )
        assert own.status_code in {409, 422}
        assert "1/2026" not in (await both.look("/register")).text


async def test_mistakes_are_said_beside_their_fields_and_nothing_is_lost(house):
    """422, the summary on top, and what was typed is still there."""
    async with browsing(app_of(house), "ha") as (clerk,):
        page = await clerk.look("/cases/new")
        page = await clerk.send(page, "/cases", **CASE | {"pages": "0", "phone": ""})
        assert page.status_code == 422
        assert "Nguyễn Thị Bích Đào" in page.text
        assert 'href="#pages-0"' in page.text
        assert 'href="#phone"' in page.text


async def test_another_agencys_case_does_not_exist_here(house):
    """The same 404 as for a case that nobody opened."""
    app = app_of(house)
    async with browsing(app, "ha", "elsewhere") as (clerk, stranger):
        page, document = await submitted(clerk)
        desk = await clerk.look(f"{document}/desk")
        picture = re.search(r'src="(/documents/[^"]+/large)"', desk.text)[1]
        assert (await clerk.look(picture)).status_code == 200
        for path in (
            path_of(page),
            f"{document}/desk",
            picture,
            f"/v1{path_of(page)}",
            f"/wall/{document.rsplit('/', 1)[-1]}",
            f"{document}/link.svg",
        ):
            assert (await stranger.look(path)).status_code == 404, path
        assert "261123-0001" not in (await stranger.look("/")).text


async def test_second_paper_of_a_case(house):
    """Added later, with its own fee, number and desk."""
    async with browsing(app_of(house), "ha") as (clerk,):
        page, _ = await filed(clerk)
        case = re.search(r'href="(/cases/H99[^"]+)"', page.text)[1]
        page = await clerk.look(case)
        paper = {"title": "Giấy khai sinh", "kind": "birth-certificate", "pages": "3"}
        page = await clerk.send(page, f"{case}/documents", **paper)
        assert path_of(page).endswith("-2/desk")
        assert "7.000" in (await clerk.look(case)).text


async def test_stuck_and_issued_are_told_as_they_are(house):
    """Delayed with its reason and next try, halted for a person, then the link."""
    handlers = wiring.event_handlers(house)
    async with browsing(app_of(house), "ha", "vinh") as (clerk, certifier):
        page, document = await submitted(clerk)
        case = path_of(page)
        page = await certifier.look(f"/wall/{document.rsplit('/', 1)[-1]}")
        await certifier.approve(page, document)
        state = (await clerk.look(f"/v1{case}")).json()
        assert state["moving"] is True
        facts = {"entry": state["documents"][0]["entry"], "at": house.clock()}
        later = house.clock() + timedelta(minutes=2)
        await handlers.delayed(
            build.delayed(**facts, since=house.clock(), tries=3, next_try_at=later)
        )
        shown = (await clerk.look(case)).text
        assert "09:02" in shown
        assert "Chưa ký được" in shown
        stuck = (await clerk.look(f"/v1{case}")).json()["documents"][0]["stuck"]
        assert (stuck["reason"], stuck["tries"]) == ("tsa-unavailable", 3)
        halted = CertificationHalted(
            **facts, stage="signing", revision=1, reason=Reason.KEY_LOCKED
        )
        await handlers.halted(halted)
        page = await certifier.look(case)
        page = await certifier.send(page, f"{document}/order-again")
        assert page.status_code == 200
        copied = {"copy_ref": build.ref(b"copy", "archive"), "pages": 2}
        await handlers.archived(CopyArchived(**facts, **copied))
        shown = (await clerk.look(case)).text
        link = re.search(r"https://hoaban\.example/c/[\w-]{27}", shown)
        assert link
        assert "1/2026" in shown
        qr = await clerk.look(f"{document}/link.svg")
        assert qr.headers["content-type"] == "image/svg+xml"


@pytest.mark.parametrize("lang", ["vi", "en"])
async def test_a_token_that_refuses_its_pin_is_told_at_the_desk(house, lang):
    """A wrong PIN: what it is, who acts, the token's own detail; and one button, which
    only the certifier has.
    """
    messages = PAGES.words[lang].messages
    assert "PIN" in messages["stuck.key-locked.what"]
    values = {"key": "officer", "file": "token.pin"}
    sentence = messages["cause.pin-refused"].format(**values)
    async with browsing(app_of(house), "ha", "vinh") as (clerk, certifier):
        page, document = await submitted(clerk)
        case = path_of(page)
        page = await certifier.look(f"/wall/{document.rsplit('/', 1)[-1]}")
        await certifier.approve(page, document)
        entry = (await clerk.look(f"/v1{case}")).json()["documents"][0]["entry"]
        locked = CertificationHalted(
            at=house.clock(),
            entry=entry,
            stage="signing",
            revision=1,
            reason=Reason.KEY_LOCKED,
            detail=detail_of("pin-refused", values),
        )
        await wiring.event_handlers(house).halted(locked)
        shown = [
            (await person.look(f"{case}?lang={lang}")).text
            for person in (clerk, certifier)
        ]
    for page in shown:
        box = page.partition('<div class="next-box">')[2].partition("</div>")[0]
        assert messages["stuck.key-locked.what"] in box
        assert messages["stuck.key-locked.next"] in box
        assert sentence in box
    assert [f"{document}/order-again" in page for page in shown] == [False, True]


async def test_english_pages_render(house):
    """The same pages in the other language: no word is missing."""
    async with browsing(app_of(house), "ha", "vinh") as (clerk, certifier):
        page, document = await submitted(clerk)
        case = path_of(page)
        for path in ("/", "/cases/new", case, f"{document}/desk", "/register"):
            shown = await clerk.look(f"{path}?lang=en")
            assert shown.status_code == 200, shown.text
            assert 'lang="en"' in shown.text
        wall = await certifier.look("/wall?lang=en")
        assert wall.status_code == 200
