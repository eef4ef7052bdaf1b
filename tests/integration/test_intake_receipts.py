"""What the desk tells people after an act, and what it no longer lets them do."""

import base64
import json
import re

import pytest
from sqlalchemy import update

from corpus import scans
from ecopy.events import CopyArchived
from intake import wiring
from intake.adapters.sql.tables import users as users_table
from intake.adapters.sql.users import SqlUsers
from intake.app import receipts
from intake.domain.views.page import Receipt
from support import build
from support.intake import (
    AGENCY,
    CASE,
    PASSWORD,
    STAFF,
    Browser,
    Form,
    app_of,
    browsing,
    open_desk,
    path_of,
)

SAID = re.compile(r'<div class="note note-good said".*?<p>(.*?)</p>', re.DOTALL)


@pytest.fixture
async def house(tmp_path):
    async with open_desk(tmp_path) as opened:
        yield opened


def receipt(page):
    """The line about the last act, without its markup; empty where there is none."""
    found = SAID.search(page.text)
    return re.sub(r"<[^>]+>", "", found[1]).strip() if found else ""


async def received(clerk, **changes):
    page = await clerk.look("/cases/new")
    return await clerk.send(page, "/cases", **CASE | changes)


async def submitted(clerk, **changes):
    page = await received(clerk, **changes)
    document = path_of(page).removesuffix("/desk")
    file = ("bang.pdf", scans.small_pdf())
    page = await clerk.upload(page, f"{document}/files", file)
    compared = await clerk.send(page, f"{document}/compare", all_present="1")
    page = await clerk.send(compared, f"{document}/submit")
    return page, compared, document


def wall_of(document):
    return f"/wall/{document.rsplit('/', 1)[-1]}"


async def test_each_act_is_said_once_with_its_number(house):
    """Received, compared, submitted, approved: on the next page and on no later one."""
    async with browsing(app_of(house), "ha", "vinh") as (clerk, certifier):
        page = await received(clerk)
        assert receipt(page) == "Đã tiếp nhận hồ sơ 261123-0001."
        assert receipt(await clerk.look(path_of(page))) == ""
        page, compared, document = await submitted(clerk)
        assert receipt(compared).startswith("Đã ghi đối chiếu dưới tên Lò Thị Minh Hạ.")
        assert receipt(page) == "Đã gửi duyệt: Bằng tốt nghiệp đại học."
        wall = await certifier.look(wall_of(document))
        answer = await certifier.approve(wall, document)
        assert path_of(answer) == "/wall"
        sentence = "Đã duyệt 1/2026 · đang ký: Bằng tốt nghiệp đại học."
        assert receipt(answer) == f"{sentence} Xem hồ sơ 261123-0002"
        assert receipt(await certifier.look("/wall")) == ""


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("D22.1", "Đã từ chối, mã D22.1: Bằng tốt nghiệp đại học."),
        ("RUT", "Đã từ chối, mã RUT: Bằng tốt nghiệp đại học."),
        ("TT11", "Đã tạm giữ để báo cáo, mã TT11: Bằng tốt nghiệp đại học."),
    ],
)
async def test_a_refusal_is_answered_at_the_wall(house, code, sentence):
    """Which paper, which code, refused or held; and that no number was lost."""
    async with browsing(app_of(house), "ha", "vinh") as (clerk, certifier):
        *_, document = await submitted(clerk)
        wall = await certifier.look(wall_of(document))
        form = {"code": code, "text": "Tẩy xóa ở dòng 3"}
        answer = await certifier.send(wall, f"{document}/refuse", **form)
        assert receipt(answer).startswith(f"{sentence} Chưa lấy số nào.")


async def test_a_return_and_a_removed_file_are_answered(house):
    """Sent back at the wall, removed at the desk by its name, added to the case."""
    async with browsing(app_of(house), "ha", "vinh") as (clerk, certifier):
        page, _, document = await submitted(clerk)
        case = path_of(page)
        wall = await certifier.look(wall_of(document))
        answer = await certifier.send(wall, f"{document}/send-back", text="Mờ")
        assert receipt(answer).startswith("Đã trả lại để quét lại: Bằng tốt nghiệp")
        page = await clerk.look(f"{document}/desk")
        old = re.search(rf'action="({document}/files/[0-9a-f]+/remove)"', page.text)[1]
        assert receipt(await clerk.send(page, old)) == "Đã bỏ tệp bang.pdf."
        page = await clerk.look(f"{case}?lang=en")
        paper = {"title": "Giấy khai sinh", "kind": "diploma", "pages": "3"}
        page = await clerk.send(page, f"{case}/documents", **paper)
        assert receipt(page) == "Document 2 is added: Giấy khai sinh."


