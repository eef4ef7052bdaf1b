"""A clerk's work on a whole case, through the forms that a browser sends."""

import re

import pytest
from sqlalchemy import select

from corpus import scans
from intake import wiring
from intake.adapters.finished_scans import FinishedScans
from intake.adapters.sql.cases import SqlCases
from intake.adapters.sql.tables import audit as audit_table
from intake.adapters.sql.tables import register
from intake.domain.records import NotFound
from support.handouts import words
from support.intake import CASE, Form, actor, app_of, browsing, open_desk, path_of
from support.papers import open_papers

PAPER = {"title": "Giấy khai sinh", "kind": "birth-certificate", "pages": "3"}


@pytest.fixture
async def house(tmp_path):
    async with open_desk(tmp_path) as opened:
        yield opened


async def opened_case(clerk, **typed):
    page = await clerk.look("/cases/new")
    page = await clerk.send(page, "/cases", **CASE | typed)
    document = path_of(page).removesuffix("/desk")
    case = f"/cases/{document.rsplit('/', 1)[1].rsplit('-', 1)[0]}"
    return page, document, case


async def looked_up(clerk, page, take="", **typed):
    """The button beside the number, or that of an offer: the whole form is sent."""
    sent = Form(page.text, "/cases").sent(**typed) | {"take": take}
    return await clerk.http.post("/cases/earlier", data=sent)


async def test_a_wrong_number_of_pages_is_corrected_and_frees_the_paper(house):
    """Declared 2, scanned 1: the desk says so and leads to the form; corrected, the
    paper can be compared, the fee follows, and the case has the line. Whoever is second
    with an older form keeps what they typed and reads who was first.
    """
    async with browsing(app_of(house), "ha", "man") as (clerk, colleague):
        page, document, case = await opened_case(clerk, pages="2")
        page = await clerk.upload(
            page, f"{document}/files", ("bang.pdf", scans.small_pdf())
        )
        assert "sửa số trang đã nhập" in page.text
        assert f'href="{case}/correct"' in page.text
        stale = await colleague.look(f"{case}/correct")
        form = await clerk.look(f"{case}/correct")
        wrong = await clerk.send(form, f"{case}/correct", pages="0", phone="")
        assert wrong.status_code == 422
        assert 'href="#pages-0"' in wrong.text
        assert 'href="#phone"' in wrong.text
        page = await clerk.send(
            wrong, f"{case}/correct", pages="1", phone="0911 000 417"
        )
        assert path_of(page) == case
        assert "<s>2</s> → 1" in page.text
        assert "<s>0900 000 417</s> → 0911 000 417" in page.text
        assert "phí" in page.text
        assert "2.000" in page.text

        second = await colleague.send(stale, f"{case}/correct", phone="0922 000 417")
        assert second.status_code == 409
        assert "Lò Thị Minh Hạ đã sửa phần này lúc" in second.text
        assert "nay là <b>0911 000 417</b>, vừa gõ <b>0922 000 417</b>" in second.text
        assert 'value="0922 000 417"' in second.text
        page = await colleague.send(second, f"{case}/correct", pages="1")
        assert "<s>0911 000 417</s> → 0922 000 417" in page.text

        page = await clerk.look(f"{document}/desk")
        page = await clerk.send(page, f"{document}/compare", all_present="1")
        assert "sửa số trang đã nhập" not in page.text


