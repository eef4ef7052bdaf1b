"""Papers that the office hands out, as people ask for them at the desk: printed in one
step and noted, templates mended by the administrator, months closed by a certifier.
"""

from datetime import UTC, datetime

import pytest_asyncio

from intake.app.handouts import CSV, XLSX
from intake.domain.handouts.fields import Handout
from support.handouts import default, words
from support.intake import PASSWORD, Form, app_of, browsing
from support.papers import open_papers

DECEMBER_1 = datetime(2026, 12, 1, 1, 10, tzinfo=UTC)
TYPED = "Một câu dở dang"
NOVEMBER = "?year=2026&month=11"


@pytest_asyncio.fixture
async def papers(tmp_path):
    async with open_papers(tmp_path) as opened:
        yield opened


def case_of(document):
    return f"/cases/{document.rsplit('-', 1)[0]}"


async def test_the_slip_is_printed_from_the_case_in_one_step(papers):
    """The button opens the PDF; the case says who printed it, each time."""
    case = case_of(await papers.received())
    async with browsing(app_of(papers.opened), "man") as (clerk,):
        slip = f"{case}/handouts/receipt"
        page = await clerk.look(case)
        assert f'href="{slip}" target="_blank"' in page.text
        answers = [await clerk.look(slip) for _ in range(2)]
        page = await clerk.look(case)

    for answer in answers:
        assert answer.headers["content-type"] == "application/pdf"
        assert answer.headers["cache-control"] == "private, no-store"
        named = 'inline; filename="giay-hen-261123-0001.pdf"'
        assert answer.headers["content-disposition"] == named
    (text,) = words(answers[0].content)
    assert case.removeprefix("/cases/") in text
    assert "Trả kết quả: 17 giờ 00 phút, ngày 23 tháng 11 năm 2026" in text
    assert page.text.count("In giấy tiếp nhận và hẹn trả") == 2


async def test_who_asks_for_the_head_or_ahead_prints_nothing(papers):
    """The audit names prints, not guesses of a browser."""
    case = case_of(await papers.received())
    async with browsing(app_of(papers.opened), "man") as (clerk,):
        slip = f"{case}/handouts/receipt"
        head = await clerk.http.head(slip)
        ahead = await clerk.http.get(slip, headers={"Sec-Purpose": "prefetch"})
        page = await clerk.look(case)

    assert (head.status_code, ahead.status_code) == (204, 204)
    assert ahead.content == b""
    assert "In giấy tiếp nhận và hẹn trả" not in page.text


async def test_a_refused_paper_has_its_notice(papers):
    """With ground, words, and who signs; before it is refused there is none."""
    document = await papers.refused()
    waiting = await papers.awaiting()
    async with browsing(app_of(papers.opened), "man") as (clerk,):
        notice = f"/documents/{document}/handouts/refusal"
        assert notice in (await clerk.look(case_of(document))).text
        printed = await clerk.look(notice)
        early = await clerk.look(f"/documents/{waiting}/handouts/refusal")

    (text,) = words(printed.content)
    for said in ("THÔNG BÁO", "(mã D22.1)", "Cụ thể: x", "PHÓ CHỦ TỊCH"):
        assert said in text
    assert early.status_code == 422
    assert "chưa bị từ chối" in early.text


async def test_a_late_case_has_its_letter(papers):
    """With what it waits for and the new hour; in time there is no letter."""
    document = await papers.awaiting()
    letter = f"{case_of(document)}/handouts/apology"
    async with browsing(app_of(papers.opened), "man", "vinh") as people:
        assert letter not in (await people[0].look(case_of(document))).text
        assert (await people[0].look(letter)).status_code == 422
        papers.opened.clock.at = datetime(2026, 11, 23, 10, 0, 1, tzinfo=UTC)
    async with browsing(app_of(papers.opened), "man") as (clerk,):
        assert letter in (await clerk.look(case_of(document))).text
        (text,) = words((await clerk.look(letter)).content)

    assert "THƯ XIN LỖI" in text
    assert "đã chuyển duyệt lúc 09 giờ 00 phút" in text
    assert "17 giờ 00 phút, ngày 24 tháng 11 năm 2026" in text