async def test_what_is_said_is_bound_to_the_session(house):
    """Neither another session's line nor one that somebody wrote is shown."""
    app = app_of(house)
    async with browsing(app, "ha", "man") as (ha, man):
        name, token = "ecopy-said", ha.http.cookies["ecopy"]
        true = receipts.seal(
            token, Receipt("approved", {"number": "1/2026", "title": "x"})
        )
        mac = true.partition(".")[2]
        changed = json.dumps(["approved", {"number": "9/2026", "title": "x"}, ""])
        other = base64.urlsafe_b64encode(changed.encode()).decode()
        for forged in (true, f"{other}.{mac}", "x", "x.y", "ế.ế".encode().hex()):
            man.http.cookies.set(name, forged, domain="desk.example")
            assert receipt(await man.look("/account")) == ""
        ha.http.cookies.set(name, f"{other}.{mac}", domain="desk.example")
        assert receipt(await ha.look("/account")) == ""
        ha.http.cookies.delete(name)
        ha.http.cookies.set(name, true, domain="desk.example")
        assert receipt(await ha.look("/account")) == "Đã duyệt 1/2026 · đang ký: x."
        for address in ("/account?said=approved", "/wall?notice=approved"):
            assert receipt(await man.look(address)) == ""


async def test_a_paper_has_no_kind_until_one_is_chosen(house):
    """The form offers none by itself, the server asks for it, the wall shows it."""
    async with browsing(app_of(house), "ha", "vinh") as (clerk, certifier):
        page = await clerk.look("/cases/new")
        unchosen = {name: value for name, value in CASE.items() if name != "kind"}
        page = await clerk.send(page, "/cases", **unchosen)
        assert page.status_code == 422
        assert 'href="#kind-0"' in page.text
        page, _, document = await submitted(clerk)
        wall = (await certifier.look(wall_of(document))).text
        assert "<dt>Loại</dt><dd><b>Văn bằng, chứng chỉ</b></dd>" in wall
        case = path_of(page)
        paper = {"title": "Giấy khai sinh", "pages": "3"}
        page = await clerk.send(page, f"{case}/documents", **paper)
        assert page.status_code == 422
        assert "Chọn loại giấy tờ" in page.text


async def issue(house, clerk, certifier, document, case):
    wall = await certifier.look(wall_of(document))
    await certifier.approve(wall, document)
    await archived(house, clerk, document, case)


async def archived(house, clerk, document, case):
    papers = (await clerk.look(f"/v1{case}")).json()["documents"]
    entry = next(p["entry"] for p in papers if document.endswith(p["id"]))
    copied = {"copy_ref": build.ref(b"copy", "archive"), "pages": 2}
    fact = CopyArchived(entry=entry, at=house.clock(), **copied)
    await wiring.event_handlers(house).archived(fact)


async def test_a_finished_case_takes_no_further_paper(house):
    """The form is gone with the reason; what was open before is answered in words."""
    async with browsing(app_of(house), "ha", "vinh") as (clerk, certifier):
        open_page, _, document = await submitted(clerk)
        case = path_of(open_page)
        await issue(house, clerk, certifier, document, case)
        shown = await clerk.look(case)
        assert f'action="{case}/documents"' not in shown.text
        assert "Mọi giấy trong hồ sơ đã xong" in shown.text
        paper = {"title": "Giấy khai sinh", "kind": "diploma", "pages": "3"}
        late = await clerk.send(open_page, f"{case}/documents", **paper)
        assert late.status_code == 422
        assert "lập hồ sơ mới cho giấy khác" in late.text
        state = (await clerk.look(f"/v1{case}")).json()
        assert (state["state"], len(state["documents"])) == ("issued", 1)
        assert "2.000" in (await clerk.look(case)).text


