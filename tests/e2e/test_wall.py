"""The certifier's wall in a real browser, by the keyboard alone: papers approved in one
act, pages sent back, and two windows on one paper.
"""

import re

import httpx
import pytest
from playwright.sync_api import expect

from corpus import scans
from support.axe import violations
from support.desk_browser import sign_in
from support.intake import CASE, Form

TITLES = ("Giấy khai sinh", "Bằng tốt nghiệp", "Học bạ", "Bảng điểm", "Trích lục")


@pytest.fixture(scope="module")
def papers(house):
    """Ids of papers that await approval, of two pages each, filed without a script."""
    person = house.people["clerk"]
    with httpx.Client(
        base_url=house.desk,
        follow_redirects=True,
        headers={"Accept": "text/html", "Sec-Fetch-Site": "same-origin"},
        timeout=60,
    ) as clerk:

        def send(page, action, **typed):
            return clerk.post(action, data=Form(page.text, action).sent(**typed))

        page = clerk.get("/sign-in")
        send(page, "/sign-in", user=person.user, password=person.password)
        filed = []
        for title in TITLES:
            typed = CASE | {"title": title, "pages": "2"}
            page = send(clerk.get("/cases/new"), "/cases", **typed)
            document = page.url.path.removesuffix("/desk")
            form = Form(page.text, f"{document}/files").sent()
            page = clerk.post(
                f"{document}/files",
                data={"csrf": form["csrf"][0], "key": form["key"][0]},
                files=[("files", ("a.pdf", scans.small_pdf(2)))],
            )
            page = send(page, f"{document}/compare", all_present="1")
            send(page, f"{document}/submit")
            filed.append(document.rsplit("/", 1)[1])
        yield filed


@pytest.fixture
def certifier(house, visit):
    page = visit(house.desk, bypass_csp=True)
    sign_in(page, house.people["certifier"])
    return page


def see_through(page):
    """Space until no page is unseen."""
    unseen = page.locator(".strip .unseen")
    page.locator("h1").click()
    for _ in range(60):
        if not unseen.count():
            break
        page.keyboard.press("Space")
        page.wait_for_timeout(800)  # a look takes two thirds of a second
    expect(unseen).to_have_count(0)


LOADED = """paper => performance.getEntriesByType("resource").filter(
    ({ name }) => name.includes(`/documents/${paper}/`) && name.endsWith("/large")
).length"""
DRAWN = """() => [...document.querySelectorAll("#scroll img.paper")].every(
    img => img.complete && img.naturalWidth)"""


def test_the_next_paper_is_there_before_it_is_opened(papers, certifier, shot):
    """Its pictures come while this one is read, which is no look at them, and none is
    asked for again. Back leads to the paper before, and what was typed there stays.
    """
    one, two, *_ = papers
    certifier.goto(f"/wall/{one}")
    certifier.wait_for_function(f"({LOADED})('{two}') === 2")
    certifier.reload()  # looked at now as it would be by somebody who has read it
    certifier.wait_for_function(f"({LOADED})('{two}') === 2")
    next_row = certifier.locator(f"li[data-key='{two}']")
    expect(next_row).to_contain_text("0/2")
    certifier.keyboard.press("r")
    certifier.locator("#sb-text").fill("Đang gõ dở")
    certifier.keyboard.press("Escape")
    certifier.locator("h1").click()  # the focus leaves a closed dialog a moment later
    certifier.keyboard.press("j")
    certifier.wait_for_url(f"**/{two}")
    expect(certifier.locator("#doc-title")).to_have_text(TITLES[1])
    certifier.wait_for_function(DRAWN)
    assert certifier.evaluate(LOADED, two) == 2
    shot(certifier, "59-wall-next")
    assert violations(certifier) == []
    certifier.go_back()
    expect(certifier.locator("#doc-title")).to_have_text(TITLES[0])
    certifier.keyboard.press("r")
    expect(certifier.locator("#sb-text")).to_have_value("Đang gõ dở")
    certifier.locator("#send-back [data-draft-note] button").click()
    expect(certifier.locator("#sb-text")).to_have_value("")


