"""The board in a browser: found, filtered, by keys alone, and kept up to date."""

import re

import pytest
from playwright.sync_api import expect

from support.axe import violations
from support.desk_browser import new_case, sign_in

PHONE = {"width": 390, "height": 844}
NEWS_MS = 30_000


def test_the_board_is_worked_by_keys_and_keeps_itself(house, visit, shot):
    """Found without marks and by a code, filtered, opened by J and Enter; a case that a
    colleague opens comes by itself, and what is typed and where the focus is stay.
    """
    clerk, other = visit(house.desk, bypass_csp=True), visit(house.desk)
    for page in (clerk, other):
        sign_in(page, house.people["clerk"])
    # The house is every test's: cases of others stand on the board, too.
    rows = clerk.locator(".board tbody tr:not(.group)")
    before = shown(clerk, rows, "/")
    new_case(clerk)
    assert shown(clerk, rows, "/") == before + 1
    clerk.keyboard.press("/")
    expect(clerk.locator("#q")).to_be_focused()
    clerk.keyboard.type("nguyen dao")
    clerk.keyboard.press("Enter")
    expect(clerk.get_by_role("status")).to_contain_text("hồ sơ")
    shot(clerk, "board-found")
    assert violations(clerk) == []
    clerk.goto("/?due=late")
    expect(clerk.get_by_text("Không hồ sơ nào hợp bộ lọc này.")).to_be_visible()
    clerk.goto("/?state=ended")
    shot(clerk, "board-ended")
    mine = shown(clerk, rows, "/?whose=mine")
    clerk.locator("#q").fill("chưa gửi")
    new_case(other)
    expect(rows).to_have_count(mine + 1, timeout=NEWS_MS)
    expect(clerk.locator("#q")).to_have_value("chưa gửi")
    expect(clerk.locator("#q")).to_be_focused()
    shot(clerk, "board")
    assert violations(clerk) == []
    clerk.locator("h1").click()
    clerk.keyboard.press("j")
    clerk.keyboard.press("j")
    expect(rows.nth(1).locator("a").first).to_be_focused()
    clerk.keyboard.press("k")
    clerk.set_viewport_size(PHONE)
    shot(clerk, "board-phone")
    assert violations(clerk) == []
    assert clerk.evaluate("document.body.scrollWidth") <= PHONE["width"]
    first = rows.first.locator("a").first.get_attribute("href")
    clerk.keyboard.press("Enter")
    expect(clerk).to_have_url(re.compile(f"{re.escape(first)}$"))


def shown(page, rows, address):
    """How many cases the board of that address shows."""
    page.goto(address)
    return rows.count()


@pytest.mark.parametrize("cut", ["never", "later"])
def test_a_board_that_hears_nothing_looks_by_itself(house, visit, cut):
    """A network that lets no stream of events through, or none any more after the first
    one: a case that a colleague opens comes all the same, and what is typed stays.
    """
    clerk, other = visit(house.desk), visit(house.desk)
    heard = []

    def answer(route):
        heard.append(route.request.url)
        if cut == "later" and len(heard) == 1:
            # It ends at once, as where a proxy takes the line away.
            route.fulfill(content_type="text/event-stream", body="retry: 500\n\n")
        else:
            route.abort()

    clerk.route("**/news", answer)
    for page in (clerk, other):
        sign_in(page, house.people["clerk"])
    rows = clerk.locator(".board tbody tr:not(.group)")
    before = shown(clerk, rows, "/?whose=mine")
    clerk.locator("#q").fill("chưa gửi")
    new_case(other)
    expect(rows).to_have_count(before + 1, timeout=NEWS_MS)
    expect(clerk.locator("#q")).to_have_value("chưa gửi")
    assert heard