async def test_a_case_with_an_open_paper_still_takes_one(house):
    """One copy is issued, another paper is still at the desk: a third may join."""
    async with browsing(app_of(house), "ha", "vinh") as (clerk, certifier):
        page, _, document = await submitted(clerk)
        case = path_of(page)
        paper = {"title": "Giấy khai sinh", "kind": "diploma", "pages": "1"}
        await clerk.send(page, f"{case}/documents", **paper)
        await issue(house, clerk, certifier, document, case)
        page = await clerk.look(case)
        page = await clerk.send(page, f"{case}/documents", **paper)
        assert path_of(page).endswith("-3/desk")


async def test_a_second_tab_does_not_make_a_stranger_of_me(house):
    """409 after one's own change says so; a colleague's is still told by name."""
    async with browsing(app_of(house), "ha", "man") as (ha, man):
        page = await received(ha)
        document = path_of(page).removesuffix("/desk")
        case = f"/cases/{document.removeprefix('/documents/').rsplit('-', 1)[0]}"
        mine, theirs = await ha.look(case), await man.look(case)
        second_tab = await ha.look(case)
        paper = {"title": "Giấy khai sinh", "kind": "diploma", "pages": "1"}
        await ha.send(mine, f"{case}/documents", **paper)
        own = await ha.send(second_tab, f"{case}/documents", **paper)
        other = await man.send(theirs, f"{case}/documents", **paper)
        assert (own.status_code, other.status_code) == (409, 409)
        assert "đã được sửa dưới tên Lò Thị Minh Hạ" in own.text
        assert "một thẻ hoặc máy khác" in own.text
        assert "Lò Thị Minh Hạ đã sửa hồ sơ này" in other.text


async def test_sign_in_counts_down_in_words_and_says_until_when(house):
    """Four tries left, three …; then the hour, for the right password too."""
    browser = Browser(app_of(house))
    for left in (4, 3, 2, 1):
        page = await browser.sign_in("ha", "wrong")
        assert f"Còn {left} lần thử trước khi tạm khóa" in page.text
        house.clock.on(minutes=1)
    locked = await browser.sign_in("ha", "wrong")
    assert (locked.status_code, "Thử lại sau 09:15" in locked.text) == (429, True)
    house.clock.on(minutes=10, seconds=59)
    assert "Thử lại sau 09:15" in (await browser.sign_in("ha")).text
    house.clock.on(seconds=2)
    assert (await browser.sign_in("ha")).url.path == "/"


async def test_the_countdown_knows_the_lock_of_the_address(house):
    """Twenty-nine wrong tries over many names: one is left, whatever the name, and
    whether there is such an account or not."""
    browser = Browser(app_of(house))
    theirs = [name for name in STAFF for _ in range(4)][:24]
    nobodys = [f"name-{number}" for number in range(29 - len(theirs))]
    for name in (*theirs, *nobodys):
        page = await browser.sign_in(name, "wrong")
    assert "Còn 1 lần thử" in page.text
    assert (await browser.sign_in("name-x", "wrong")).status_code == 429


async def test_a_password_change_counts_down_too(house):
    """The same words beside the field, and the hour when it is locked."""
    async with browsing(app_of(house), "ha") as (ha,):
        page = await ha.look("/account")
        typed = {"current": "wrong", "new": "a-long-new-one", "again": "a-long-new-one"}
        answers = [await ha.send(page, "/account/password", **typed) for _ in range(5)]
        assert "Còn 4 lần thử" in answers[0].text
        assert "Thử lại sau 09:15" in answers[4].text
        typed["current"] = PASSWORD
        locked = await ha.send(page, "/account/password", **typed)
        assert "Thử lại sau 09:15" in locked.text


async def test_a_page_that_is_not_there_keeps_the_navigation(house):
    """Whoever is signed in stays it; a stranger sees no name."""
    app = app_of(house)
    async with browsing(app, "ha") as (ha,):
        shown = await ha.look("/nowhere")
        assert (shown.status_code, "Lò Thị Minh Hạ" in shown.text) == (404, True)
        assert 'href="/cases/new"' in shown.text
    stranger = await Browser(app).look("/nowhere")
    assert "/sign-out" not in stranger.text