async def test_a_paper_is_not_accepted_and_the_other_taken_back(house):
    """The form asks for what is missing; each paper ends with its words, the slip is
    printed for the one that was not accepted, nothing is due, and no paper is added.
    """
    async with browsing(app_of(house), "ha") as (clerk,):
        page, document, case = await opened_case(clerk)
        page = await clerk.look(case)
        await clerk.send(page, f"{case}/documents", **PAPER)
        form = await clerk.look(f"{case}/end")
        first, second = Form(form.text, f"{case}/end").boxes["paper"]
        asked = await clerk.send(form, f"{case}/end", way="not-accept", paper=[first])
        assert asked.status_code == 422
        assert 'href="#ground"' in asked.text
        page = await clerk.send(
            asked,
            f"{case}/end",
            way="not-accept",
            paper=[first],
            ground="D20",
            text="mới có bản phô tô",
        )
        assert "Đã ghi không tiếp nhận 1 giấy" in page.text
        assert "D20: Chưa xuất trình bản chính" in page.text
        slip = await clerk.look(f"{document}/handouts/not-accepted")
        (text,) = words(slip.content)
        assert "TỪ CHỐI TIẾP NHẬN" in text
        assert "mới có bản phô tô" in text

        form = await clerk.look(f"{case}/end")
        page = await clerk.send(form, f"{case}/end", way="take-back", paper=[second])
        assert "Đã ghi người yêu cầu rút 1 giấy" in page.text
        assert "không thêm giấy tờ được nữa" in page.text
        assert 'phí <span class="nowrap">0 đ</span>' in page.text
        over = await clerk.look(f"{case}/end")
        assert over.status_code == 422
        board = await clerk.look("/")
        assert "không hồ sơ nào quá hạn" in board.text


async def test_a_case_waits_for_its_requester_and_its_clock_starts_anew(house):
    """Asked in the form, the slip prints it, case and board say who acts and that the
    clock stands; brought two days later, the due hour is promised from then.
    """
    async with browsing(app_of(house), "ha") as (clerk,):
        _, _, case = await opened_case(clerk)
        form = await clerk.look(f"{case}/supplement")
        asked = await clerk.send(form, f"{case}/supplement", until="hôm qua")
        assert asked.status_code == 422
        assert 'href="#until"' in asked.text
        (box,) = Form(asked.text, f"{case}/supplement").boxes["paper"]
        lack = {"ground-1": "information", "words-1": "trang 4 bỏ trống"}
        page = await clerk.send(
            asked, f"{case}/supplement", paper=[box], until="07/12/2026", **lack
        )
        assert "Dừng tính hạn từ" in page.text
        assert "trang 4 bỏ trống" in page.text
        slip = await clerk.look(f"{case}/handouts/supplement")
        (text,) = words(slip.content)
        assert "YÊU CẦU BỔ SUNG" in text
        assert "Bằng tốt nghiệp đại học: trang 4 bỏ trống" in text
        assert "07 tháng 12 năm 2026" in text

        house.clock.on(hours=48)
        async with browsing(app_of(house), "man") as (colleague,):
            board = await colleague.look("/")
            assert "Nguyễn Thị Bích Đào bổ sung" in board.text
            assert "chờ đến hết 07/12/2026" in board.text
            assert "không hồ sơ nào quá hạn" in board.text
            page = await colleague.look(case)
            act = f"{case}/supplement/brought"
            boxes = Form(page.text, act).boxes["paper"]
            page = await colleague.send(page, act, paper=boxes)
            assert "Đã nhận đủ" in page.text
            assert "17:00 hôm nay" in page.text
            assert "Đủ hồ sơ, tính hạn lại: hẹn " in page.text


async def test_a_due_hour_is_put_off_with_an_agreement(house):
    """Three working days need an agreement: the form says so and keeps what was typed.
    The file goes through the sandbox, a bad one is named; then the case, the board and
    the slip say the new hour and why, and nothing of it outlives the scans.
    """
    async with browsing(app_of(house), "ha", "man") as (clerk, colleague):
        page, _, case = await opened_case(clerk)
        stale = await colleague.look(f"{case}/extend")
        form = await clerk.look(f"{case}/extend")
        more = {"ground": "complex", "days": "more", "more_days": "3"}
        asked = await clerk.send(form, f"{case}/extend", **more)
        assert asked.status_code == 422
        assert 'href="#agreement"' in asked.text
        assert 'value="3"' in asked.text

        files = f"{case}/agreements"
        bad = await clerk.upload(asked, files, ("x.pdf", b"no scan"), field="file")
        assert bad.status_code == 422
        assert "không thuộc loại nào" in bad.text
        none = await clerk.upload(bad, files, ("", b""), field="file")
        assert "Chọn tệp văn bản thỏa thuận" in none.text
        page = await clerk.upload(
            bad, files, ("thoa-thuan.pdf", scans.small_pdf()), field="file"
        )
        assert path_of(page) == f"{case}/extend"
        (agreement,) = (await SqlCases(house.store).case(case[7:])).agreements
        chosen = more | {"agreement": agreement.id}
        page = await clerk.send(page, f"{case}/extend", **chosen)
        assert path_of(page) == case
        assert "Gia hạn 3 ngày làm việc: hẹn 17:00 26/11/2026" in page.text
        assert "trước đó hẹn 17:00 23/11/2026" in page.text
        board = await clerk.look("/")
        assert "gia hạn 3 ngày: nội dung phức tạp" in board.text
        pdf = await clerk.look(f"{files}/{agreement.id}")
        assert pdf.content.startswith(b"%PDF-")
        assert pdf.headers["content-type"] == "application/pdf"

        second = await colleague.send(stale, f"{case}/extend", ground="pages", days="1")
        assert second.status_code == 409
        assert "Lò Thị Minh Hạ" in second.text


