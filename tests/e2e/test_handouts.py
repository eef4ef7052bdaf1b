"""Papers that the office hands out, in a real browser: a slip printed with one press, a
template mended by the line that the page names, a month closed by name.
"""

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

from intake.domain.calendar import local_day
from support.axe import violations
from support.desk_browser import drop, new_case, sign_in
from support.handouts import words

PHONE = {"width": 390, "height": 844}
WIDE = {"width": 1366, "height": 768}


def pressed(page, button):
    """The answer to the press: the browser opens it in a page of its own, or hands it
    to whatever shows a PDF.
    """
    address = button.get_attribute("href") or button.get_attribute("formaction")
    with page.context.expect_event(
        "response", lambda answer: address in answer.url
    ) as answered:
        button.click()
    return answered.value


def test_a_clerk_prints_the_slip_from_the_case(house, visit, shot, three_files):
    """One press from the case page; the case says that it was printed."""
    clerk = visit(house.desk)
    sign_in(clerk, house.people["clerk"])
    new_case(clerk)
    drop(clerk, three_files)
    case = clerk.url.split("/documents/")[1].split("/")[0].rsplit("-", 1)[0]
    clerk.goto(f"/cases/{case}")
    button = clerk.get_by_role("link", name="Giấy tiếp nhận, hẹn trả")
    answer = pressed(clerk, button)

    assert answer.status == 200
    assert answer.headers["content-type"] == "application/pdf"
    # A viewer may have taken the bytes for itself: the same address gives them again.
    again = clerk.request.get(f"/cases/{case}/handouts/receipt")
    (text,) = words(again.body())
    assert case in text
    assert "Giấy khai sinh và trích lục" in text
    clerk.reload()
    expect(clerk.locator(".steps")).to_contain_text("In giấy tiếp nhận và hẹn trả")
    shot(clerk, "60-case-handouts")


def test_an_administrator_mends_and_previews_a_template(house, visit, shot):
    """A misspelt field is named with its line and what was meant; mended, it is shown
    with sample words and issued from tomorrow on.
    """
    page = visit(house.desk)
    sign_in(page, house.people["administrator"])
    page.get_by_role("link", name="Quản trị").click()
    page.get_by_role("link", name="Mẫu giấy tờ").click()
    page.get_by_role("link", name="Phiếu yêu cầu bổ sung").click()
    text = page.get_by_label("Nội dung mẫu")
    before = text.input_value()
    text.fill(before.replace("{cho_den}", "{cho_denn}"))
    page.get_by_role("button", name="Ban hành").click()

    fault = page.get_by_role("alert")
    expect(fault).to_contain_text("Dòng 18: không có ô {cho_denn}; ý là {cho_den}?")
    shot(page, "61-template-fault")
    text.fill(before.replace("= PHIẾU", "= PHIẾU MỚI"))
    answer = pressed(page, page.get_by_role("button", name="Xem trước"))
    assert answer.status == 200
    assert answer.headers["content-type"] == "application/pdf"
    page.get_by_role("button", name="Ban hành").click()
    expect(page.get_by_role("status")).to_contain_text("Đã ban hành mẫu")
    sample = page.locator("img.template-sample")
    assert sample.evaluate("image => image.decode().then(() => image.naturalWidth > 0)")
    shot(page, "62-template-issued")


def test_a_certifier_closes_a_month(house, visit, shot):
    """By a tick and a press; then the page names who closed it, and has no form."""
    page = visit(house.desk)
    sign_in(page, house.people["certifier"])
    month = local_day(datetime.now(UTC)).replace(day=1) - timedelta(days=1)
    page.goto(f"/register?year={month.year}&month={month.month}")
    form = page.locator("details", has_text="Khóa sổ tháng")
    form.locator("summary").click()
    form.get_by_label("đã kiểm tra và xác nhận").check()
    form.scroll_into_view_if_needed()
    shot(page, "63-register-close")
    form.get_by_role("button", name="Khóa sổ tháng").click()

    expect(page.get_by_role("status")).to_contain_text("Đã khóa sổ")
    expect(page.locator(".note-good", has_text="đã khóa lúc")).to_be_visible()
    expect(page.locator("details", has_text="Khóa sổ tháng")).to_have_count(0)
    shot(page, "64-register-closed")


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_axe_finds_nothing_on_these_pages(house, visit, size):
    """The list of templates, a template, and the register with its forms open."""
    administrator = visit(house.desk, size, bypass_csp=True)
    sign_in(administrator, house.people["administrator"])
    found = []
    for path in ("/templates", "/templates/register-month"):
        administrator.goto(path)
        found += violations(administrator)
    certifier = visit(house.desk, size, bypass_csp=True)
    sign_in(certifier, house.people["certifier"])
    certifier.goto("/register?year=2025&month=1")
    for summary in certifier.locator("main summary").all():
        summary.click()
    found += violations(certifier)
    assert found == []