async def test_an_administrator_gets_no_link_that_answers_403(house):
    """On the board and in the register; everybody else has it."""
    async with browsing(app_of(house), "ha", "vinh", "long") as people:
        clerk, certifier, administrator = people
        page, _, document = await submitted(clerk)
        case = path_of(page)
        wall = await certifier.look(wall_of(document))
        await certifier.approve(wall, document)
        for path in ("/", "/register"):
            for who in (clerk, certifier):
                assert f'href="{case}"' in (await who.look(path)).text
            shown = (await administrator.look(path)).text
            assert "/cases/" not in shown
            assert "1/2026" in shown


@pytest.mark.parametrize(
    ("lang", "sentence"), [("vi", "ở địa chỉ đó"), ("en", "at that")]
)
async def test_a_pages_own_script_hears_the_language_of_the_page(house, lang, sentence):
    """What is shown to a person beside a file is not English on a Vietnamese page."""
    async with browsing(app_of(house), "ha") as (ha,):
        await ha.look(f"/account?lang={lang}")
        asked = {"Accept": "application/json", "Sec-Fetch-Dest": "empty"}
        missing = await ha.http.get("/nowhere", headers=asked)
        assert sentence in missing.json()["detail"]


NAMES = {
    "ha": "Tôi quét",
    "man": "Lò Thị Minh Hạ quét",
    "vinh": "Lò Thị Minh Hạ quét",
    "long": "Lò Thị Minh Hạ quét",
}


async def test_board_case_and_page_desk_name_the_same_person(house):
    """ "I" for who received it; her name for a colleague, certifier, administrator."""
    async with browsing(app_of(house), *NAMES) as people:
        page = await received(people[0])
        desk = path_of(page)
        code = desk.removeprefix("/documents/").rsplit("-", 1)[0]
        for who, name in zip(people, NAMES, strict=True):
            others = () if name == "long" else (f"/cases/{code}", desk)
            for path in ("/", *others):
                shown = (await who.look(path)).text
                if name != "ha" or path != desk:  # her own desk needs no name
                    assert NAMES[name] in shown, (name, path)
                assert ("Tôi quét" in shown) <= (name == "ha"), (name, path)


async def test_the_only_certifier_is_named_while_their_office_lasts(house):
    """Three accounts may approve: the role. One is left: the name, and "I" to them;
    the office ends: the role again, and nobody is offered the approval.
    """
    users = SqlUsers(house.store)
    assert {user.id for user in await users.certifiers(AGENCY)} == {
        *("vinh", "loc", "both")
    }
    async with browsing(app_of(house), "ha", "vinh", "loc") as (clerk, one, other):
        page, *_ = await submitted(clerk)
        case = path_of(page)
        assert "Một người chứng thực duyệt" in page.text
        await house.store.write(lambda tx: tx.execute(_leave("loc", "both")))
        for path in ("/", case):
            assert "Phạm Quốc Vĩnh duyệt" in (await clerk.look(path)).text
            assert "Tôi duyệt" in (await one.look(path)).text
        assert (await other.look("/")).url.path == "/sign-in"
        house.clock.on(days=40)  # the office ends with the year
        await clerk.sign_in("ha")
        assert "Một người chứng thực duyệt" in (await clerk.look(case)).text


def _leave(*accounts):
    return (
        update(users_table).where(users_table.c.id.in_(accounts)).values(active=False)
    )


async def test_the_answer_to_a_second_click_says_the_same(house):
    """Of two clicks a browser shows the second answer: its line is not lost."""
    async with browsing(app_of(house), "ha", "vinh") as (clerk, certifier):
        page = await clerk.look("/cases/new")
        await twice(clerk, page, "/cases", **CASE)
        page = await clerk.look(f"/cases/{AGENCY}-261123-0001")
        paper = {"title": "Giấy khai sinh", "kind": "diploma", "pages": "3"}
        await twice(clerk, page, f"/cases/{AGENCY}-261123-0001/documents", **paper)
        page, _, document = await submitted(clerk)
        page = await clerk.look(f"{document}/desk")
        for act, typed in (
            ("send-back", {"text": "Mờ"}),
            ("refuse", {"code": "D22.1", "text": "Tẩy xóa"}),
        ):
            *_, document = await submitted(clerk)
            wall = await certifier.look(wall_of(document))
            await twice(certifier, wall, f"{document}/{act}", **typed)


