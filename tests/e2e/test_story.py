"""The story in a real browser: a paper comes in, a stranger checks its copy."""

import re

from playwright.sync_api import expect

from support.desk_browser import (
    CHECKED_MS,
    Dropped,
    approve,
    compare_and_submit,
    drop,
    new_case,
    sign_in,
)

ISSUED_MS = 60_000


def test_a_paper_becomes_a_copy_that_a_stranger_believes(
    house, visit, shot, three_files, tmp_path
):
    """Clerk, certifier, citizen and verifier, each in a browser of their own."""
    clerk = visit(house.desk)
    sign_in(clerk, house.people["clerk"])
    shot(clerk, "01-board")
    new_case(clerk, shot)
    drop(clerk, three_files)
    compare_and_submit(clerk, shot)
    case = clerk.url

    certifier = visit(house.desk)
    sign_in(certifier, house.people["certifier"])
    approve(certifier, shot)

    link = issued(clerk, case, shot)
    sign_out(clerk)

    citizen = visit(viewport={"width": 390, "height": 844}, accept_downloads=True)
    copy = take(citizen, link, tmp_path, shot)
    verify(citizen, copy, shot)


def sign_out(page):
    page.get_by_role("button", name="Thoát").click()
    expect(page.get_by_text("Đã thoát.")).to_be_visible()


def issued(page, case, shot):
    """The page that was left open says so by itself."""
    assert page.url == case
    link = page.locator("[data-link]")
    expect(link).to_be_visible(timeout=ISSUED_MS)
    expect(page.locator("h2 .tag", has_text="Đã cấp")).to_be_visible()
    shot(page, "08-case-issued")
    page.goto("/register")
    # Other stories of this house have lines of their own in the book.
    own = page.locator(f"a[href='/cases/{case.rsplit('/', 1)[1]}']")
    expect(page.locator("table.register tbody tr", has=own)).to_have_count(1)
    shot(page, "09-register")
    page.goto(case)
    return str(page.locator("[data-link]").get_attribute("href"))


def take(page, link, folder, shot):
    page.goto(link)
    button = page.locator("a[download]")
    expect(button).to_be_visible()
    shot(page, "10-citizen")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    with page.expect_download() as coming:
        button.click()
    copy = folder / coming.value.suggested_filename
    coming.value.save_as(copy)
    assert copy.read_bytes().startswith(b"%PDF-")
    return copy


def verify(page, copy, shot):
    origin = re.match(r"https?://[^/]+", page.url)
    assert origin is not None
    page.goto(f"{origin[0]}/kiem-tra")
    shot(page, "11-verify")
    file = Dropped(copy.name, "application/pdf", copy.read_bytes())
    drop(page, [file], ".drop-public")
    expect(page.locator(".verdict-genuine")).to_be_visible(timeout=CHECKED_MS)
    shot(page, "12-verdict")