async def test_a_case_that_was_put_off_has_its_letter(papers):
    """With what was promised, why it takes longer, and the new hour; before there is
    none.
    """
    document = await papers.scanned()
    case = case_of(document)
    letter = f"{case}/handouts/extension"
    async with browsing(app_of(papers.opened), "man") as (clerk,):
        early = await clerk.look(letter)
        form = await clerk.look(f"{case}/extend")
        page = await clerk.send(form, f"{case}/extend", ground="pages", days="1")
        assert letter in page.text
        (text,) = words((await clerk.look(letter)).content)
        assert "In thư báo gia hạn" in (await clerk.look(case)).text

    assert early.status_code == 422
    assert "chưa gia hạn" in early.text
    for said in (
        "hẹn trả kết quả lúc 17 giờ 00 phút, ngày 23 tháng 11 năm 2026",
        "thêm 1 ngày làm việc. Lý do: bản chính có nhiều trang.",
        "chậm nhất 17 giờ 00 phút, ngày 24 tháng 11 năm 2026",
    ):
        assert said in text
    assert "bằng văn bản" not in text


async def test_a_certifier_closes_a_month_by_its_form(papers):
    """Pressed twice it is once; then the page says who closed it and has no form."""
    await papers.issued()
    papers.opened.clock.at = DECEMBER_1
    act = "/register/close"
    async with browsing(app_of(papers.opened), "vinh", "long") as (vinh, long):
        page = await vinh.look(f"/register{NOVEMBER}")
        assert "Khóa sổ tháng 11/2026" in page.text
        unsaid = await vinh.send(page, act, confirmed="")
        assert unsaid.status_code == 422
        assert "đánh dấu vào ô xác nhận" in unsaid.text
        first = await vinh.send(page, act, confirmed="1")
        again = await vinh.send(page, act, confirmed="1")
        assert "Đã khóa sổ 11/2026: 1 dòng" in first.text
        assert again.url.path == "/register"
        after = (await vinh.look(f"/register{NOVEMBER}")).text
        assert "Sổ 11/2026 đã khóa lúc" in after
        assert "Tôi, Phạm Quốc Vĩnh, đã kiểm tra" not in after
        administrator = (await long.look(f"/register{NOVEMBER}")).text
        assert "Sổ 11/2026 đã khóa lúc" in administrator
        assert act not in administrator


async def test_a_correction_is_a_note_beside_its_line(papers):
    """Typed with the number as the page shows it."""
    await papers.issued()
    async with browsing(app_of(papers.opened), "vinh") as (vinh,):
        page = await vinh.look("/register")
        said = await vinh.send(
            page, "/register/notes", number="1/2026", text="Tên <đúng>"
        )
        wrong = await vinh.send(said, "/register/notes", number="9", text="x")

    assert "Đã ghi chú cho số 1/2026." in said.text
    assert "Tên &lt;đúng&gt; (Phạm Quốc Vĩnh, 09:00 23/11/2026)" in said.text
    assert wrong.status_code == 422
    assert "Sổ năm 2026 không có số 9" in wrong.text