async def test_desk_and_wall_say_it_to_a_second_click_too(house):
    """Removed, compared, submitted, approved; of an issued copy no longer "signing"."""
    async with browsing(app_of(house), "ha", "vinh") as (clerk, certifier):
        page = await received(clerk)
        document = path_of(page).removesuffix("/desk")
        for _ in range(2):
            file = ("bang.pdf", scans.small_pdf())
            page = await clerk.upload(page, f"{document}/files", file)
        old = re.findall(rf'action="({document}/files/[0-9a-f]+/remove)"', page.text)[1]
        assert await twice(clerk, page, old) == "Đã bỏ tệp bang.pdf (2)."
        page = await clerk.look(f"{document}/desk")
        await twice(clerk, page, f"{document}/compare", all_present="1")
        page = await clerk.look(f"{document}/desk")
        await twice(clerk, page, f"{document}/submit")
        wall = await certifier.look(wall_of(document))
        await certifier.approve(wall, document)
        seen = Form(wall.text, f"{document}/approve").boxes["seen"]
        again = await certifier.send(wall, f"{document}/approve", seen=seen)
        title = "Bằng tốt nghiệp đại học. Xem hồ sơ 261123-0001"
        assert receipt(again) == f"Đã duyệt 1/2026 · đang ký: {title}"
        await archived(house, clerk, document, f"/cases/{AGENCY}-261123-0001")
        again = await certifier.send(wall, f"{document}/approve", seen=seen)
        assert receipt(again) == f"Đã duyệt 1/2026: {title}"


async def twice(browser, page, action, **typed):
    """The same line, whichever of the two answers is shown."""
    first = await browser.send(page, action, **typed)
    second = await browser.send(page, action, **typed)
    assert receipt(first)
    assert receipt(second) == receipt(first)
    assert receipt(await browser.look(path_of(second))) == ""
    return receipt(first)


async def test_only_eyes_use_up_what_is_said(house):
    """A script's look, HEAD and a page fetched ahead leave the line for the person."""
    async with browsing(app_of(house), "ha") as (clerk,):
        page = await clerk.look("/cases/new")
        data = Form(page.text, "/cases").sent(**CASE)
        answer = await clerk.http.post("/cases", data=data, follow_redirects=False)
        there = answer.headers["location"]
        await clerk.http.head(there)
        for ahead in ({"Sec-Fetch-Dest": "empty"}, {"Purpose": "prefetch"}):
            assert receipt(await clerk.http.get(there, headers=ahead)) == ""
        assert receipt(await clerk.look(there)) == "Đã tiếp nhận hồ sơ 261123-0001."


async def test_whoever_acts_after_the_session_ended_hears_of_it(house):
    """Not only that the session is over: that this act did nothing. A password's second
    press cannot know; leaving is done.
    """
    async with browsing(app_of(house), "ha") as (clerk,):
        page = await received(clerk)
        document = path_of(page).removesuffix("/desk")
        account = await clerk.look("/account")
        clerk.http.cookies.clear()
        asked = await clerk.send(page, f"{document}/compare", all_present="1")
        assert "lần gửi vừa rồi chưa ghi gì" in asked.text
        file = ("a.pdf", scans.small_pdf())
        asked = await clerk.upload(page, f"{document}/files", file)
        assert "lần gửi vừa rồi chưa ghi gì" in asked.text
        typed = {"current": PASSWORD, "new": "a-long-new-one", "again": "x"}
        asked = await clerk.send(account, "/account/password", **typed)
        assert "Nếu vừa đổi mật khẩu" in asked.text
        asked = await clerk.send(account, "/sign-out")
        assert "Đã thoát" in asked.text
        asked = await clerk.look("/account")
        assert "chưa ghi gì" not in asked.text


async def test_what_is_too_long_is_said_and_never_cut(house):
    """A register with half a title, a reason of a whole book: refused in words."""
    async with browsing(app_of(house), "ha", "vinh") as (clerk, certifier):
        page = await clerk.look("/cases/new")
        for name in ("requester", "id_number", "title", "issuing_body"):
            typed = CASE | {name: "ă" * 501}
            shown = await clerk.send(page, "/cases", **typed)
            assert (shown.status_code, shown.text.count("Dài quá 500")) == (422, 2)
        *_, document = await submitted(clerk)
        wall = await certifier.look(wall_of(document))
        for words, status in (("a" * 2001, 422), ("a" * 1000 + "\r\n" * 9, 200)):
            answer = await certifier.send(wall, f"{document}/send-back", text=words)
            assert answer.status_code == status
