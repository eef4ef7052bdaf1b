"""What the machine has read of a page, in a real browser: offered, taken by keys."""

import io
from itertools import islice

import pytest
from playwright.sync_api import expect

from corpus.labelled.official import papers
from support.axe import violations
from support.desk_browser import CHECKED_MS, Dropped, drop, new_case, sign_in
from support.engine import data_of_engine

READ_MS = 300_000
"""Behind everything else that the machine does."""


@pytest.fixture(scope="module")
def certificate():
    """A confirmation, scanned, with the fields that stand on it."""
    data_of_engine()
    return next(islice(papers(1, 2, "scan"), 1, None))


@pytest.fixture
def scan(certificate):
    content = io.BytesIO()
    certificate.image.save(content, "JPEG", quality=90, dpi=(150, 150))
    return Dropped("giay.jpg", "image/jpeg", content.getvalue())


def test_an_offer_is_taken_by_a_key_and_nothing_else_is_filled_in(
    house, visit, shot, certificate, scan
):
    """Pages first, then offers beside the fields; the key of one takes that one, and
    keeps what is typed and not saved in another. The case is found by a word of it.
    """
    clerk = visit(house.desk, bypass_csp=True)
    sign_in(clerk, house.people["clerk"])
    new_case(clerk)
    desk = clerk.url
    drop(clerk, [scan])
    expect(clerk.locator("#pages > li")).to_have_count(1, timeout=CHECKED_MS)
    number, holder = clerk.locator("#d-number"), clerk.locator("#d-holder")
    offered = clerk.locator("#o-number b")
    expect(offered).to_have_text(certificate.fields["number"], timeout=READ_MS)
    expect(clerk.locator("#live-reading [role=status]")).to_contain_text("đã đọc 1")
    expect(number).to_have_value("")
    expect(holder).to_have_value("")
    expect(clerk.locator("#d-title")).to_have_value("Giấy khai sinh và trích lục")
    clerk.locator("#live-reading").scroll_into_view_if_needed()
    shot(clerk, "50-offers")
    assert violations(clerk) == []

    holder.fill("Đang gõ dở")
    clerk.locator("#d-title").press("2")  # a letter of a title is no command
    expect(number).to_have_value("")
    clerk.locator("#d-title").fill("Giấy khai sinh và trích lục")
    clerk.locator("#live-pages").focus()
    clerk.keyboard.press("2")
    expect(number).to_have_value(certificate.fields["number"])
    expect(offered).to_have_count(0)
    expect(holder).to_have_value("Đang gõ dở")
    shot(clerk, "51-offer-taken")
    clerk.goto(desk)
    expect(number).to_have_value(certificate.fields["number"])
    expect(holder).to_have_value("")
    case = desk.split("/documents/")[1].split("/")[0].rsplit("-", 1)[0]
    clerk.goto(f"/cases/{case}")
    expect(clerk.get_by_text("Ghi nội dung của giấy")).to_be_visible()

    clerk.goto("/")
    clerk.get_by_label("Tìm hồ sơ").fill(certificate.fields["number"])
    clerk.keyboard.press("Enter")
    expect(clerk.locator(f"a[href='/cases/{case}']").first).to_be_visible()
    expect(clerk.get_by_text("Tìm “")).to_be_visible()
    shot(clerk, "52-found-by-a-word")
    assert violations(clerk) == []


def test_without_script_an_offer_is_a_button(house, visit, certificate, scan):
    """Taken by a form; the next page has it in the field, and the offer is gone."""
    clerk = visit(house.desk)
    sign_in(clerk, house.people["clerk"])
    new_case(clerk)
    desk = clerk.url
    drop(clerk, [scan])
    expect(clerk.locator("#o-holder b")).to_be_visible(timeout=READ_MS)
    plain = visit(house.desk, java_script_enabled=False)
    plain.context.add_cookies(clerk.context.cookies())
    plain.goto(desk)
    plain.locator("button[name=take][value=holder]").click()
    expect(plain.locator("#d-holder")).to_have_value(certificate.fields["holder"])
    expect(plain.locator("#o-holder")).to_have_count(0)
    expect(plain.get_by_text("Đã ghi nội dung của giấy")).to_be_visible()