async def test_the_register_is_printed_and_exported(papers):
    """A month with its lines, a year with its months, and both for a spreadsheet."""
    await papers.issued()
    async with browsing(app_of(papers.opened), "long") as (long,):
        page = await long.look("/register")
        for form in ("print.pdf", "export.xlsx", "export.csv"):
            assert f"/register/{form}?year=2026&amp;month=11" in page.text
        month = await long.look(f"/register/print.pdf{NOVEMBER}")
        year = await long.look("/register/print.pdf?year=2026")
        xlsx = await long.look(f"/register/export.xlsx{NOVEMBER}")
        csv = await long.look("/register/export.csv?year=2026")
        bad = await long.look("/register/print.pdf?year=2026&month=13")

    (text,) = words(month.content)
    assert "1/2026 23/11/2026 Nguyễn Thị Bích Đào Bằng tốt nghiệp đại học" in text
    assert "In khi sổ chưa khóa" in text
    (text,) = words(year.content)
    assert "11 1/2026 1/2026 1 1 0 2.000 chưa khóa" in text
    assert xlsx.headers["content-type"] == XLSX
    assert "so-chung-thuc-2026-11.xlsx" in xlsx.headers["content-disposition"]
    assert csv.headers["content-type"] == CSV
    assert "Nguyễn Thị Bích Đào" in csv.content.decode("utf-8-sig")
    assert bad.status_code == 400


async def test_a_bad_template_names_its_line_and_is_not_issued(papers):
    """What was typed stays in the form."""
    act = "/templates/supplement"
    text = default_with("{cho_den}", "{cho_denn}")
    async with browsing(app_of(papers.opened), "long") as (long,):
        page = await long.look(act)
        answers = [
            await long.send(page, act, text=text, valid_from="2026-11-24"),
            await previewed(long, page, act, text),
        ]
        after = await long.look(act)

    for answer in answers:
        assert answer.status_code == 422
        assert "Dòng 18: không có ô {cho_denn}; ý là {cho_den}?" in answer.text
        assert "{cho_denn}*. Thời hạn" in answer.text
    assert "{cho_denn}" not in after.text


async def test_a_template_is_previewed_and_issued(papers):
    """The preview is a PDF of what is typed, with invented words; what is issued is in
    the list, with its day and its person.
    """
    act = "/templates/supplement"
    text = default_with("= PHIẾU YÊU CẦU", "= PHIẾU MỚI YÊU CẦU")
    async with browsing(app_of(papers.opened), "long") as (long,):
        page = await long.look(act)
        preview = await previewed(long, page, act, text)
        early = await long.send(page, act, text=text, valid_from="2026-11-23")
        assert early.status_code == 422
        page = await long.look(act)
        said = await long.send(page, act, text=text, valid_from="2026-12-01")
        overview = await long.look("/templates")
        picture = await long.look(f"{act}/sample.png")
        nowhere = await long.look("/templates/letter")

    assert "PHIẾU MỚI YÊU CẦU BỔ SUNG" in words(preview.content)[0]
    assert "từ 24/11/2026" in early.text
    assert "Đã ban hành mẫu Phiếu yêu cầu bổ sung, dùng từ 01/12/2026." in said.text
    assert "PHIẾU MỚI" in said.text
    assert "01/12/2026" in overview.text
    assert picture.content.startswith(b"\x89PNG")
    assert nowhere.status_code == 404


async def test_what_was_typed_survives_the_end_of_the_session(papers):
    """A template and a note stand in their forms again, ready to send."""
    await papers.issued()
    forms = {
        "long": ("/templates/supplement", "/templates/supplement", {}),
        "vinh": ("/register", "/register/notes", {"number": "1"}),
    }
    for who, (address, act, more) in forms.items():
        async with browsing(app_of(papers.opened), who) as (person,):
            page = await person.look(address)
            person.http.cookies.clear()
            page = await person.send(page, act, text=TYPED, **more)
            assert page.status_code == 401
            page = await person.send(page, "/sign-in", user=who, password=PASSWORD)
            assert TYPED in page.text
            assert "text" in Form(page.text, act).order


async def previewed(browser, page, act, text):
    """The other button of the same form."""
    sent = Form(page.text, act).sent(text=text)
    return await browser.http.post(f"{act}/preview", data=sent)


def default_with(old, new):
    """The supplement slip's own template with one change."""
    text = default(Handout.SUPPLEMENT)
    assert old in text
    return text.replace(old, new)
