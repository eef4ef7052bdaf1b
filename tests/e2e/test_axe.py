"""The staff's pages by axe-core, wide and narrow: nothing that a person who sees, hears
or moves otherwise would stumble over (WCAG 2.2 and axe's own best practice).
"""

import pytest
from playwright.sync_api import expect

from support.axe import violations
from support.desk_browser import CHECKED_MS, drop, new_case, sign_in

PHONE = {"width": 390, "height": 844}
WIDE = {"width": 1366, "height": 768}
OF_CLERKS = ("/", "/cases/new", "/inbox", "/register", "/account")
DIALOGS = ("insert", "replace", "split")


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_axe_finds_nothing_on_the_clerks_pages(house, visit, three_files, size):
    """The page desk empty, with pages, and with each of its dialogs open."""
    clerk = visit(house.desk, size, bypass_csp=True)
    clerk.goto("/sign-in")
    found = violations(clerk)
    sign_in(clerk, house.people["clerk"])
    for path in OF_CLERKS:
        clerk.goto(path)
        found += violations(clerk)
    new_case(clerk)
    found += violations(clerk)
    drop(clerk, three_files)
    expect(clerk.locator("#pages > li")).to_have_count(3, timeout=CHECKED_MS)
    found += violations(clerk)
    for dialog in DIALOGS:
        clerk.locator(f"[data-open='{dialog}']").click()
        expect(clerk.locator(f"dialog#{dialog}")).to_be_visible()
        found += violations(clerk)
        clerk.keyboard.press("Escape")
    clerk.goto(clerk.url.split("/documents/")[0] + "/cases/" + case_of(clerk.url))
    found += violations(clerk)
    assert found == []


@pytest.mark.parametrize(
    ("role", "path"),
    [
        ("certifier", "/wall"),
        ("certifier", "/overview"),
        ("administrator", "/system"),
    ],
)
def test_axe_finds_nothing_on_the_others_pages(house, visit, role, path):
    page = visit(house.desk, bypass_csp=True)
    sign_in(page, house.people[role])
    page.goto(path)
    assert violations(page) == []


def case_of(url):
    """The code of the case whose page desk has this address."""
    return url.split("/documents/")[1].split("/")[0].rsplit("-", 1)[0]
