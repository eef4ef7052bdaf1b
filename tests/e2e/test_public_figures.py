"""What everybody sees of the office, and what a citizen says of it, in a browser."""

from datetime import UTC, datetime

import pytest
from playwright.sync_api import expect

from support.axe import violations
from support.figures import reported
from support.public_face import public_face
from support.storage import TOKEN

HOA_BAN = "H99.42.05.13"
AT = datetime(2026, 11, 28, 17, 1, tzinfo=UTC)
CASES = (362, None, 396, 377, 419, 530, 487, 512, 401, 468, 435)
PHONE = {"width": 390, "height": 844}


@pytest.fixture
def public(tmp_path):
    with public_face(tmp_path) as opened:
        for month, cases in enumerate(CASES, 1):
            late = 40 if month == 6 else 0
            report = reported(HOA_BAN, month, cases, late=late, at=AT)
            opened.run(opened.store.storage.record_figures(report))
        opened.run(opened.store.archived(b"%PDF-1.7 a copy"))
        yield opened


def test_the_figures_are_read_by_everybody(public, visit, shot):
    """Wide and on a telephone, in both languages."""
    page = visit(public.origin, bypass_csp=True)
    page.goto("/so-lieu")
    expect(page.locator("svg.chart .bar")).to_have_count(10)
    assert violations(page) == []
    shot(page, "public-figures")
    page.set_viewport_size(PHONE)
    page.get_by_role("link", name="English").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("How quickly")
    assert page.evaluate("document.body.scrollWidth") <= PHONE["width"]
    assert violations(page) == []
    shot(page, "public-figures-phone")


def test_a_citizen_rates_the_office_with_one_press(public, visit, shot):
    """Below the download, by keys; the page thanks and does not ask again."""
    page = visit(public.origin, PHONE, bypass_csp=True)
    page.goto(f"/c/{TOKEN}")
    assert violations(page) == []
    page.locator("#star4").focus()
    page.keyboard.press("Space")
    page.locator("#words").fill("Nhanh, rõ ràng.")
    shot(page, "public-rating")
    page.get_by_role("button", name="Gửi đánh giá").click()
    expect(page.get_by_role("status")).to_contain_text("4, hài lòng")
    assert violations(page) == []
    shot(page, "public-rating-thanks")
    page.get_by_role("link", name="Về trang của bản sao").click()
    expect(page.get_by_text("Bạn đã chấm bằng liên kết này rồi")).to_be_visible()
    expect(page.locator("form.rate")).to_have_count(0)
