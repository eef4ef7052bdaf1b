"""Forms in a real browser: the session ends, the network dies, the button is pressed
again.
"""

from playwright.sync_api import expect

from support.desk_browser import (
    CHECKED_MS,
    REQUESTER,
    compare_and_submit,
    drop,
    new_case,
    sign_in,
)

TITLES = ("Bằng tốt nghiệp", "Bảng điểm")


def fill(page):
    """Two papers, so that the script has to make the second one again."""
    page.goto("/cases/new")
    for name, value in REQUESTER.items():
        page.locator(f"[name={name}]").fill(value)
    page.get_by_label("Đã cho người dân xem").check()
    page.locator("[data-add]").click()
    for number, title in enumerate(TITLES):
        page.locator(f"#title-{number}").fill(title)
        page.locator(f"#kind-{number}").select_option("diploma")
        page.locator(f"#pages-{number}").fill("3")


def expect_filled(page):
    for name, value in REQUESTER.items():
        expect(page.locator(f"[name={name}]")).to_have_value(value)
    expect(page.get_by_label("Đã cho người dân xem")).to_be_checked()
    for number, title in enumerate(TITLES):
        expect(page.locator(f"#title-{number}")).to_have_value(title)
        expect(page.locator(f"#pages-{number}")).to_have_value("3")


def send(page):
    page.locator("#case-new [data-submit-key]").click()


def sign_in_here(page, person):
    page.get_by_label("Tên đăng nhập").fill(person.user)
    page.get_by_label("Mật khẩu").fill(person.password)
    page.get_by_role("button", name="Đăng nhập").click()


def test_a_form_survives_the_end_of_the_session(house, visit, shot):
    """The cookie is gone when the form is sent: sign in, read it again, send it; the
    next new case is empty.
    """
    clerk = visit(house.desk)
    sign_in(clerk, house.people["clerk"])
    fill(clerk)
    clerk.context.clear_cookies()
    send(clerk)
    expect(clerk.get_by_text("những gì vừa nhập sẽ hiện lại")).to_be_visible()
    shot(clerk, "40-sign-in-again")
    sign_in_here(clerk, house.people["clerk"])
    expect(clerk.get_by_text("Phiên làm việc đã hết trước khi gửi")).to_be_visible()
    expect_filled(clerk)
    shot(clerk, "41-form-again")
    send(clerk)
    clerk.wait_for_url("**/desk")
    clerk.goto("/cases/new")
    expect(clerk.locator("[name=requester]")).to_have_value("")


def test_a_dead_network_loses_nothing(house, visit, shot):
    """Sent into nothing, Back: it stands there. Sent again it is one case, and Back
    from there is an empty form.
    """
    clerk = visit(house.desk)
    sign_in(clerk, house.people["clerk"])
    fill(clerk)
    clerk.context.set_offline(True)
    send(clerk)
    clerk.wait_for_url("chrome-error://**")
    clerk.context.set_offline(False)
    clerk.go_back()
    expect_filled(clerk)
    expect(clerk.locator("[data-draft-note]").first).to_be_visible()
    expect(clerk.locator("[data-total]")).not_to_have_text("–", timeout=CHECKED_MS)
    shot(clerk, "42-draft")
    send(clerk)
    clerk.wait_for_url("**/desk")
    first = clerk.url
    clerk.go_back()
    expect(clerk.locator("[name=requester]")).to_have_value("")
    clerk.goto(first)
    expect(clerk.locator(".tabs li")).to_have_count(2)


def test_a_draft_is_gone_for_everybody_else(house, visit):
    """Signing out ends it; so does another person in the same tab."""
    clerk = visit(house.desk)
    sign_in(clerk, house.people["clerk"])
    fill(clerk)
    clerk.context.clear_cookies()
    clerk.goto("/cases/new")
    sign_in_here(clerk, house.people["certifier"])
    expect(clerk.get_by_role("button", name="Thoát")).to_be_visible()
    assert clerk.evaluate("JSON.stringify(sessionStorage)") == "{}"
    clerk.get_by_role("button", name="Thoát").click()
    sign_in(clerk, house.people["clerk"])
    fill(clerk)
    assert "Bích Đào" in clerk.evaluate("JSON.stringify(sessionStorage)")
    clerk.get_by_role("button", name="Thoát").click()
    clerk.wait_for_url("**/sign-in*")
    assert clerk.evaluate("JSON.stringify(sessionStorage)") == "{}"


def test_a_refusal_survives_the_end_of_the_session(house, visit, shot, three_files):
    """The dialog stands open again, with its code and its words."""
    clerk, certifier = visit(house.desk), visit(house.desk)
    sign_in(clerk, house.people["clerk"])
    new_case(clerk)
    document = clerk.url.rsplit("/", 2)[-2]
    drop(clerk, three_files)
    compare_and_submit(clerk)
    sign_in(certifier, house.people["certifier"])
    certifier.goto(f"/wall/{document}")
    certifier.keyboard.press("x")
    certifier.get_by_label("D22.1").check()
    certifier.locator("#text").fill("Trang 2: ngày sinh bị tẩy.")
    certifier.context.clear_cookies()
    certifier.locator("[form=refuse-form]").click()
    sign_in_here(certifier, house.people["certifier"])
    expect(certifier.get_by_role("dialog")).to_be_visible()
    expect(certifier.locator("#text")).to_have_value("Trang 2: ngày sinh bị tẩy.")
    expect(certifier.get_by_label("D22.1")).to_be_checked()
    shot(certifier, "43-refusal-again")
    certifier.locator("[form=refuse-form]").click()
    expect(clerk.locator("#live-next")).to_contain_text("D22.1", timeout=CHECKED_MS)
