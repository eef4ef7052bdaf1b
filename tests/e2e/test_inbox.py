"""Files of a scanner's folder in a real browser: seen, put into a paper, taken back."""

import uuid

import pytest
from playwright.sync_api import expect

from support.axe import violations
from support.desk_browser import CHECKED_MS, fill_in, new_case, sign_in


def scanned(house, file, name):
    """As a scanner writes it: under another name first, then by an atomic rename."""
    part = house.hot_folder / f"{name}.part"
    part.write_bytes(file.content)
    part.rename(house.hot_folder / name)
    return name


def row(page, name):
    return page.locator("#live-arrivals > li[data-arrival]", has_text=name)


def choose(page, name):
    """By K and J: newer files lie above."""
    count = page.locator("#live-arrivals > li[data-arrival]").count()
    for key in (*"k" * count, *"j" * count):
        if "is-here" in (row(page, name).get_attribute("class") or ""):
            break
        page.keyboard.press(key)
    expect(row(page, name)).to_have_class("is-here")


@pytest.fixture
def name():
    return f"SCAN-{uuid.uuid4().hex[:6]}.jpg"


def test_a_scanners_file_is_dropped_on_a_paper_and_taken_back(
    house, visit, shot, three_files, name
):
    """It appears by itself with its picture; the paper has it after the drop, and the
    inbox after the undo.
    """
    clerk = visit(house.desk)
    sign_in(clerk, house.people["clerk"])
    new_case(clerk)
    document = clerk.url.split("/documents/")[1].split("/")[0]
    clerk.get_by_role("link", name="Lấy từ khay quét").click()
    expect(clerk.get_by_role("heading", level=1)).to_contain_text("Máy quét")
    scanned(house, three_files[1], name)
    arrival = row(clerk, name)
    expect(arrival.locator("img")).to_be_visible(timeout=CHECKED_MS)
    expect(arrival).to_contain_text("1 trang")
    drawn = "img => img.complete && img.naturalWidth > 0"
    assert arrival.locator("img").evaluate(drawn)
    arrival.click()
    expect(clerk.locator("#peek-title")).to_contain_text(name)
    shot(clerk, "45-inbox")
    assert not (house.hot_folder / name).exists()

    paper = clerk.locator(f'button[value="{document}"]')
    arrival.drag_to(paper)
    expect(clerk.locator(".said")).to_contain_text(f"Đã đưa {name} vào giấy")
    expect(row(clerk, name)).to_have_count(0)
    shot(clerk, "46-inbox-assigned")
    clerk.goto(f"/documents/{document}/desk")
    expect(clerk.locator("#pages > li")).to_have_count(1)
    clerk.goto("/inbox")
    clerk.keyboard.press("z")
    expect(row(clerk, name)).to_have_count(1)
    clerk.goto(f"/documents/{document}/desk")
    expect(clerk.locator("#pages > li")).to_have_count(0)


def test_by_keyboard_alone(house, visit, three_files, name):
    """Choose, put into a paper, undo, remove with a reason, take back."""
    clerk = visit(house.desk)
    sign_in(clerk, house.people["clerk"])
    new_case(clerk)
    document = clerk.url.split("/documents/")[1].split("/")[0]
    clerk.goto(f"/inbox?document={document}")
    scanned(house, three_files[2], name)
    expect(row(clerk, name).locator("img")).to_be_visible(timeout=CHECKED_MS)
    choose(clerk, name)
    clerk.keyboard.press("x")
    clerk.keyboard.press("p")
    expect(clerk.locator(f'button[value="{document}"]')).to_be_focused()
    clerk.keyboard.press("Enter")
    expect(clerk.locator(".said")).to_contain_text(f"Đã đưa {name} vào giấy")
    clerk.keyboard.press("z")
    expect(clerk.locator(".said")).to_contain_text(f"Đã trả {name}")
    choose(clerk, name)
    clerk.keyboard.press("Delete")
    clerk.keyboard.type("quét nhầm")
    clerk.keyboard.press("Enter")
    expect(clerk.locator(".said")).to_contain_text(f"Đã bỏ {name}")
    clerk.keyboard.press("z")
    expect(row(clerk, name)).to_have_count(1)


def test_axe_finds_nothing_on_the_inbox(house, visit, three_files, name):
    clerk = visit(house.desk, bypass_csp=True)
    sign_in(clerk, house.people["clerk"])
    clerk.goto("/inbox")
    scanned(house, three_files[1], name)
    expect(row(clerk, name).locator("img")).to_be_visible(timeout=CHECKED_MS)
    assert violations(clerk) == []


def test_a_new_case_begins_with_a_scanners_file(house, visit, shot, three_files, name):
    """By keys: the file that is current goes along into the form, and is the first page
    of the case when that opens.
    """
    clerk = visit(house.desk, bypass_csp=True)
    sign_in(clerk, house.people["clerk"])
    clerk.goto("/inbox")
    scanned(house, three_files[1], name)
    expect(row(clerk, name).locator("img")).to_be_visible(timeout=CHECKED_MS)
    choose(clerk, name)
    clerk.keyboard.press("m")
    expect(clerk.get_by_role("heading", name="Bản quét từ khay, 1 tệp")).to_be_visible()
    assert violations(clerk) == []
    expect(clerk.locator("[name=pages]")).to_have_value("1")
    fill_in(clerk)
    shot(clerk, "51-case-from-inbox")
    clerk.get_by_role("button", name="Tiếp nhận, sang quét").click()
    expect(clerk.locator(".said")).to_contain_text("với 1 tệp từ máy quét")
    expect(clerk.locator("#pages > li")).to_have_count(1)
    expect(clerk.locator("#live-pages figcaption")).to_contain_text(name)
