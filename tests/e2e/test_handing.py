"""A result goes out: handed over by keyboard, opened and fetched by its holder, given a
new link, and closed; each page looked at by axe, also as narrow as a telephone.
"""

from playwright.sync_api import expect

from support.axe import violations
from support.desk_browser import (
    CHECKED_MS,
    approve,
    compare_and_submit,
    drop,
    new_case,
    sign_in,
)

PHONE = {"width": 390, "height": 844}
HEARD_MS = 30_000


def test_a_result_goes_out_and_its_link_has_a_life(house, visit, shot, three_files):
    """The clerk never leaves the case's page, and reads there what the citizen did."""
    clerk = visit(house.desk, bypass_csp=True)
    case = issued_case(house, visit, clerk, three_files)
    link = str(clerk.locator("[data-link]").get_attribute("href"))
    hand_over_by_keyboard(clerk, shot)

    citizen = visit(viewport=PHONE, accept_downloads=True, bypass_csp=True)
    fetch(citizen, link)
    fate = clerk.locator("#live-papers")
    until(clerk, lambda: expect(fate).to_contain_text("Đã tải1 lần", timeout=2000))
    expect(clerk.locator(".steps")).to_contain_text("Người giữ liên kết tải bản sao")
    shot(clerk, "71-link-fetched")

    newer = renew(clerk, link, shot)
    old = citizen.goto(link)
    assert old.status == 410
    expect(citizen.get_by_role("heading", level=1)).to_have_text(
        "Đã có liên kết mới hơn"
    )
    assert violations(citizen) == []
    assert citizen.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    shot(citizen, "73-link-replaced-phone")
    assert citizen.goto(newer).status == 200

    close(clerk)
    assert citizen.goto(newer).status == 410
    expect(citizen.get_by_role("heading", level=1)).to_have_text(
        "Nơi chứng thực đã tắt liên kết này"
    )
    assert violations(citizen) == []
    shot(citizen, "75-link-closed-phone")
    clerk.set_viewport_size(PHONE)
    clerk.goto(case)
    for summary in clerk.locator("main summary").all():
        summary.click()
    assert violations(clerk) == []
    assert clerk.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    clerk.locator("#handing").scroll_into_view_if_needed()
    shot(clerk, "76-case-links-phone")


def issued_case(house, visit, clerk, files):
    sign_in(clerk, house.people["clerk"])
    new_case(clerk)
    drop(clerk, files)
    compare_and_submit(clerk)
    case = clerk.url
    certifier = visit(house.desk)
    sign_in(certifier, house.people["certifier"])
    approve(certifier)
    expect(clerk.locator("[data-link]")).to_be_visible(timeout=CHECKED_MS)
    clerk.goto(case)
    return case


def hand_over_by_keyboard(page, shot):
    """Ticked by Space, sent by Enter; the slip is one press away."""
    address = page.get_by_role("link", name="In phiếu giao").get_attribute("href")
    assert page.request.get(address).headers["content-type"] == "application/pdf"
    page.locator("#way-screen").focus()
    page.keyboard.press("Space")
    page.locator("#handing").scroll_into_view_if_needed()
    assert violations(page) == []
    shot(page, "70-hand-over")
    page.locator("#way-original").focus()
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Đã ghi giao kết quả, 1 giấy.")).to_be_visible()
    expect(page.locator(".handed li")).to_have_count(2)


def fetch(page, link):
    page.goto(link)
    with page.expect_download() as coming:
        page.locator("a[download]").click()
    assert coming.value.path().read_bytes().startswith(b"%PDF-")


def renew(page, link, shot):
    """The new link stands where the old one stood, and the public face knows of it."""
    form = opened_acts(page)
    form.get_by_label("mất liên kết hoặc phiếu in").check()
    form.scroll_into_view_if_needed()
    shot(page, "72-renew-link")
    form.get_by_role("button", name="Cấp lại liên kết").click()
    expect(page.get_by_text("Đã cấp lại liên kết: ")).to_be_visible()
    newer = str(page.locator("[data-link]").get_attribute("href"))
    assert newer != link
    pending = page.get_by_text("Đang báo trang công khai")
    expect(pending).to_have_count(0, timeout=HEARD_MS)
    return newer


def close(page):
    form = opened_acts(page)
    form.get_by_label("Đã giao nhầm người").check()
    form.get_by_role("button", name="Tắt liên kết").click()
    expect(page.get_by_text("Đã tắt liên kết: ")).to_be_visible()
    expect(page.locator("[data-link]")).to_have_count(0)
    pending = page.get_by_text("Đang báo trang công khai")
    expect(pending).to_have_count(0, timeout=HEARD_MS)


def opened_acts(page):
    page.reload()
    acts = page.locator("details", has_text="Cấp lại hoặc tắt liên kết")
    acts.locator("summary").click()
    return acts


def until(page, seen, times=10):
    """Look again until it is there: nothing on the page moves that would look again."""
    for _ in range(times - 1):
        try:
            return seen()
        except AssertionError:
            page.reload()
    return seen()