def test_papers_are_approved_in_one_act_by_keys(papers, certifier, shot):
    """C ticks what is seen, not before; Shift A asks, Enter signs; the page of results
    says who got which number, also after a reload.
    """
    one, two, *_ = papers
    certifier.goto(f"/wall/{one}")
    certifier.keyboard.press("c")
    expect(certifier.locator(".queue input:checked")).to_have_count(0)
    for paper in (one, two):
        if paper != one:
            certifier.keyboard.press("j")
            certifier.wait_for_url(f"**/{paper}")
        see_through(certifier)
        box = certifier.locator(f"[id='pick-{paper}']")
        expect(box).to_be_enabled()
        certifier.keyboard.press("c")
        expect(box).to_be_checked()
    expect(certifier.locator("#batch")).to_contain_text("Đã chọn 2 giấy")
    shot(certifier, "60-wall-picked")
    assert violations(certifier) == []
    certifier.keyboard.press("Shift+A")
    dialog = certifier.get_by_role("dialog")
    expect(dialog.locator(".results li")).to_have_count(2)
    shot(certifier, "61-wall-batch")
    assert violations(certifier) == []
    certifier.keyboard.press("Enter")
    certifier.wait_for_url("**/wall/batches/*")
    expect(certifier.locator("h1")).to_have_text("2 giấy đã duyệt, 0 giấy chưa")
    expect(certifier.locator(".results li")).to_contain_text(["số ", "số "])
    shot(certifier, "62-wall-results")
    assert violations(certifier) == []
    certifier.reload()
    expect(certifier.locator("h1")).to_have_text("2 giấy đã duyệt, 0 giấy chưa")


def test_a_page_is_sent_back_by_keys_and_the_clerk_sees_it_marked(
    house, papers, certifier, visit, shot
):
    """A page with its reason and words; on the page desk it is marked."""
    paper = papers[2]
    certifier.goto(f"/wall/{paper}")
    certifier.keyboard.press("r")
    dialog = certifier.get_by_role("dialog")
    expect(dialog.locator("#sb-1")).to_be_focused()
    certifier.keyboard.press("Tab")
    certifier.keyboard.press("Space")
    expect(dialog.locator("#sb-2")).to_be_checked()
    certifier.keyboard.press("Tab")
    certifier.keyboard.press("m")
    expect(dialog.locator("select").nth(1)).to_have_value("cut")
    certifier.keyboard.press("Tab")
    certifier.keyboard.type("Góc dưới, có dấu nổi")
    shot(certifier, "63-wall-send-back")
    assert violations(certifier) == []
    certifier.keyboard.press("Tab")
    certifier.keyboard.press("Tab")
    certifier.keyboard.press("Enter")
    expect(certifier.locator(".said")).to_contain_text("Đã trả lại để quét lại: Học bạ")
    clerk = visit(house.desk, bypass_csp=True)
    sign_in(clerk, house.people["clerk"])
    clerk.goto(f"/documents/{paper}/desk")
    second = clerk.locator("#pages > li").nth(1)
    expect(second).to_contain_text("Mất góc, mất mép")
    second.locator("input").check()
    clerk.keyboard.press("Alt+ArrowUp")
    first = clerk.locator("#pages > li").nth(0)
    expect(first).to_contain_text("Mất góc, mất mép")
    expect(clerk.locator("#sent-back")).to_contain_text("Góc dưới, có dấu nổi")
    shot(clerk, "64-desk-sent-back")
    assert violations(clerk) == []


def test_the_queue_refreshes_itself_and_leaves_typed_words(papers, certifier):
    """Another window takes a paper: it is said here, and the words typed here stay."""
    paper, other = papers[3], certifier.context.new_page()
    certifier.goto(f"/wall/{paper}")
    certifier.keyboard.press("r")
    certifier.locator("#sb-text").fill("Đang gõ dở")
    other.goto(f"/wall/{paper}")
    other.keyboard.press("x")
    other.get_by_label("D22.1").check()
    other.locator("#text").fill("Tẩy xóa ở dòng 3")
    other.locator("[form=refuse-form]").click()
    expect(other.locator(".said")).to_be_visible()
    certifier.bring_to_front()
    expect(certifier.locator("[data-changed]")).to_be_attached()
    expect(certifier.locator("#wall .decide")).to_contain_text(
        re.compile("không còn chờ duyệt"), timeout=20_000
    )
    expect(certifier.locator("#sb-text")).to_have_value("Đang gõ dở")


def test_whoever_is_second_keeps_what_they_typed(papers, certifier, shot):
    """Two windows, one paper: who was first, when, what differs, and the words."""
    paper, other = papers[4], certifier.context.new_page()
    certifier.goto(f"/wall/{paper}")
    other.goto(f"/wall/{paper}")
    other.keyboard.press("r")
    other.locator("#sb-text").fill("Mờ")
    other.locator("[form=send-back-form]").click()
    expect(other.locator(".said")).to_be_visible()
    certifier.keyboard.press("r")
    certifier.locator("#sb-text").fill("Trang 2 mất góc dưới")
    certifier.locator("[form=send-back-form]").click()
    expect(certifier.locator(".differs")).to_contain_text("Chờ duyệt")
    expect(certifier.locator(".differs")).to_contain_text("Trả lại quét")
    expect(certifier.get_by_text("Trang 2 mất góc dưới")).to_be_visible()
    shot(certifier, "65-wall-second")
    assert violations(certifier) == []
