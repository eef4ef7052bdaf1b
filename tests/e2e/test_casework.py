"""A case that goes wrong and is put right, in a real browser and by the keyboard alone:
corrected, waiting for its requester, and taken back at last.
"""

from playwright.sync_api import expect

from support.axe import violations
from support.desk_browser import new_case, sign_in

WIDE = {"width": 1366, "height": 768}
MOST_TABS = 80


def tab_to(page, where):
    """Tab until the focus is there, as whoever has no mouse does."""
    target = page.locator(where)
    for _ in range(MOST_TABS):
        if target.evaluate("field => field === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{where} is not reached by Tab")


def retype(page, where, words):
    tab_to(page, where)
    page.keyboard.press("Control+a")
    page.keyboard.type(words)


def press(page, where, key="Enter"):
    tab_to(page, where)
    page.keyboard.press(key)


def test_from_a_correction_to_the_end_by_keyboard(house, visit, shot):
    """Each page has its words, no violation of axe, and is left by Enter."""
    clerk = visit(house.desk, WIDE, bypass_csp=True)
    sign_in(clerk, house.people["clerk"])
    new_case(clerk)
    case = "/cases/" + clerk.url.split("/documents/")[1].split("/")[0].rsplit("-", 1)[0]
    found = []

    clerk.goto(case)
    press(clerk, f'a[href="{case}/correct"]')
    clerk.wait_for_url(f"**{case}/correct")
    found += violations(clerk)
    retype(clerk, "#phone", "0911 000 417")
    retype(clerk, "#pages-0", "10")
    shot(clerk, "80-case-correct")
    press(clerk, "main form .btn-main")
    expect(clerk.get_by_role("status").first).to_contain_text("Đã sửa 2 ô")
    expect(clerk.locator(".head")).to_contain_text("phí 12.000 đ")
    expect(clerk.locator(".steps")).to_contain_text("0900 000 417 → 0911 000 417")
    shot(clerk, "81-case-corrected")

    press(clerk, f'a[href="{case}/supplement"]')
    clerk.wait_for_url(f"**{case}/supplement")
    found += violations(clerk)
    press(clerk, "main form .btn-main")
    expect(clerk.get_by_role("alert")).to_contain_text("Chọn thiếu gì")
    tab_to(clerk, "#ground-1")
    clerk.keyboard.press("ArrowDown")
    retype(clerk, "#words-1", "Trang 4 bỏ trống mục diện tích")
    shot(clerk, "82-case-supplement")
    press(clerk, "main form .btn-main")
    expect(clerk.locator("#awaits")).to_contain_text("Trang 4 bỏ trống")
    expect(clerk.locator(".head")).to_contain_text("Dừng tính hạn")
    found += violations(clerk)
    shot(clerk, "83-case-awaits")
    clerk.goto("/")
    expect(clerk.locator("main")).to_contain_text("Nguyễn Thị Bích Đào bổ sung")
    shot(clerk, "84-board-awaits")

    clerk.goto(case)
    press(clerk, "#awaits form button")
    expect(clerk.get_by_role("status").first).to_contain_text("Đã nhận đủ")
    expect(clerk.locator(".steps")).to_contain_text("tính hạn lại")

    press(clerk, f'a[href="{case}/end"]')
    clerk.wait_for_url(f"**{case}/end")
    found += violations(clerk)
    press(clerk, "#way-take-back", key="Space")
    shot(clerk, "85-case-end")
    press(clerk, "main form .btn-main")
    expect(clerk.locator("#live-next")).to_contain_text("Người yêu cầu rút")
    expect(clerk.locator(".head")).to_contain_text("phí 0 đ")
    found += violations(clerk)
    shot(clerk, "86-case-ended")
    assert found == []


def test_a_due_hour_is_put_off_by_keyboard(house, visit, shot):
    """One working day on a ground of the law; case and board say the new hour."""
    clerk = visit(house.desk, WIDE, bypass_csp=True)
    sign_in(clerk, house.people["clerk"])
    new_case(clerk)
    case = "/cases/" + clerk.url.split("/documents/")[1].split("/")[0].rsplit("-", 1)[0]
    found = []
    clerk.goto(case)
    press(clerk, f'a[href="{case}/extend"]')
    clerk.wait_for_url(f"**{case}/extend")
    found += violations(clerk)
    press(clerk, "#ground", key="ArrowDown")
    press(clerk, "#days", key="Space")
    shot(clerk, "87-case-extend")
    press(clerk, "main form .btn-main")
    expect(clerk.get_by_role("status").first).to_contain_text("Đã gia hạn 1 ngày")
    expect(clerk.locator("main")).to_contain_text("bản chính có nhiều trang")
    shot(clerk, "88-case-extended")

    found += violations(clerk)
    clerk.goto("/")
    expect(clerk.locator("main")).to_contain_text("gia hạn 1 ngày")
    shot(clerk, "89-board-extended")
    assert found == []


def test_whoever_came_before_is_found_by_number_and_taken_by_a_press(
    house, visit, shot
):
    """Typing the number offers them; only the button fills the fields. A kind that may
    stand on VNeID says so at once.
    """
    clerk = visit(house.desk, WIDE, bypass_csp=True)
    sign_in(clerk, house.people["clerk"])
    new_case(clerk)
    clerk.goto("/cases/new")
    number = clerk.locator("#id_number")
    expect(number).to_be_focused()
    number.fill("000203004417")
    clerk.keyboard.press("Tab")
    expect(clerk.locator("#earlier")).to_contain_text("Nguyễn Thị Bích Đào")
    expect(clerk.locator("#requester")).to_have_value("")
    press(clerk, "#earlier button")
    expect(clerk.locator("#requester")).to_have_value("Nguyễn Thị Bích Đào")
    expect(clerk.locator("#phone")).to_be_focused()
    hint = clerk.locator("[data-vneid=birth-certificate]")
    expect(hint).to_be_hidden()
    clerk.locator("#kind-0").select_option("birth-certificate")
    expect(hint).to_be_visible()
    clerk.locator("#pages-0").fill("3")
    clerk.locator("#copies-0").fill("2")
    expect(clerk.locator("[data-total]")).to_have_text("10.000 đ")
    shot(clerk, "90-case-found-again")
    assert violations(clerk) == []