async def test_an_agreement_goes_with_the_scans_of_its_case(house):
    """Kept while the case is; a month after its end its objects are nobody's."""
    async with browsing(app_of(house), "ha") as (clerk,):
        _, _, case = await opened_case(clerk)
        page = await clerk.look(f"{case}/extend")
        files = f"{case}/agreements"
        await clerk.upload(page, files, ("a.pdf", scans.small_pdf()), field="file")
        (agreement,) = (await SqlCases(house.store).case(case[7:])).agreements
        form = await clerk.look(f"{case}/end")
        boxes = Form(form.text, f"{case}/end").boxes["paper"]
        await clerk.send(form, f"{case}/end", way="take-back", paper=boxes)
        house.clock.on(days=31)
        finished = FinishedScans(house.store, house.objects, house.clock)
        await finished.remove(house.clock(), 100)
        house.clock.on(days=2)
        removed = await finished.remove(house.clock(), 100)
        assert removed == len(agreement.object_keys)
        extending, ha = wiring.desk(house).extending, await actor(house.store, "ha")
        with pytest.raises(NotFound):
            await extending.agreement(case[7:], agreement.id, ha)


async def test_whoever_came_before_is_offered_and_filled_in_by_a_press(house):
    """By the number alone, within the agency; what is typed stays, and nothing stands
    in the fields before a clerk takes it. That somebody looked is a line of the audit.
    """
    async with browsing(app_of(house), "man", "elsewhere") as (clerk, stranger):
        await opened_case(clerk, phone="0911 000 417")
        page = await clerk.look("/cases/new")
        asked = {"id_number": "000 203 004 417", "title": "Giấy khai sinh"}
        found = await looked_up(clerk, page, **asked)
        assert "Đã có 1 hồ sơ, lần cuối 23/11/2026" in found.text
        sent = Form(found.text, "/cases").sent()
        assert (sent["requester"], sent["phone"]) == ([""], [""])
        assert sent["title"] == ["Giấy khai sinh"]

        offer = re.search('name="take" value="([^"]*)"', found.text)
        taken = await looked_up(clerk, found, take=offer[1])
        sent = Form(taken.text, "/cases").sent()
        assert sent["requester"] == [CASE["requester"]]
        assert sent["phone"] == ["0911 000 417"]
        assert sent["birth_date"] == ["09/05/2003"]
        assert sent["title"] == ["Giấy khai sinh"]

        page = await stranger.look("/cases/new")
        none = await looked_up(stranger, page, **asked)
        assert "Chưa có hồ sơ nào của số này" in none.text
        lines = await house.store.read(
            lambda tx: tx.scalars(select(audit_table.c.action)).all()
        )
        assert lines.count("requester-looked-up") == 2


async def test_three_copies_are_one_number_and_three_fees(tmp_path):
    """In the case, on the slip and in the register."""
    async with open_papers(tmp_path) as papers:
        papers.typed.update(copies="3", pages="1")
        document = await papers.registered()
        assert (await papers.known(document)).fee == 6000
        line = await papers.opened.store.read(
            lambda tx: tx.execute(select(register.c.copies, register.c.fee)).one()
        )
        assert tuple(line) == (3, 6000)
