"""How an administrator arranges the office, in a real browser: accounts by the keyboard
alone, a day off with the due hour that follows, delegations as a page.
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

from intake.domain.calendar import SATURDAY, local_day
from intake.web import create_renderer
from support import office_views
from support.axe import violations
from support.desk_browser import sign_in
from support.desk_views import me

PHONE = {"width": 390, "height": 844}
WIDE = {"width": 1366, "height": 768}
OWN = "mot cau dai de nho"


def tab_to(page, element):
    """Press Tab until that field or button has the focus, as somebody without a mouse
    does, and see that the focus is shown.
    """
    for _ in range(80):
        page.keyboard.press("Tab")
        if page.evaluate("id => document.activeElement.id === id", element):
            return
    pytest.fail(f"no Tab leads to {element}")


def test_a_colleague_is_added_by_the_keyboard_alone(house, visit, shot):
    """The password is there once; its owner chooses another before anything else."""
    page = visit(house.desk)
    sign_in(page, house.people["administrator"])
    page.goto("/accounts")
    shot(page, "70-accounts")
    tab_to(page, "user")
    page.keyboard.type("sungthimay")
    tab_to(page, "name")
    page.keyboard.type("Sùng Thị Máy")
    tab_to(page, "role-clerk")
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    given = page.locator("#given")
    expect(given).to_be_visible()
    password = given.inner_text()
    shot(page, "71-account-given")

    clerk = visit(house.desk)
    clerk.goto("/sign-in")
    clerk.fill("#user", "sungthimay")
    clerk.fill("#password", password)
    clerk.keyboard.press("Enter")
    expect(clerk.get_by_text("Đặt mật khẩu của riêng mình")).to_be_visible()
    expect(clerk.locator("nav")).to_have_count(0)
    shot(clerk, "72-choose-a-password")
    for field, value in (("current", password), ("new", OWN), ("again", OWN)):
        clerk.fill(f"#{field}", value)
    clerk.keyboard.press("Enter")
    expect(clerk.get_by_text("Đã đổi mật khẩu")).to_be_visible()
    sign_in(clerk, replace(house.people["clerk"], user="sungthimay", password=OWN))
    expect(clerk.get_by_role("link", name="Hồ sơ mới").first).to_be_visible()

    page.goto("/accounts/sungthimay")
    page.get_by_role("button", name="Khóa tài khoản").click()
    expect(page.get_by_role("status")).to_contain_text("Đã khóa tài khoản")
    clerk.goto("/")
    expect(clerk.get_by_role("button", name="Đăng nhập")).to_be_visible()


def test_a_day_off_moves_the_due_hour(house, visit, shot):
    """The page tries it at once, and shows the day in its month."""
    page = visit(house.desk)
    sign_in(page, house.people["administrator"])
    page.goto("/calendar")
    day = local_day(datetime.now(UTC)) + timedelta(days=7)
    while day.weekday() >= SATURDAY:
        day += timedelta(days=1)
    page.fill("#first", day.isoformat())
    page.fill("#name", "Ngày hội của phường")
    page.get_by_role("button", name="Lưu vào lịch").click()
    expect(page.get_by_role("status")).to_contain_text(f"{day:%d/%m/%Y}")
    expect(
        page.locator(".month .hol", has_text=f"{day.day}, Nghỉ lễ")
    ).not_to_have_count(0)

    page.fill("#at", f"{day.isoformat()}T09:00")
    page.get_by_role("button", name="Tính").click()
    due = page.locator("aside dd b")
    expect(due).to_be_visible()
    expect(due).not_to_contain_text(f"{day:%d/%m/%Y}")
    shot(page, "73-calendar")


def test_a_fee_is_issued_from_a_day_on(house, visit, shot):
    """It stands above the one that counts until then."""
    page = visit(house.desk)
    sign_in(page, house.people["administrator"])
    page.goto("/fees")
    day = local_day(datetime.now(UTC)) + timedelta(days=400)
    page.fill("#valid_from", day.isoformat())
    typed = {"basis": "NQ 1/2027", "first_rate": "1.000", "further_rate": "500"}
    for field, value in (*typed.items(), ("ceiling", "100.000")):
        page.fill(f"#{field}", value)
    page.get_by_role("button", name="Ban hành").click()
    expect(page.get_by_role("status")).to_contain_text(f"{day:%d/%m/%Y}")
    first = page.locator("main tbody tr").first
    expect(first).to_contain_text("100.000 đ")
    expect(first).to_contain_text("Chưa đến ngày")
    shot(page, "75-fees")


def test_a_program_gets_its_token_once(house, visit, shot):
    """It stands on the page that made it; after a reload it stands nowhere."""
    page = visit(house.desk)
    sign_in(page, house.people["administrator"])
    page.goto("/programs")
    page.fill("#name", "Một cửa điện tử tỉnh")
    for scope in ("read-cases", "file-cases", "send-scans"):
        page.check(f"#scope-{scope}")
    page.get_by_role("button", name="Cấp mã").click()
    given = page.locator("#given")
    expect(given).to_contain_text("ecopy_")
    shot(page, "76-program-made")
    page.goto("/programs")
    expect(given).to_have_count(0)
    row = page.locator("main tbody tr", has_text="Một cửa điện tử tỉnh").first
    expect(row).to_contain_text("Chưa dùng")
    shot(page, "76-programs")
    row.locator("summary").click()
    row.get_by_role("button", name="Thu hồi mã").click()
    expect(page.get_by_role("status")).to_contain_text("Đã thu hồi mã")
    expect(row).to_contain_text("Đã thu hồi")


def with_delegations(page):
    """The page as it is with rows: the demo's ward has nobody who needs a document."""
    html = create_renderer().render(
        "delegations.html",
        lang="vi",
        view=office_views.delegations(),
        me=me("administrator", name="Hà Bảo Long"),
    )
    page.route(
        "**/delegations",
        lambda route: route.fulfill(body=html, content_type="text/html; charset=utf-8"),
    )
    page.goto("/delegations")


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_axe_finds_nothing_on_the_offices_pages(house, visit, shot, size):
    """Nor does a page scroll sideways, but for its tables."""
    page = visit(house.desk, size, bypass_csp=True)
    user = house.people["administrator"]
    sign_in(page, user)
    found = []
    for path in (
        "/accounts",
        f"/accounts/{user.user}",
        "/calendar",
        "/fees",
        "/delegations",
        "/programs",
    ):
        page.goto(path)
        found += violations(page)
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= size["width"], path
    with_delegations(page)
    page.locator("main summary").first.click()
    found += violations(page)
    shot(page, f"74-delegations-{size['width']}")
    assert found == []
