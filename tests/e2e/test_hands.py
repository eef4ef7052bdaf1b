"""What one paper of three pages costs the hands, from the board to the signature: keys
and clicks are counted as they are made, beside the words that are typed.

``make bench ONLY=office`` runs this test and prints what it has counted.
"""

import json
from dataclasses import dataclass

from playwright.sync_api import expect

from e2e.conftest import SHOTS
from support.desk_browser import CHECKED_MS, REQUESTER, drop, sign_in

MOST_OF_CLERK = 12
MOST_TABS = 12
PAPER = {"#title-0": "Giấy khai sinh và trích lục", "#issuing_body-0": "UBND phường"}


@dataclass
class Hands:
    """One person's, at one page."""

    page: object
    clicks: int = 0
    keys: int = 0
    tabs: int = 0
    """From one field to the next."""
    typed: int = 0
    """Letters of words."""

    def press(self, key):
        self.page.keyboard.press(key)
        self.keys += 1

    def click(self, where):
        self.page.locator(where).click()
        self.clicks += 1

    def tab_to(self, where):
        field = self.page.locator(where)
        for _ in range(MOST_TABS):
            if field.evaluate("field => field === document.activeElement"):
                return
            self.page.keyboard.press("Tab")
            self.tabs += 1
        raise AssertionError(f"{where} is more than {MOST_TABS} Tabs away")

    def type(self, where, words):
        self.tab_to(where)
        self.page.keyboard.type(words)
        self.typed += len(words)

    def counted(self):
        known = ("clicks", "keys", "tabs", "typed")
        return {kind: getattr(self, kind) for kind in known}


def test_a_paper_of_three_pages_by_hand(house, visit, three_files, shot):
    """The clerk needs at most twelve presses beside typing; both are written down."""
    clerk, certifier = visit(house.desk), visit(house.desk)
    sign_in(clerk, house.people["clerk"])
    sign_in(certifier, house.people["certifier"])
    receives, certifies = Hands(clerk), Hands(certifier)
    receive(receives, three_files)
    paper = clerk.url.rsplit("/", 1)[1]
    shot(clerk, "hands-handed-in")
    certify(certifies, paper)
    shot(certifier, "hands-certified")
    assert receives.clicks + receives.keys <= MOST_OF_CLERK
    said = {"clerk": receives.counted(), "certifier": certifies.counted()}
    (SHOTS / "hands.json").write_text(json.dumps(said, indent=1))


def receive(hands, files):
    """From the board to the handing in, as somebody who knows the keys does it."""
    page = hands.page
    hands.press("n")
    expect(page.locator("#id_number")).to_be_focused(timeout=CHECKED_MS)
    hands.type("#id_number", REQUESTER["id_number"])
    for name in ("requester", "birth_date", "phone"):
        hands.type(f"#{name}", REQUESTER[name])
    hands.tab_to("#privacy")
    hands.press("Space")
    hands.type("#title-0", PAPER["#title-0"])
    hands.tab_to("#kind-0")
    hands.press("ArrowDown")
    hands.type("#issuing_body-0", PAPER["#issuing_body-0"])
    hands.type("#pages-0", "3")
    hands.press("Control+Enter")
    expect(page.locator("#upload [data-plain]")).to_be_hidden(timeout=CHECKED_MS)
    drop(page, files)
    hands.clicks += 1
    expect(page.locator(".thumb")).to_have_count(3, timeout=CHECKED_MS)
    expect(page.locator(".files .is-done")).to_have_count(3, timeout=CHECKED_MS)
    hands.click("#all_present")
    hands.press("Control+Enter")
    submit = page.get_by_role("button", name="Gửi duyệt")
    expect(submit).to_be_visible(timeout=CHECKED_MS)
    hands.press("Control+Enter")
    expect(page.locator(".tag", has_text="Chờ duyệt").first).to_be_visible(
        timeout=CHECKED_MS
    )


def certify(hands, case):
    """To the paper in the queue, through its pages, and the signature."""
    page = hands.page
    hands.click(".bar nav a[href='/wall']")
    row = page.locator(f".queue a[href^='/wall/{case}']").first
    row.click()
    hands.clicks += 1
    expect(page.locator("#doc-title")).to_have_text(PAPER["#title-0"])
    unseen = page.locator(".strip .unseen")
    page.wait_for_timeout(1000)  # the first page is seen by looking at it
    for _ in range(20):
        if not unseen.count():
            break
        hands.press("Space")
        page.wait_for_timeout(800)  # a look takes two thirds of a second
    expect(unseen).to_have_count(0)
    hands.press("a")
    page.wait_for_url(lambda url: case not in url, timeout=CHECKED_MS)
