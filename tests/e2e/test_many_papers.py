"""Many papers at once, on the board and on the review wall: whoever works with the keys
sees where they are, and what was sought and saved has the looks of the other pages.
"""

import re
from dataclasses import replace

import pytest
from playwright.sync_api import expect

from e2e.conftest import Person
from intake.domain.people import Role
from support.desk_browser import sign_in
from support.intake import PASSWORD
from support.served import served, user_of

MANY = 30
STEPS = 12
HERE = re.compile("is-here")
NARROW = "(each) => each.scrollWidth <= each.clientWidth"
COLOUR = "(each) => getComputedStyle(each).backgroundColor"
MARKED = "rgb(227, 235, 243)"
"""``--brand-tint`` of the palette."""


def paper(n):
    """Every third has a title of three lines."""
    titles = ("Giấy khai sinh", "Bằng tốt nghiệp", "Giấy chứng nhận " * 6)

    async def bring(papers):
        typed = papers.typed | {"title": titles[n % 3].strip()}
        return await replace(papers, typed=typed).awaiting()

    return bring


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    papers = tuple(paper(n) for n in range(MANY))
    with served(tmp_path_factory.mktemp("many"), papers) as address:
        yield address


def signed_in(desk, visit, role):
    page = visit(desk)
    sign_in(page, Person(user_of(role), PASSWORD))
    return page


def test_the_paper_that_is_read_stays_in_sight(desk, visit, shot):
    """By the keys to the twelfth paper, and at its address opened anew."""
    page = signed_in(desk, visit, Role.CERTIFIER)
    page.goto("/wall")
    rows, here = page.locator(".queue > li"), page.locator(".queue > li.is-here")
    expect(rows).to_have_count(MANY)
    for step in range(1, STEPS):
        page.keyboard.press("j")
        expect(rows.nth(step)).to_have_class(HERE)
    page.reload()
    expect(rows.nth(STEPS - 1)).to_have_class(HERE)
    shot(page, "many-papers")

    box, row = page.locator(".queue-box").bounding_box(), here.bounding_box()
    assert box["y"] <= row["y"]
    assert row["y"] + row["height"] <= box["y"] + box["height"]
    assert page.evaluate("scrollY") == 0
    lines = page.locator(".queue a > span")
    assert lines.evaluate_all(f"(all) => all.every({NARROW})")


def test_what_is_sought_and_saved_looks_like_the_other_pages(desk, visit, shot):
    """Words that were found in the palette's tint; a filter is saved in one line."""
    page = signed_in(desk, visit, Role.CLERK)
    page.goto("/?q=khai sinh")
    assert page.locator("mark").first.evaluate(COLOUR) == MARKED
    page.goto("/?due=today")
    page.locator(".saving summary").click()
    name, save = page.locator("#view-name"), page.locator(".saving button")
    shot(page, "board-saving")
    field, button = name.bounding_box(), save.bounding_box()
    assert abs(field["y"] - button["y"]) <= 2
    name.fill("Hôm nay")
    save.click()
    said = page.locator(".said")
    expect(said).to_be_visible()
    assert said.bounding_box()["x"] > 0
