"""What scripts add at the desk: keys, questions, choices kept, words of our own."""

from playwright.sync_api import expect

from support.desk_browser import CHECKED_MS, drop, new_case, sign_in

PHONE = {"width": 390, "height": 844}
LEAST_TARGET = 24
"""CSS pixels: WCAG 2.2, 2.5.8 (https://www.w3.org/TR/WCAG22/#target-size-minimum)."""


def clerk_of(house, visit):
    page = visit(house.desk)
    sign_in(page, house.people["clerk"])
    return page


def test_an_added_paper_has_no_kind_yet(house, visit):
    """Nor has the first one; and nothing is asked of the server before a count."""
    clerk = clerk_of(house, visit)
    asked: list[str] = []
    clerk.on("response", lambda answer: asked.append(f"{answer.status} {answer.url}"))
    clerk.goto("/cases/new")
    kinds = clerk.locator("[name=kind]")
    expect(kinds).to_have_value("")
    kinds.select_option("diploma")
    clerk.get_by_role("button", name="Thêm giấy tờ").click()
    expect(kinds.nth(1)).to_have_value("")
    expect(kinds.nth(0)).to_have_value("diploma")
    clerk.wait_for_load_state("networkidle")
    assert [line for line in asked if line.startswith("4")] == []


def test_a_file_is_removed_only_after_a_question(house, visit, three_files):
    """No: nothing happens. Yes: it is gone, and the list is in view again."""
    clerk = clerk_of(house, visit)
    new_case(clerk)
    drop(clerk, three_files)
    done = clerk.locator("#live-files .is-done")
    expect(done).to_have_count(3, timeout=CHECKED_MS)
    asked: list[str] = []

    def answer(dialog):
        asked.append(dialog.message)
        if len(asked) == 1:
            dialog.dismiss()
        else:
            dialog.accept()

    clerk.on("dialog", answer)
    remove = done.first.get_by_role("button", name="Bỏ")
    remove.click()
    expect(done).to_have_count(3)
    remove.click()
    expect(done).to_have_count(2)
    assert "trang-" in asked[0]
    assert clerk.url.endswith("#live-files")
    expect(clerk.get_by_role("status").filter(has_text="Đã bỏ tệp")).to_be_attached()


def test_n_opens_a_new_case_from_every_page_but_that_one(house, visit):
    """On the form itself it would throw away what was typed."""
    clerk = clerk_of(house, visit)
    for page in ("/", "/register", "/account"):
        clerk.goto(page)
        clerk.keyboard.press("n")
        expect(clerk).to_have_url(f"{house.desk}/cases/new")
    clerk.locator("#privacy").check()
    clerk.keyboard.press("n")
    expect(clerk.locator("#privacy")).to_be_checked()


def test_a_password_is_shown_while_the_button_is_pressed_in(house, visit):
    """It is a password again before it is sent."""
    page = visit(house.desk)
    page.goto("/sign-in")
    field = page.locator("#password")
    field.fill("hoa ban")
    show = page.get_by_role("button", name="Hiện")
    show.click()
    expect(field).to_have_attribute("type", "text")
    expect(show).to_have_attribute("aria-pressed", "true")
    show.click()
    expect(field).to_have_attribute("type", "password")


def test_the_bar_can_be_hit_with_a_thumb(house, visit):
    """Each link and button of the bar, for the role with the longest one."""
    page = visit(house.desk, viewport=PHONE)
    sign_in(page, house.people["certifier"])
    for path in ("/", "/wall", "/register", "/account"):
        page.goto(path)
        for target in page.locator(".bar-me a, .bar-me button").all():
            box = target.bounding_box()
            assert box is not None
            assert min(box["width"], box["height"]) >= LEAST_TARGET, path


def test_a_case_reads_in_lines_on_a_telephone(house, visit):
    """What happened in it stands in a column wide enough for words."""
    clerk = visit(house.desk, PHONE)
    sign_in(clerk, house.people["clerk"])
    new_case(clerk)
    clerk.goto(clerk.locator(".crumb a").get_attribute("href"))
    step = clerk.locator(".steps > li > div").first
    expect(step).to_contain_text("Tiếp nhận hồ sơ")
    box = step.bounding_box()
    assert box is not None
    assert box["width"] > PHONE["width"] / 2
