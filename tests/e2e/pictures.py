"""The two pictures at the head of the README: ``make pictures``.

Not a test: its name keeps it out of ``make e2e``. It plays the story in the house and
with the hands of the browser tests, and writes what a clerk and a citizen see.
"""

from pathlib import Path

from playwright.sync_api import Page, expect

from support.desk_browser import approve, compare_and_submit, drop, new_case, sign_in

PICTURES = Path(__file__).parents[2] / "docs" / "pictures"
PHONE = {"width": 390, "height": 844}
CHECKED_MS = 60_000


def test_the_pictures_of_the_readme(house, visit, three_files) -> None:
    """The clerk before the paper is submitted; the citizen when the copy is there."""
    clerk = visit(house.desk)
    sign_in(clerk, house.people["clerk"])
    new_case(clerk)
    drop(clerk, three_files)
    expect(clerk.locator(".thumb")).to_have_count(3, timeout=CHECKED_MS)
    _scrolled_to_top(clerk)
    clerk.screenshot(path=PICTURES / "desk.png", scale="css")
    compare_and_submit(clerk)
    case = clerk.url

    certifier = visit(house.desk)
    sign_in(certifier, house.people["certifier"])
    approve(certifier)

    clerk.goto(case)
    link = clerk.locator("[data-link]")
    expect(link).to_be_visible(timeout=CHECKED_MS)
    citizen = visit(viewport=PHONE)
    citizen.goto(str(link.get_attribute("href")))
    expect(citizen.locator("a[download]")).to_be_visible()
    _scrolled_to_top(citizen)
    citizen.screenshot(path=PICTURES / "citizen-phone.png")


def _scrolled_to_top(page: Page) -> None:
    page.evaluate("window.scrollTo(0, 0)")
